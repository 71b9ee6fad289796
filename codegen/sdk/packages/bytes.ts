import { crc32 } from 'node:zlib';

/** A file of a package. Its name is a relative path with slashes. */
export interface PackedFile {
  name: string;
  text: string;
}

/** 1980-01-01, the earliest time that zip supports. A constant time keeps packages reproducible. */
export const EPOCH_SECONDS = 315_532_800;

export function checksum(bytes: Buffer): number {
  return crc32(bytes);
}

/** Sorted by name, by code unit: every node must sort the same way. */
export function sortedByName(files: readonly PackedFile[]): PackedFile[] {
  return [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Little-endian integers with the given numbers of bytes. */
export function littleEndian(...fields: [value: number, bytes: number][]): Buffer {
  return Buffer.concat(
    fields.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );
}
