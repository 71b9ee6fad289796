import { brotliCompressSync, gzipSync } from 'node:zlib';
import { deref, type Schema } from '../../codegen/document.ts';
import { OPERATIONS, type OperationId } from '../../generated/operations.ts';
import { authored } from './contract.ts';
import { allOperations } from './operations.ts';

/** A body that costs a careless server more than it costs its sender. */
export interface HostileBody {
  /** What is hostile about it. */
  kind: string;
  operationId: string;
  method: string;
  /** The path of the operation, with well-formed parameters. */
  url: string;
  bytes: Buffer;
  encoding?: 'gzip' | 'br';
  /** Bytes after decompression. */
  decodedBytes: number;
}

/**
 * Every kind of hostile body for every JSON operation of the contract, each as large as `size` bytes allow. An operation
 * with a lower limit gets one body: it is not read.
 */
export function* hostileBodies(size: number): Generator<HostileBody> {
  for (const { operationId, method, url, hasBody } of allOperations()) {
    const schema = hasBody ? requestSchema(operationId) : undefined;
    if (!schema) continue;
    const isRead = size <= OPERATIONS[operationId as OperationId].maxBodyBytes;
    for (const [kind, text] of texts(schema, size)) {
      if (!isRead && kind !== 'deep') continue;
      const bytes = Buffer.from(text.length > size ? text.slice(0, size) : text);
      const about = { kind, operationId, method, url, decodedBytes: bytes.length };
      yield { ...about, bytes };
      if (kind === 'deep' || kind === 'wide array') {
        yield { ...about, kind: `${kind}, gzip`, encoding: 'gzip', bytes: gzipSync(bytes) };
        yield { ...about, kind: `${kind}, brotli`, encoding: 'br', bytes: brotliCompressSync(bytes) };
      }
    }
  }
}

function requestSchema(operationId: string): Schema | undefined {
  for (const item of Object.values(authored.paths)) {
    for (const operation of Object.values(item)) {
      if (operation.operationId !== operationId || !operation.requestBody) continue;
      const schema = deref(authored, operation.requestBody).content['application/json']?.schema;
      return schema && deref(authored, schema);
    }
  }
  return undefined;
}

/** The properties of the items of an array property. */
function itemProperties(schema: Schema, array: string): string[] {
  const property = schema.properties?.[array];
  const items = property && deref<Schema>(authored, property as { $ref: string }).items;
  return Object.keys((items && deref<Schema>(authored, items as { $ref: string }).properties) ?? { x: true });
}

function* texts(schema: Schema, size: number): Generator<[kind: string, text: string]> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const types = properties.map(([name, property]) => [name, deref(authored, property)] as const);
  const firstOf = (type: string) =>
    types.find(([, property]) => [property.type].flat().includes(type))?.[0] ?? 'unknown';
  const array = firstOf('array');
  const object = firstOf('object');
  const text = firstOf('string');
  const fill = (unit: (index: number) => string, overhead = 64): string => {
    const parts: string[] = [];
    for (let length = overhead, index = 0; ; index++) {
      const part = unit(index);
      length += part.length + 1;
      if (length > size) return parts.join(',');
      parts.push(part);
    }
  };
  yield ['wide object', `{${fill((index) => `"k${index}":0`)}}`];
  yield ['wide nested object', `{"${object}":{${fill((index) => `"k${index}":0`)}}}`];
  yield ['wide array', `{"${array}":[${fill(() => '1')}]}`];
  yield ['many failing items', `{"${array}":[${fill(() => '{"x":1,"y":2}')}]}`];
  yield ['one item with many keys', `{"${array}":[{${fill((index) => `"k${index}":0`)}}]}`];
  yield ['distinct objects', `{"${array}":[${fill((index) => `{"id":${index}}`)}]}`];
  yield ['distinct texts', `{"${array}":[${fill((index) => `"event_${index}"`)}]}`];
  yield ['duplicate keys', `{${fill(() => `"${text}":"x"`)}}`];
  yield ['deep', `{"${object}":${'['.repeat((size >> 1) - 40)}${']'.repeat((size >> 1) - 40)}}`];
  yield ['deep objects', `${'{"a":'.repeat(Math.floor(size / 6) - 10)}1${'}'.repeat(Math.floor(size / 6) - 10)}`];
  yield ['long text', `{"${text}":"${'x'.repeat(size - 64)}"}`];
  yield ['long name', `{"${'x'.repeat(size - 64)}":1}`];
  yield ['escaped text', `{"${text}":"${'\\u0041'.repeat(Math.floor((size - 64) / 6))}"}`];
  yield ['long number', `{"${text}":1${'0'.repeat(size - 64)}}`];
  yield ['spaces', `{${' '.repeat(size - 4)}}`];
  const itemOf = (value: (name: string, index: number) => unknown) => (index: number) =>
    JSON.stringify(Object.fromEntries(itemProperties(schema, array).map((name) => [name, value(name, index)])));
  const thousand = (item: (index: number) => string) =>
    `{"${array}":[${Array.from({ length: 1_000 }, (_, n) => item(n)).join(',')}]}`;
  yield ['1 000 items with every field wrong', thousand(itemOf(() => 1))];
  yield ['1 000 items with distinct unknown values', thousand(itemOf((_, index) => `clickd_${index}`))];
  yield ['unclosed', `{"${array}":[${fill(() => '{}')}`];
}
