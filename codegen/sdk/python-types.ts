import type { SdkModel, SdkSchema } from './model.ts';
import { docstring, isFieldName, listed, stringLiteral } from './python-text.ts';
import { referencesOf, type Side, sidesOf } from './sides.ts';
import type { SdkProperty, SdkType } from './types.ts';

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
    case 'json':
      return 'Any';
    case 'nullable':
      return `${typeText(type.of, side)} | None`;
    case 'array':
      return `${side === 'sent' ? 'Sequence' : 'list'}[${typeText(type.items, side)}]`;
    case 'map':
      return `${side === 'sent' ? 'Mapping' : 'dict'}[str, ${typeText(type.values, side)}]`;
    case 'literals':
      return literalText(type.values);
    case 'reference':
      return type.name;
    case 'object':
      throw new Error('The Python SDK does not support inline objects. Move the schema to components/schemas.');
  }
}

/** `Literal[…]`, or `NoReturn` if there are no values. */
function literalText(values: string[]): string {
  return values.length > 0 ? `Literal[${values.map(stringLiteral).join(', ')}]` : 'NoReturn';
}

/** An alias for any of the values, one per line if they do not fit on one line. */
export function literalAlias(name: string, values: string[]): string {
  const head = `${name}: TypeAlias = `;
  return values.length > 0 ? listed(`${head}Literal`, ['[', ']'], values.map(stringLiteral), 0) : `${head}NoReturn`;
}

/** The declaration of every schema, in contract order. */
export function declarationsOf(model: SdkModel): { text: string }[] {
  const sideOf = sidesOf(model);
  const { schemas } = model;
  const sorted = [...schemas.filter(isClass), ...aliasesInOrder(schemas.filter((schema) => !isClass(schema)))];
  return sorted.map((schema) => ({ text: declaration(schema, sideOf(schema)) }));
}

function isClass({ type }: SdkSchema): boolean {
  return type.kind === 'object';
}

/** Aliases are evaluated when the module is imported, so each follows the classes and the aliases that it names. */
function aliasesInOrder(aliases: SdkSchema[]): SdkSchema[] {
  const byName = new Map(aliases.map((alias) => [alias.name, alias]));
  const sorted = new Set<SdkSchema>();
  const add = (alias: SdkSchema, path: string[]): void => {
    if (path.includes(alias.name))
      throw new Error(`${alias.name}: the Python SDK does not support recursive arrays or maps`);
    for (const reference of referencesOf(alias.type)) {
      const other = byName.get(reference);
      if (other) add(other, [...path, alias.name]);
    }
    sorted.add(alias);
  };
  for (const alias of aliases) add(alias, []);
  return [...sorted];
}

function declaration({ name, description, type }: SdkSchema, side: Side): string {
  if (type.kind === 'object') return classes(name, description, type.properties, side);
  const alias =
    type.kind === 'literals' ? literalAlias(name, type.values) : `${name}: TypeAlias = ${typeText(type, side)}`;
  return [alias, docstring([description], 0)].filter((part) => part !== '').join('\n');
}

/** One class, or two if some keys are required and others not: Python 3.10 has no NotRequired. */
function classes(name: string, description: string, properties: SdkProperty[], side: Side): string {
  const required = properties.filter((property) => property.required);
  const optional = properties.filter((property) => !property.required);
  const doc = docstring([description], 4);
  const whole = { name, doc, side };
  if (required.length === 0) return classText({ ...whole, properties: optional, base: 'TypedDict', total: false });
  if (optional.length === 0) return classText({ ...whole, properties: required, base: 'TypedDict', total: true });
  if (!optional.every((property) => isFieldName(property.name))) {
    const bases = [`_${name}Required`, `_${name}Optional`];
    return [
      classText({ name: bases[0] as string, doc: '', side, properties: required, base: 'TypedDict', total: true }),
      classText({ name: bases[1] as string, doc: '', side, properties: optional, base: 'TypedDict', total: false }),
      `class ${name}(${bases.join(', ')}):\n    ${doc || 'pass'}`,
    ].join('\n\n\n');
  }
  const base = `_${name}Required`;
  return [
    classText({ name: base, doc: '', side, properties: required, base: 'TypedDict', total: true }),
    classText({ ...whole, properties: optional, base, total: false }),
  ].join('\n\n\n');
}

interface Class {
  name: string;
  doc: string;
  side: Side;
  properties: SdkProperty[];
  base: string;
  total: boolean;
}

function classText({ name, doc, side, properties, base, total }: Class): string {
  if (!properties.every((property) => isFieldName(property.name))) {
    return callText({ name, doc, side, properties, base, total });
  }
  const fields = properties.flatMap((property) => [
    `    ${property.name}: ${typeText(property.type, side)}`,
    ...(property.description === '' ? [] : [`    ${docstring([property.description], 4)}`]),
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
