// Only the text between the two region lines becomes part of the rendered client.
import { apiError } from './problems.ts';

//#region rendered
/** A server-sent event (HTML Standard, section 9.2). */
export interface ServerSentEvent {
  /** Default: `message`. */
  event: string;
  data: string;
  /** The id of the last event that had one. */
  id: string | undefined;
}

type ResultKind = 'json' | 'text' | 'binary' | 'lines' | 'events' | 'none';

/** Reads a success response whose body is of one of the kinds. A response without a body has no result. */
function readAs(...kinds: readonly ResultKind[]): (response: Response) => Promise<unknown> {
  return async (response) => {
    const type = response.headers.get('content-type') ?? '';
    const kind = kinds.find((each) => MEDIA_TYPES[each]?.test(type)) ?? kinds.find((each) => each !== 'none') ?? 'none';
    if (kind === 'none' || response.status === 204 || response.status === 205) {
      await response.body?.cancel();
      return undefined;
    }
    switch (kind) {
      case 'binary':
        return response.blob();
      case 'lines':
        return linesOf(response);
      case 'events':
        return eventsOf(response);
    }
    const text = await response.text();
    if (kind === 'text') return text;
    if (text === '' && kinds.includes('none')) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      // Not a response of the server; a sign-in page, for example.
      throw apiError({ status: response.status, reason: response.statusText, headers: response.headers, body: text });
    }
  };
}

const MEDIA_TYPES: Partial<Record<ResultKind, RegExp>> = {
  lines: /ndjson|jsonl|json-seq|json-?lines/i,
  events: /^text\/event-stream/i,
  json: /[/+]json/i,
  text: /^text\/|[/+](xml|yaml|x-yaml)/i,
};

/** The lines of a body as they arrive. Leaving the loop cancels the response. */
async function* textLines({ body }: Response): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let rest = '';
  try {
    while (reader) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = done ? '' : (lines.pop() ?? '');
      yield* lines;
      if (done) return;
    }
  } finally {
    await reader?.cancel();
  }
}

/** The JSON values of newline-delimited JSON or a JSON text sequence (RFC 7464). */
async function* linesOf(response: Response): AsyncGenerator<unknown, void, undefined> {
  for await (const line of textLines(response)) {
    // A JSON text sequence begins each value with a record separator.
    const text = (line.charCodeAt(0) === 0x1e ? line.slice(1) : line).trim();
    if (text !== '') yield JSON.parse(text);
  }
}

async function* eventsOf(response: Response): AsyncGenerator<ServerSentEvent, void, undefined> {
  let event = '';
  let data: string[] = [];
  let id: string | undefined;
  for await (const line of textLines(response)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id };
      event = '';
      data = [];
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') id = value;
  }
}

//#endregion

export { readAs };
