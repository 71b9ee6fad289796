import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { resolve } from 'node:path';
import type { FloodResult } from './flood-process.ts';
import { send } from './send.ts';

const FLOOD = resolve(import.meta.dirname, 'flood-process.js');

const REQUESTS = 1_500;
const WORKERS = 4;

export interface CallerAtWork {
  port: number;
  key: string;
  widgetId: string;
}

/** Creates events and returns the duration of each request in milliseconds, ascending, and all statuses but 201. */
export async function callerAtWork({ port, key, widgetId }: CallerAtWork): Promise<{
  durations: number[];
  p99: number;
  failures: string[];
}> {
  const durations: number[] = [];
  const failures: string[] = [];
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ widget_id: widgetId, event_type: 'clicked' });
  const work = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (durations.length < REQUESTS) {
      const began = performance.now();
      const path = '/api/v2/interaction-events';
      const status = await send({ ip: '127.0.0.1', port, agent }, 'POST', path, headers, body).then(
        (result) => result.status,
        ({ code }) => code,
      );
      durations.push(performance.now() - began);
      if (status !== 201) failures.push(String(status));
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  durations.sort((a, b) => a - b);
  return { durations, p99: durations[Math.floor(durations.length * 0.99)] ?? 0, failures };
}

/**
 * Starts a flood in a process of its own: in this one it would delay the caller too.
 * @param kinds the connections to occupy; see `flood-process.ts`.
 * @param round the number of earlier floods on this server: each has its own IP addresses.
 */
export async function startFlood(
  port: number,
  kinds = 'half,idle',
  round = 0,
): Promise<{ postForms(): Promise<FloodResult>; end(): Promise<unknown> }> {
  // In its own process group, which Linux gives a share of the processor apart from that of the caller.
  const child = fork(FLOOD, [String(port), kinds, String(round)], { detached: true });
  await once(child, 'message');
  return {
    postForms: async () => {
      child.send('forms');
      return (await once(child, 'message'))[0];
    },
    end: () => {
      child.send('end');
      return once(child, 'exit');
    },
  };
}
