import type { Document, Encoding, MediaType, Operation, RequestBody, Response } from '../document.ts';
import { deref } from '../document.ts';
import { childPointer } from '../pointer.ts';
import { isMultipart } from './direction.ts';
import { pascalName } from './names.ts';
import { isJsonType } from './parameters.ts';
import type { SchemaReader } from './schemas.ts';
import { JSON_VALUE, type SdkType } from './types.ts';

export interface SdkBody {
  kind: 'json' | 'form' | 'multipart' | 'text' | 'binary';
  mediaType: string;
  required: boolean;
  type: SdkType;
  /** How the properties of a form are sent, where the contract says so. */
  encodings: Readonly<Record<string, Encoding>>;
}

/** What a success response holds. `lines` and `events` are read item by item. */
export interface SdkResult {
  kind: 'json' | 'text' | 'binary' | 'lines' | 'events' | 'none';
  mediaType: string;
  type: SdkType;
}

export interface SdkErrorResponse {
  /** As in the contract: `404`, `4XX` or `default`. */
  status: string;
  description: string;
  /** Undefined if the contract describes no body. */
  type?: SdkType;
}

/** In order of preference, if an operation accepts several. */
const BODY_KINDS = ['json', 'multipart', 'form', 'text', 'binary'] as const;
const RESULT_KINDS = ['json', 'lines', 'events', 'text', 'binary'] as const;

const BINARY: SdkType = { kind: 'binary' };
const TEXT: SdkType = { kind: 'string' };

export function bodyOf(document: Document, operation: Operation, reader: SchemaReader): SdkBody | undefined {
  if (!operation.requestBody) return undefined;
  const { content = {}, required = false } = deref<RequestBody>(document, operation.requestBody);
  const [best] = preferred(content, bodyKind, BODY_KINDS);
  if (best === undefined) return undefined;
  const { kind, mediaType, media } = best;
  const schema = media.schema ?? true;
  const pointer = childPointer('#/paths', operation.operationId, 'requestBody', mediaType);
  const type = () =>
    reader.read(schema, 'sent', `${pascalName(operation.operationId)}Body`, pointer, isMultipart(mediaType));
  return {
    ...{ kind, mediaType, required, encodings: media.encoding ?? {} },
    type: kind === 'binary' ? BINARY : kind === 'text' ? TEXT : type(),
  };
}

/** The results of all success responses. A contract without one describes the result as `default`. */
export function resultsOf(document: Document, operation: Operation, reader: SchemaReader): SdkResult[] {
  const responses = responsesOf(document, operation);
  const successes = responses.filter(({ status }) => /^2/.test(status));
  const used = successes.length > 0 ? successes : responses.filter(({ status }) => status === 'default');
  const results = used.flatMap(({ status, response }): SdkResult[] => {
    const content = response.content ?? {};
    const found = preferred(content, resultKind, RESULT_KINDS);
    const [best] = found;
    if (best === undefined || status === '204' || status === '205')
      return [{ kind: 'none', mediaType: '', type: { kind: 'null' } }];
    // The first kind is requested, so the others do not arrive.
    return found
      .filter(({ kind }) => kind === best.kind)
      .map(({ kind, mediaType, media }) => {
        const suffix = used.length > 1 ? `Response${status}` : 'Response';
        return {
          ...{ kind, mediaType },
          type: resultType(kind, media, operation, reader, suffix),
        };
      });
  });
  return results.length > 0 ? results : [{ kind: 'none', mediaType: '', type: { kind: 'null' } }];
}

export function errorsOf(document: Document, operation: Operation, reader: SchemaReader): SdkErrorResponse[] {
  const responses = responsesOf(document, operation);
  const hasSuccess = responses.some(({ status }) => /^2/.test(status));
  return responses
    .filter(({ status }) => /^[45]/.test(status) || (status === 'default' && hasSuccess))
    .map(({ status, response }) => {
      const [best] = preferred(response.content ?? {}, resultKind, RESULT_KINDS);
      const schema = best?.kind === 'json' ? best.media.schema : undefined;
      const name = `${pascalName(operation.operationId)}Error${status}`;
      const pointer = childPointer('#/paths', operation.operationId, 'responses', status);
      return {
        ...{ status, description: response.description ?? '' },
        ...(schema !== undefined && { type: reader.read(schema, 'received', pascalName(name), pointer) }),
      };
    });
}

function responsesOf(document: Document, { responses }: Operation): { status: string; response: Response }[] {
  return Object.entries(responses ?? {}).map(([status, response]) => ({
    status,
    response: deref<Response>(document, response),
  }));
}

function resultType(
  kind: SdkResult['kind'],
  { schema, itemSchema }: MediaType,
  { operationId }: Operation,
  reader: SchemaReader,
  suffix: string,
): SdkType {
  const pointer = childPointer('#/paths', operationId, 'responses');
  const name = pascalName(operationId) + suffix;
  if (kind === 'json') return reader.read(schema ?? true, 'received', name, pointer);
  if (kind === 'binary') return BINARY;
  if (kind !== 'lines') return TEXT;
  return itemSchema === undefined
    ? itemsOf(reader.read(schema ?? true, 'received', name, pointer))
    : reader.read(itemSchema, 'received', name, pointer);
}

/** Authors describe a stream as an array of its items, or as one item. */
function itemsOf(type: SdkType): SdkType {
  if (type.kind === 'array') return type.items;
  return type.kind === 'string' ? JSON_VALUE : type;
}

interface Choice<Kind> {
  kind: Kind;
  mediaType: string;
  media: MediaType;
}

/** The media types, those of the preferred kinds first. */
function preferred<Kind>(
  content: Record<string, MediaType>,
  kindOf: (mediaType: string) => Kind,
  order: readonly Kind[],
): Choice<Kind>[] {
  return Object.entries(content)
    .map(([mediaType, media]) => ({ kind: kindOf(mediaType), mediaType, media }))
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function bodyKind(mediaType: string): SdkBody['kind'] {
  if (isJsonType(mediaType) || mediaType === '*/*') return 'json';
  if (isMultipart(mediaType)) return 'multipart';
  if (/^application\/x-www-form-urlencoded/i.test(mediaType)) return 'form';
  return isText(mediaType) ? 'text' : 'binary';
}

function resultKind(mediaType: string): Exclude<SdkResult['kind'], 'none'> {
  if (isJsonType(mediaType) || mediaType === '*/*') return 'json';
  if (/^(application|text)\/(x-)?(ndjson|jsonl|json-?lines|json-seq|jsonlines)/i.test(mediaType)) return 'lines';
  if (/^text\/event-stream/i.test(mediaType)) return 'events';
  return isText(mediaType) ? 'text' : 'binary';
}

function isText(mediaType: string): boolean {
  return /^text\/|[/+](xml|yaml|x-yaml|javascript|graphql)\b/i.test(mediaType);
}
