import { crc32 } from 'node:zlib';

/** A file of a package. Its name has slashes, and is relative. */
export interface PackedFile {
  name: string;
  text: string;
}

/** 1980-01-01, the earliest time that a zip can hold: packages tell what they hold by their version, not by a time. */
export const EPOCH_SECONDS = 315_532_800;

export function checksum(bytes: Buffer): number {
  return crc32(bytes);
}

/** Sorted by name, in code units: every node must sort alike. */
export function sorted(files: readonly PackedFile[]): PackedFile[] {
  return [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Little-endian integers, each of so many bytes. */
export function integers(...fields: [value: number, bytes: number][]): Buffer {
  return Buffer.concat(
    fields.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );
}
