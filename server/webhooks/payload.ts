/** A message as far as its body goes. */
export interface MessageParts {
  topic: string;
  /** JSON, as it was written when it happened. */
  data: string;
  created_at: string;
}

/**
 * The body of a message, the same bytes at every attempt: what happened is told as it was written down then.
 * @param revisionChanges what a revision of the contract changed, in the words of the contract.
 */
export async function webhookPayload(
  { topic, data, created_at }: MessageParts,
  revisionChanges: (revision: number) => Promise<object>,
): Promise<string> {
  let told = data;
  if (topic === 'contract.revised') {
    const { revision, ...about } = JSON.parse(data);
    told = JSON.stringify({ revision, ...about, ...(await revisionChanges(revision)) });
  }
  const [type, timestamp] = [topic, created_at].map((text) => JSON.stringify(text));
  return `{"type":${type},"timestamp":${timestamp},"data":${told}}`;
}
