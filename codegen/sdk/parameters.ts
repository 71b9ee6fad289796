import { type Document, deref, type Operation, type Parameter, type ParameterStyle } from '../document.ts';
import { childPointer } from '../pointer.ts';
import { pascalName } from './names.ts';
import type { SchemaReader } from './schemas.ts';
import type { SdkProperty, SdkType } from './types.ts';

export interface SdkParameter extends SdkProperty {
  in: Parameter['in'];
  style: ParameterStyle;
  explode: boolean;
  /** The value is sent as JSON text. */
  isJson: boolean;
  /** Reserved characters are sent as they are. */
  allowReserved: boolean;
}

/** OpenAPI 3.1.1, section 4.8.12.2: parameters with these names are ignored. */
const IGNORED_HEADERS = new Set(['accept', 'content-type', 'authorization']);

/**
 * The parameters of an operation that a method has arguments for. Clients send the headers of conditional requests through
 * options, because their responses have no result; the runtime sends the idempotency key.
 */
export function parametersOf(document: Document, operation: Operation, reader: SchemaReader): SdkParameter[] {
  return (operation.parameters ?? [])
    .map((parameter) => deref<Parameter>(document, parameter))
    .filter((parameter) => !isSentByRuntime(parameter))
    .map((parameter, index) => parameterOf(parameter, index, operation, reader));
}

/** Whether the operation accepts an idempotency key. */
export function acceptsIdempotencyKey(document: Document, operation: Operation): boolean {
  return (operation.parameters ?? [])
    .map((parameter) => deref<Parameter>(document, parameter))
    .some(({ in: place, name }) => place === 'header' && name.toLowerCase() === 'idempotency-key');
}

function isSentByRuntime({ in: place, name }: Parameter): boolean {
  const header = name.toLowerCase();
  return place === 'header' && (IGNORED_HEADERS.has(header) || /^(if-|idempotency-key$)/.test(header));
}

function parameterOf(
  parameter: Parameter,
  index: number,
  { operationId }: Operation,
  reader: SchemaReader,
): SdkParameter {
  const { name, in: place, required = false, description = '', deprecated, content, allowReserved = false } = parameter;
  const [mediaType, media] = Object.entries(content ?? {})[0] ?? [];
  const style = parameter.style ?? (place === 'query' || place === 'cookie' ? 'form' : 'simple');
  const pointer = childPointer('#/paths', operationId, 'parameters', index);
  return {
    name,
    required: required || place === 'path',
    description: description.trim(),
    ...(deprecated && { deprecated }),
    type: reader.read(
      media?.schema ?? parameter.schema ?? true,
      'sent',
      pascalName(operationId) + pascalName(name),
      pointer,
    ),
    in: place,
    style,
    explode: parameter.explode ?? style === 'form',
    isJson: mediaType !== undefined && isJsonType(mediaType),
    allowReserved,
  };
}

/** Whether a media type is JSON. */
export function isJsonType(mediaType: string): boolean {
  return /^(application|text)\/([\w.+-]+\+)?json(;|$)/i.test(mediaType.trim());
}

/** Whether a value of the type is text in every style: not an array or object. */
export function isPlain(type: SdkType, typeOf: (name: string) => SdkType | undefined): boolean {
  switch (type.kind) {
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'literals':
      return true;
    case 'nullable':
      return isPlain(type.of, typeOf);
    case 'union':
      return type.of.every((each) => isPlain(each, typeOf));
    case 'reference': {
      const target = typeOf(type.name);
      // Registries are no schemas; their values are text.
      return target === undefined || isPlain(target, () => ({ kind: 'json' }));
    }
    default:
      return false;
  }
}
