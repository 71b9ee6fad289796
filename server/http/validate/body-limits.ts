import { type Document, deref, type Schema } from '../../../codegen/document.ts';
import { MAX_ISSUES, type ValidationIssue } from '../../errors.ts';
import { appendPointer, shortName } from './json-pointer.ts';

/**
 * Unknown fields in a whole body. A mistake repeated in every item of the largest batch stays below it: then each item
 * gets its own result.
 */
const MAX_UNKNOWN_FIELDS = 1_000;

/** Issues that must be found before the validator runs, because they would make it slow. */
export interface LimitIssues {
  issues: ValidationIssue[];
  /** Issues that are not in the list. */
  omitted: number;
}

/**
 * Checks the sizes that decide what the validator costs: it reports every issue, and copies the list of issues for each
 * item of an array. An array beyond its `maxItems`, a JSON object beyond its `x-ihf-max-bytes` and a flood of unknown
 * fields are reported here alone.
 */
export function checkBodyLimits(
  document: Document,
  schema: Schema | undefined,
  body: unknown,
): LimitIssues | undefined {
  if (!schema) return undefined;
  const issues: ValidationIssue[] = [];
  const unknown: ValidationIssue[] = [];
  let unknownFields = 0;
  const visit = (reference: Schema, value: unknown, pointer: string): void => {
    const current = deref<Schema>(document, reference as { $ref: string });
    if (Array.isArray(value)) {
      const { maxItems, items } = current;
      if (maxItems !== undefined && value.length > maxItems) {
        const detail = `${shortName(lastStep(pointer))} must have at most ${maxItems} items (got ${value.length}).`;
        issues.push({ pointer: `#${pointer}`, code: 'max_items', detail });
      } else if (items) {
        for (const [index, item] of value.entries()) visit(items, item, `${pointer}/${index}`);
      }
    } else if (value !== null && typeof value === 'object') {
      const maxBytes = current['x-ihf-max-bytes'];
      if (maxBytes !== undefined && exceedsBytes(value, maxBytes)) {
        const detail = `${shortName(lastStep(pointer))} must have at most ${maxBytes} bytes as JSON. Send less.`;
        issues.push({ pointer: `#${pointer}`, code: 'too_large', detail });
      }
      if (current.additionalProperties !== false && !current.properties) return;
      for (const [name, child] of Object.entries(value)) {
        const property = current.properties && Object.hasOwn(current.properties, name) && current.properties[name];
        if (property) visit(property, child, appendPointer(pointer, name));
        else if (current.additionalProperties === false && ++unknownFields <= MAX_ISSUES) {
          unknown.push(unknownField(name, pointer));
        }
      }
    }
  };
  visit(schema, body, '');
  if (unknownFields > MAX_UNKNOWN_FIELDS) return { issues: unknown, omitted: unknownFields - unknown.length };
  return issues.length > 0 ? { issues, omitted: 0 } : undefined;
}

export function unknownField(name: string, parent: string): ValidationIssue {
  const detail = `Unknown field '${shortName(name)}'. Remove it or correct its name.`;
  return { pointer: `#${appendPointer(parent, name)}`, code: 'additional_properties', detail };
}

function lastStep(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf('/') + 1) || 'The body';
}

function exceedsBytes(value: object, maxBytes: number): boolean {
  return Buffer.byteLength(JSON.stringify(value)) > maxBytes;
}
