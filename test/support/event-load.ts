import { Agent, request } from 'node:http';

export interface EventLoad {
  /** The actor ids of the events whose creation was acknowledged with 201. */
  acknowledged: string[];
  /** What else happened: other statuses and errors of connections. */
  failures: string[];
  /** Number of connections that the server ended with `Connection: close`. */
  closed: number;
  /** Ends the load after the requests in flight. */
  stop(): void;
  /** Resolves when no connection sends any more. */
  ended: Promise<void>;
}

export interface EventLoadOptions {
  url: string;
  key: string;
  widgetId: string;
  connections: number;
  /** Whether a connection that the server ended is replaced, as a load balancer that still uses this server does. */
  reconnect: boolean;
}

/** Creates events on keep-alive connections, one request after the other on each. Every event has an actor id of its own. */
export function startEventLoad({ url, key, widgetId, connections, reconnect }: EventLoadOptions): EventLoad {
  let isStopped = false;
  const load: EventLoad = {
    acknowledged: [],
    failures: [],
    closed: 0,
    stop: () => {
      isStopped = true;
    },
    ended: Promise.resolve(),
  };
  const run = async (connection: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let sent = 0; !isStopped; sent++) {
      const actor = `connection-${connection}-${sent}`;
      const result = await createEvent(agent, `${url}/api/v2/interaction-events`, key, {
        ...{ widget_id: widgetId, event_type: 'clicked', actor_id: actor },
      });
      if (result.status === 201) load.acknowledged.push(actor);
      else load.failures.push(`${actor}: ${result.status ?? result.error}`);
      if (!result.closes) continue;
      load.closed += 1;
      if (!reconnect) break;
    }
    agent.destroy();
  };
  load.ended = Promise.all(Array.from({ length: connections }, (_, connection) => run(connection))).then(() => {});
  return load;
}

interface Result {
  status?: number | undefined;
  error?: string | undefined;
  /** Whether the server ends the connection after this response. */
  closes: boolean;
}

function createEvent(agent: Agent, url: string, key: string, event: object): Promise<Result> {
  return new Promise((resolve) => {
    const body = JSON.stringify(event);
    const headers = {
      ...{ Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      'Content-Length': Buffer.byteLength(body),
    };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.on('error', ({ message }) => resolve({ error: message, closes: true }));
      response.resume().on('end', () => {
        resolve({ status: response.statusCode, closes: response.headers.connection === 'close' });
      });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message, closes: true }));
    sent.end(body);
  });
}
