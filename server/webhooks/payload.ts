/** The stored parts of a message that make its body. */
export interface MessageContent {
  topic: string;
  /** The JSON that the trigger stored. */
  data: string;
  created_at: string;
}

/**
 * The body of a message: the same bytes at every attempt.
 * @param revisionChanges the difference of a contract revision to the one before, which SQL cannot compute.
 */
export async function webhookPayload(
  { topic, data, created_at }: MessageContent,
  revisionChanges: (revision: number) => Promise<object>,
): Promise<string> {
  let content = data;
  if (topic === 'contract.revised') {
    const revision = JSON.parse(data);
    content = JSON.stringify({ ...revision, ...(await revisionChanges(revision.revision)) });
  }
  const [type, timestamp] = [topic, created_at].map((text) => JSON.stringify(text));
  return `{"type":${type},"timestamp":${timestamp},"data":${content}}`;
}
