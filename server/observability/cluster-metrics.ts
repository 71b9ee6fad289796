import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { AggregatorRegistry, type Registry } from 'prom-client';

// With several processes on one port (IHF_PROCESSES) a scrape reaches any of them. It asks the primary process, which
// collects the samples of all.

interface Question {
  type: 'ihf:metrics';
  id: string;
}
interface Answer extends Question {
  text?: string;
  error?: string;
}

/** In the primary process: answers the processes that are scraped. */
export function serveClusterMetrics(): void {
  const all = new AggregatorRegistry();
  cluster.on('message', async (worker: Worker, { type, id }: Question) => {
    if (type !== 'ihf:metrics') return;
    const answer: Answer = await all.clusterMetrics().then(
      (text) => ({ type, id, text }),
      (error: Error) => ({ type, id, error: error.message }),
    );
    if (worker.isConnected()) worker.send(answer);
  });
}

/** Returns a function for the text of a registry: in a process of a cluster, summed over all of its processes. */
export function metricsText(registry: Registry): () => Promise<string> {
  if (!cluster.isWorker) return () => registry.metrics();
  // The constructor makes this process answer the primary process.
  new AggregatorRegistry();
  AggregatorRegistry.setRegistries([registry]);
  return askPrimary;
}

function askPrimary(): Promise<string> {
  const id = randomUUID();
  return new Promise((resolve, reject) => {
    const receive = (answer: Answer) => {
      if (answer.id !== id) return;
      process.off('message', receive);
      if (answer.text === undefined) reject(new Error(`The metrics could not be collected: ${answer.error}`));
      else resolve(answer.text);
    };
    process.on('message', receive);
    process.send?.({ type: 'ihf:metrics', id } satisfies Question);
  });
}
