import { checksum, integers, type PackedFile, sorted } from './bytes.ts';

/** 1980-01-01 as a zip writes it. */
const DATE = 0x21;
const UTF8 = 0x800;
const FILE_MODE = 0o100644 * 2 ** 16;

/** A zip archive without compression: the same files give the same bytes, on every machine. */
export function zip(files: readonly PackedFile[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of sorted(files)) {
    const [path, content] = [Buffer.from(name), Buffer.from(text)];
    const about = integers(
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
    const local = Buffer.concat([integers([0x04034b50, 4], [20, 2]), about, path, content]);
    // Made on Unix, so that the mode is read.
    const made = integers([0x02014b50, 4], [20, 1], [3, 1], [20, 2]);
    central.push(made, about, integers([0, 2], [0, 2], [0, 2], [FILE_MODE, 4], [offset, 4]), path);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const count = locals.length;
  const end = integers([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [directory.length, 4], [offset, 4], [0, 2]);
  return Buffer.concat([...locals, directory, end]);
}
