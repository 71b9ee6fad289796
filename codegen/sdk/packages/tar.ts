import { gunzipSync } from 'node:zlib';
import { checksum, EPOCH_SECONDS, littleEndian, type PackedFile, sortedByName } from './bytes.ts';

const BLOCK = 512;
/** Maximum size of a stored block of deflate, in bytes (RFC 1951, section 3.2.4). */
const MAX_STORED_BLOCK = 65_535;

/** A gzipped tar archive (POSIX ustar). The same files give the same bytes on every machine. */
export function tarGz(files: readonly PackedFile[]): Buffer {
  return gzip(Buffer.concat([...sortedByName(files).flatMap(entry), Buffer.alloc(2 * BLOCK)]));
}

/**
 * The text of a file in an archive of `tarGz`.
 * @throws Error if the archive has no such file.
 */
export function readTarGz(archive: Buffer, name: string): string {
  const tar = gunzipSync(archive);
  for (let offset = 0; tar[offset]; ) {
    const [found] = tar.toString('utf8', offset, offset + 100).split('\0', 1);
    const size = Number.parseInt(tar.toString('latin1', offset + 124, offset + 135), 8);
    const start = offset + BLOCK;
    if (found === name) return tar.toString('utf8', start, start + size);
    offset = start + size + (-size & (BLOCK - 1));
  }
  throw new Error(`The archive contains no file ${name}`);
}

function entry({ name, text }: PackedFile): Buffer[] {
  const content = Buffer.from(text);
  return [header(name, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))];
}

function header(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name}: the name must have at most 100 bytes in a tar archive`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0);
  block.write(octal(name.startsWith('package/bin/') ? 0o755 : 0o644, 7), 100);
  block.write(octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(EPOCH_SECONDS, 11), 108);
  // The checksum is computed as if its own field held spaces.
  block.write('        0', 148);
  block.write('ustar\u000000', 257);
  block.write(octal(byteSum(block), 6), 148);
  return block;
}

function byteSum(block: Buffer): number {
  return block.reduce((total, byte) => total + byte, 0);
}

/**
 * Gzip without compression. The output of zlib depends on its version and on the processor, but the content of an
 * immutable URL must not change.
 */
function gzip(content: Buffer): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  const blocks: Buffer[] = [];
  for (let start = 0; start < content.length; start += MAX_STORED_BLOCK) {
    const block = content.subarray(start, start + MAX_STORED_BLOCK);
    const last = start + MAX_STORED_BLOCK >= content.length;
    blocks.push(littleEndian([last ? 1 : 0, 1], [block.length, 2], [~block.length & 0xffff, 2]), block);
  }
  return Buffer.concat([head, ...blocks, littleEndian([checksum(content), 4], [content.length % 2 ** 32, 4])]);
}
