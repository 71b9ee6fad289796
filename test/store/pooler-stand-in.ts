import { createServer, type Socket } from 'node:net';
import pg from 'pg';

/** How a connection pooler treats its clients. */
export type PoolerMode =
  /** All clients share one session of the database. */
  | 'transaction'
  /** Each client has a session of its own, without the options that it asked for. */
  | 'ignores options'
  /** As PgBouncer does by default. */
  | 'rejects options';

export interface Pooler {
  url: string;
  close(): Promise<void>;
}

const KNOWN_PARAMETERS = ['user', 'database', 'application_name', 'client_encoding'];

/** The first parameter of a startup packet that PgBouncer does not know. */
function unknownParameter(startup: Buffer): string | undefined {
  const names = startup
    .toString('latin1', 8)
    .split('\0')
    .filter((text, index) => index % 2 === 0 && text !== '');
  return names.find((name) => !KNOWN_PARAMETERS.includes(name));
}

/** A pooler in front of a real database, without authentication. */
export async function startPooler(databaseUrl: string, mode: PoolerMode): Promise<Pooler> {
  const sessions: pg.Client[] = [];
  const openSession = async (): Promise<Socket> => {
    const session = new pg.Client(databaseUrl);
    session.on('error', () => {});
    await session.connect();
    sessions.push(session);
    const { stream } = (session as unknown as { connection: { stream: Socket } }).connection;
    stream.removeAllListeners('data');
    return stream;
  };
  const shared = mode === 'transaction' ? await openSession() : undefined;
  const server = createServer((client) => {
    client.on('error', () => {});
    client.once('data', async (startup) => {
      const rejected = mode === 'rejects options' && unknownParameter(startup);
      if (rejected) {
        client.end(message('E', `SFATAL\0C08P01\0Munsupported startup parameter: ${rejected}\0\0`));
        return;
      }
      const session = shared ?? (await openSession());
      client.on('data', (query) => {
        if (query.toString('latin1', 0, 1) === 'X') return client.end();
        // The clients of a test take turns: what the session sends next is for the last one that asked.
        session.removeAllListeners('data');
        session.on('data', (response) => client.write(response));
        session.write(query);
      });
      client.write(Buffer.concat([message('R', '\0\0\0\0'), message('Z', 'I')]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  url.search = '';
  return {
    url: url.href,
    close: async () => {
      for (const session of sessions)
        (session as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A message of the protocol of Postgres: type, length, content. */
function message(type: string, content: string): Buffer {
  const bytes = Buffer.from(`${type}\0\0\0\0${content}`, 'latin1');
  bytes.writeInt32BE(bytes.length - 1, 1);
  return bytes;
}
