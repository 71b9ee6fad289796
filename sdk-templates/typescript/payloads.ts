// Only the text between the two region lines becomes part of the rendered client.
import { toJson } from './request.ts';

//#region rendered
/** The content of a file, or a body of bytes. A `File` also has a name. */
export type Binary = Blob | ArrayBuffer | Uint8Array;

/** The body of a request as it is sent. */
type RequestBody = NonNullable<RequestInit['body']>;

/** How the properties of a form are sent, where the contract says so. */
type Encodings = Readonly<
  Record<string, { readonly contentType?: string; readonly style?: string; readonly explode?: boolean }>
>;

/** A body of a media type; undefined without one. */
function payloadOf(body: Binary | string | undefined, contentType: string): Payload | undefined {
  return body === undefined ? undefined : { contentType, content: body as RequestBody };
}

function jsonPayload(body: unknown, contentType: string): Payload | undefined {
  return body === undefined ? undefined : { contentType, content: toJson(body) };
}

/** `application/x-www-form-urlencoded`. Arrays are repeated, objects are JSON, unless the contract says otherwise. */
function formPayload(body: object | undefined, encodings: Encodings = {}): Payload | undefined {
  if (body === undefined) return undefined;
  const pairs = fieldsOf(body).flatMap(([name, value]): [string, string][] => {
    const { style, explode = true } = encodings[name] ?? {};
    if (style === 'deepObject') return deepFields(name, value);
    if (Array.isArray(value)) {
      const texts = value.map(fieldText);
      return explode ? texts.map((text) => [name, text]) : [[name, texts.join(',')]];
    }
    return [[name, fieldText(value)]];
  });
  return { contentType: 'application/x-www-form-urlencoded', content: String(new URLSearchParams(pairs)) };
}

/** `multipart/form-data`. Arrays are repeated, objects are JSON parts. `fetch` adds the boundary. */
function multipartPayload(body: object | undefined, encodings: Encodings = {}): Payload | undefined {
  if (body === undefined) return undefined;
  const form = new FormData();
  for (const [name, value] of fieldsOf(body)) {
    const type = encodings[name]?.contentType?.split(',')[0];
    for (const each of Array.isArray(value) ? value : [value]) {
      const part = partOf(each, type);
      if (typeof part === 'string') form.append(name, part);
      else form.append(name, part, (part as Blob & { name?: string }).name ?? name);
    }
  }
  return { content: form };
}

function partOf(value: unknown, type: string | undefined): string | Blob {
  if (value instanceof Blob) return value;
  const options = type === undefined ? {} : { type };
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new Blob([value as ArrayBuffer], options);
  if (type !== undefined && !type.includes('*') && type !== 'text/plain') return new Blob([fieldText(value)], options);
  return value instanceof Object && !(value instanceof Date)
    ? new Blob([JSON.stringify(value)], { type: 'application/json' })
    : fieldText(value);
}

function deepFields(name: string, value: unknown): [string, string][] {
  if (!(value instanceof Object) || value instanceof Date) return [[name, fieldText(value)]];
  return fieldsOf(value).flatMap(([key, each]) => deepFields(`${name}[${key}]`, each));
}

function fieldsOf(body: object): [string, unknown][] {
  return Object.entries(body).filter(([, value]) => value !== undefined);
}

function fieldText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return value instanceof Object ? JSON.stringify(value) : String(value);
}

//#endregion

// The rendered client has the one of request.ts.
interface Payload {
  /** Undefined if the platform adds it. */
  contentType?: string | undefined;
  content: RequestBody;
}

export { formPayload, jsonPayload, multipartPayload, type Payload, payloadOf, type RequestBody };
