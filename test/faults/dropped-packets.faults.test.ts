// Drops the packets of existing connections, as a firewall that has forgotten them. It runs in a network namespace of its own, so
// that the rules reach nothing else.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { startServer } from '../../server/server.ts';
import { newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { expectRecovery } from './recovery.ts';

const ENTER = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
const isInside = process.env.IHF_OWN_NETWORK === '1';
const canEnter =
  spawnSync('unshare', [...ENTER, 'iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '1', '-j', 'DROP']).status === 0;

/** Drops all packets of the current connections to this port, in one direction or in both. */
function dropPackets(port: string, directions: readonly ('to' | 'from')[]): void {
  const connections = execFileSync('ss', ['-Htn', 'state', 'established', 'dport', '=', `:${port}`], {
    encoding: 'utf8',
  });
  for (const line of connections.trim().split('\n')) {
    const client = /:(\d+)\s+\S+:\d+\s*$/.exec(line)?.[1] as string;
    for (const direction of directions) {
      const [source, destination] = direction === 'to' ? [client, port] : [port, client];
      execFileSync('iptables', ['-A', 'INPUT', '-p', 'tcp', '--sport', source, '--dport', destination, '-j', 'DROP']);
    }
  }
}

if (!isInside) {
  const skip = canEnter ? false : 'needs unshare and iptables, and the right to create a network namespace';
  test('a node whose packets are dropped answers in 5 s and recovers in 10 s', { skip }, () => {
    const { IHF_TEST_DATABASE_URL: _, NODE_TEST_CONTEXT: __, ...environment } = process.env;
    const command = [process.execPath, '--enable-source-maps', '--test', process.argv[1] as string];
    const { status, stdout } = spawnSync('unshare', [...ENTER, ...command], {
      env: { ...environment, IHF_OWN_NETWORK: '1' },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout);
  });
} else {
  for (const directions of [['to'], ['from'], ['to', 'from']] as const) {
    test(`packets ${directions.join(' and ')} the database are dropped`, async () => {
      const database = await testDatabase();
      const server = await startServer(CONFIG, database.url);
      const { key } = await newCaller(server.database);
      await expectRecovery(server, key, () => dropPackets(new URL(database.url).port, directions));
      await server.close();
      execFileSync('iptables', ['-F']);
      await database.drop();
    });
  }
}
