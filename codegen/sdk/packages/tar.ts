import { checksum, EPOCH_SECONDS, integers, type PackedFile, sorted } from './bytes.ts';

const BLOCK = 512;
/** The most bytes that a stored block of deflate holds. */
const STORED = 65_535;

/** A tar archive (POSIX ustar) in gzip: the same files give the same bytes, on every machine. */
export function tarGz(files: readonly PackedFile[]): Buffer {
  return gzip(Buffer.concat([...sorted(files).flatMap(entry), Buffer.alloc(2 * BLOCK)]));
}

function entry({ name, text }: PackedFile): Buffer[] {
  const content = Buffer.from(text);
  return [header(name, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))];
}

function header(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name}: the name is too long for a tar archive`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0);
  block.write(octal(name.startsWith('package/bin/') ? 0o755 : 0o644, 7), 100);
  block.write(octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(EPOCH_SECONDS, 11), 108);
  // The checksum counts itself as spaces.
  block.write('        0', 148);
  block.write('ustar\u000000', 257);
  block.write(octal(sum(block), 6), 148);
  return block;
}

function sum(block: Buffer): number {
  return block.reduce((total, byte) => total + byte, 0);
}

/**
 * Gzip without compression. What zlib compresses to depends on its version and on the processor, and an address that
 * never changes must not either.
 */
function gzip(content: Buffer): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  const blocks: Buffer[] = [];
  for (let start = 0; start < content.length; start += STORED) {
    const block = content.subarray(start, start + STORED);
    const last = start + STORED >= content.length;
    blocks.push(integers([last ? 1 : 0, 1], [block.length, 2], [~block.length & 0xffff, 2]), block);
  }
  return Buffer.concat([head, ...blocks, integers([checksum(content), 4], [content.length % 2 ** 32, 4])]);
}
