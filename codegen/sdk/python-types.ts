import type { SdkModel } from './model.ts';
import { docstring, isFieldName, listed, stringLiteral } from './python-text.ts';
import type { SdkSchema } from './schemas.ts';
import { type Side, sidesOf } from './sides.ts';
import { referencesOf, type SdkLiteral, type SdkProperty, type SdkType } from './types.ts';

export function typeText(type: SdkType, side: Side): string {
  switch (type.kind) {
    case 'string':
      return type.format === 'date-time' && side === 'sent' ? 'str | datetime' : 'str';
    case 'known-strings':
      return 'str';
    case 'integer':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
    case 'null':
      return 'None';
    case 'json':
      return 'Any';
    case 'never':
      return 'NoReturn';
    case 'binary':
      return 'Binary';
    case 'nullable':
      return optional(typeText(type.of, side));
    case 'array':
      return arrayText(typeText(type.items, side), side);
    case 'tuple':
      return tupleText(type, side);
    case 'map':
      return `${side === 'sent' ? 'Mapping' : 'dict'}[str, ${typeText(type.values, side)}]`;
    case 'literals':
      return literalsText(type.values);
    case 'union':
      return unionText(type.of.map((each) => typeText(each, side)));
    case 'reference':
      return type.name;
    case 'object':
      throw new Error('An object must be declared under a name before it is printed');
  }
}

function optional(text: string): string {
  return text === 'Any' || / \| None$/.test(text) ? text : `${text} | None`;
}

function arrayText(items: string, side: Side): string {
  return `${side === 'sent' ? 'Sequence' : 'list'}[${items}]`;
}

/** A JSON array is read as a list, whatever its items. */
function tupleText({ items, required, rest }: SdkType & { kind: 'tuple' }, side: Side): string {
  const texts = items.map((item) => typeText(item, side));
  if (side === 'sent' && rest === undefined && required === items.length) return `tuple[${texts.join(', ')}]`;
  return arrayText(unionText([...texts, ...(rest ? [typeText(rest, side)] : [])]), side);
}

/** The union of types that may be unions, without duplicates, with None at the end. */
export function unionText(texts: readonly string[]): string {
  const parts = new Set(texts.flatMap(alternativesIn));
  if (parts.has('Any')) return 'Any';
  const isNone = parts.delete('None');
  return [...parts, ...(isNone ? ['None'] : [])].join(' | ');
}

/** The parts of a union, which brackets and string literals can contain too. */
function alternativesIn(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"| \| |[[\]]|[^"[\] ]+| /g)) {
    if (token === '[') depth++;
    if (token === ']') depth--;
    if (token === ' | ' && depth === 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts;
}

/** `Literal[…]`, or `NoReturn` if there are no values. Python has no literal numbers with a fraction. */
function literalsText(values: readonly SdkLiteral[]): string {
  const literals = values.filter((value) => !isFraction(value)).map(literalText);
  const parts = [
    ...(literals.length > 0 ? [`Literal[${literals.join(', ')}]`] : []),
    ...(values.some(isFraction) ? ['float'] : []),
  ];
  return parts.join(' | ') || 'NoReturn';
}

function isFraction(value: SdkLiteral): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value);
}

function literalText(value: SdkLiteral): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? stringLiteral(value) : String(value);
}

/** An alias for any of the values, one per line if they do not fit on one line. */
export function literalAlias(name: string, values: readonly SdkLiteral[]): string {
  const head = `${name}: TypeAlias = `;
  if (values.length === 0 || values.some(isFraction)) return head + literalsText(values);
  return listed(`${head}Literal`, ['[', ']'], values.map(literalText), 0);
}

/** The declaration of every schema, in contract order. */
export function declarationsOf(model: SdkModel): { text: string }[] {
  const sideOf = sidesOf(model);
  const { schemas } = model;
  const byName = new Map(schemas.map((schema) => [schema.name, schema]));
  const { sorted, recursive } = aliasesInOrder(schemas.filter((schema) => !isClass(schema)));
  return [...schemas.filter(isClass), ...sorted].map((schema) => ({
    text: declaration(schema, sideOf(schema), byName, recursive.has(schema.name)),
  }));
}

function isClass({ type }: SdkSchema): boolean {
  return type.kind === 'object';
}

/**
 * Aliases are evaluated when the module is imported, so each follows the classes and the aliases that it names. A recursive
 * one cannot, so it is text.
 */
function aliasesInOrder(aliases: SdkSchema[]): { sorted: Set<SdkSchema>; recursive: Set<string> } {
  const byName = new Map(aliases.map((alias) => [alias.name, alias]));
  const sorted = new Set<SdkSchema>();
  const recursive = new Set<string>();
  const add = (alias: SdkSchema, path: string[]): void => {
    const start = path.indexOf(alias.name);
    if (start >= 0) {
      for (const name of path.slice(start)) recursive.add(name);
      return;
    }
    if (sorted.has(alias)) return;
    for (const reference of referencesOf(alias.type)) {
      const other = byName.get(reference);
      if (other) add(other, [...path, alias.name]);
    }
    sorted.add(alias);
  };
  for (const alias of aliases) add(alias, []);
  return { sorted, recursive };
}

function declaration(schema: SdkSchema, side: Side, schemas: Map<string, SdkSchema>, isRecursive: boolean): string {
  const { name, type } = schema;
  const description = documentation(schema);
  if (type.kind === 'object')
    return classes(name, description, type.properties, side, (field) => isTypeName(field, schemas));
  const text = typeText(type, side);
  const alias =
    type.kind === 'literals'
      ? literalAlias(name, type.values)
      : `${name}: TypeAlias = ${isRecursive ? stringLiteral(text) : text}`;
  return [alias, docstring([description], 0)].filter((part) => part !== '').join('\n');
}

function documentation({ description, deprecated }: { description: string; deprecated?: boolean }): string {
  return [...(deprecated ? ['Deprecated.'] : []), description.trim()].filter((part) => part !== '').join('\n\n');
}

const USED_TYPES = new Set(
  'str int float bool None list dict tuple Any Literal Mapping Sequence datetime bytes NoReturn Binary'.split(' '),
);

/** In a class, a field hides a type of the same name from the fields after it. */
function isTypeName(field: string, schemas: Map<string, SdkSchema>): boolean {
  return USED_TYPES.has(field) || schemas.has(field);
}

/** One class, or two if some keys are required and others not: Python 3.10 has no NotRequired. */
function classes(
  name: string,
  description: string,
  properties: SdkProperty[],
  side: Side,
  isHidden: (field: string) => boolean,
): string {
  const required = properties.filter((property) => property.required);
  const optional = properties.filter((property) => !property.required);
  const doc = docstring([description], 4);
  const isField = (property: SdkProperty) => isFieldName(property.name) && !isHidden(property.name);
  const whole = { name, doc, side, isField };
  if (required.length === 0) return classText({ ...whole, properties: optional, base: 'TypedDict', total: false });
  if (optional.length === 0) return classText({ ...whole, properties: required, base: 'TypedDict', total: true });
  if (!optional.every(isField)) {
    const bases = [`_${name}Required`, `_${name}Optional`];
    return [
      classText({
        name: bases[0] as string,
        doc: '',
        side,
        isField,
        properties: required,
        base: 'TypedDict',
        total: true,
      }),
      classText({
        name: bases[1] as string,
        doc: '',
        side,
        isField,
        properties: optional,
        base: 'TypedDict',
        total: false,
      }),
      `class ${name}(${bases.join(', ')}):\n    ${doc || 'pass'}`,
    ].join('\n\n\n');
  }
  const base = `_${name}Required`;
  return [
    classText({ name: base, doc: '', side, isField, properties: required, base: 'TypedDict', total: true }),
    classText({ ...whole, properties: optional, base, total: false }),
  ].join('\n\n\n');
}

interface Class {
  name: string;
  doc: string;
  side: Side;
  isField: (property: SdkProperty) => boolean;
  properties: SdkProperty[];
  base: string;
  total: boolean;
}

function classText({ name, doc, side, isField, properties, base, total }: Class): string {
  if (!properties.every(isField)) return callText({ name, doc, side, isField, properties, base, total });
  const fields = properties.flatMap((property) => [
    `    ${property.name}: ${typeText(property.type, side)}`,
    ...(documentation(property) === '' ? [] : [`    ${docstring([documentation(property)], 4)}`]),
  ]);
  const head = `class ${name}(${base}${total ? '' : ', total=False'}):`;
  const body = fields.length > 0 ? fields.join('\n') : doc === '' ? '    pass' : '';
  return [head, ...(doc === '' ? [] : [`    ${doc}`, ...(body ? [''] : [])]), ...(body ? [body] : [])].join('\n');
}

/** The functional syntax of TypedDict, for keys that are not valid as fields, such as `from`. */
function callText({ name, doc, side, properties, total }: Class): string {
  const entries = properties.map(
    (property) => `        ${stringLiteral(property.name)}: ${stringLiteral(typeText(property.type, side))},`,
  );
  const call = [
    `${name} = TypedDict(`,
    `    ${stringLiteral(name)},`,
    '    {',
    ...entries,
    '    },',
    ...(total ? [] : ['    total=False,']),
    ')',
  ];
  return [...call, ...(doc === '' ? [] : [doc])].join('\n');
}
