import cluster from 'node:cluster';

/** What a process of the cluster sends to the primary process. */
export type ToPrimary =
  | { type: 'ihf:listening'; url: string; metricsUrl: string | undefined }
  | { type: 'ihf:start-failed'; reason: string };

/** Sends a message to the primary process. Returns false in a process that has none. */
export function sendToPrimary(message: ToPrimary): Promise<boolean> {
  if (!cluster.isWorker) return Promise.resolve(false);
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve(true)));
}
