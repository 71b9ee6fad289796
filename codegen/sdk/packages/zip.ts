import { checksum, littleEndian, type PackedFile, sortedByName } from './bytes.ts';

/** 1980-01-01 in the date format of zip. */
const DATE = 0x21;
const UTF8 = 0x800;
const FILE_MODE = 0o100644 * 2 ** 16;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;

/** A zip archive without compression. The same files give the same bytes on every machine. */
export function zip(files: readonly PackedFile[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of sortedByName(files)) {
    const [path, content] = [Buffer.from(name), Buffer.from(text)];
    const about = littleEndian(
      [UTF8, 2],
      [0, 2],
      [0, 2],
      [DATE, 2],
      [checksum(content), 4],
      [content.length, 4],
      [content.length, 4],
      [path.length, 2],
      [0, 2],
    );
    const local = Buffer.concat([littleEndian([LOCAL_HEADER, 4], [20, 2]), about, path, content]);
    // 'Version made by' is Unix, so that readers use the file mode.
    const made = littleEndian([0x02014b50, 4], [20, 1], [3, 1], [20, 2]);
    central.push(made, about, littleEndian([0, 2], [0, 2], [0, 2], [FILE_MODE, 4], [offset, 4]), path);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const count = locals.length;
  const end = littleEndian([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [directory.length, 4], [offset, 4], [0, 2]);
  return Buffer.concat([...locals, directory, end]);
}

/**
 * The content of the first file whose name ends with a suffix, in an archive of `zip`.
 * @throws Error if the archive has no such file.
 */
export function readZip(archive: Buffer, suffix: string): Buffer {
  for (let offset = 0; archive.readUInt32LE(offset) === LOCAL_HEADER; ) {
    const size = archive.readUInt32LE(offset + 18);
    const start = offset + LOCAL_HEADER_BYTES + archive.readUInt16LE(offset + 26);
    if (archive.toString('utf8', offset + LOCAL_HEADER_BYTES, start).endsWith(suffix)) {
      return archive.subarray(start, start + size);
    }
    offset = start + size;
  }
  throw new Error(`The archive contains no file *${suffix}`);
}
