import type { Side } from './sides.ts';
import type { SdkLiteral, SdkProperty, SdkType } from './types.ts';

// Registry text is untrusted input: it must not end the literal or the comment that it is printed into.

/** Control characters, line separators and bidirectional marks, with which text could look like other source code. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu;

/** A string literal in single quotes. */
export function literal(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inside.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
}

/** Text that is safe inside a block comment. */
export function comment(text: string): string {
  return (
    text
      .replace(/\r\n?/g, '\n')
      .replace(UNPRINTABLE, ' ')
      .replaceAll('*/', '*\\/')
      // A doc comment tag begins a line. Escaped, "@deprecated" in a description does not deprecate anything.
      .replace(/^(\s*)@/gm, '$1\\@')
      .replace(/[ \t]+$/gm, '')
      .trim()
  );
}

/** A doc comment of the paragraphs that are not empty; an empty string if all are. `tags` are printed unchanged. */
export function doc(indent: string, paragraphs: readonly string[], tags: readonly string[] = []): string {
  const texts = paragraphs.map(comment).filter((paragraph) => paragraph !== '');
  const blocks = [...texts, ...(tags.length > 0 ? [tags.join('\n')] : [])];
  if (blocks.length === 0) return '';
  const lines = blocks.join('\n\n').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */`;
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join('\n');
}

/** A doc comment tag, its text on one line so that it cannot contain another tag. */
export function tag(name: string, text: string): string {
  return `@${name} ${comment(text).replace(/\s+/g, ' ')}`;
}

/** A union of string literals, or `never` if there are none. */
export function union(values: readonly string[]): string {
  return values.map(literal).join(' | ') || 'never';
}

/** The name of an object property, quoted if needed. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

/** A literal of any type. */
function literalText(value: SdkLiteral): string {
  return typeof value === 'string' ? literal(value) : String(value);
}

export function typeText(type: SdkType, side: Side): string {
  switch (type.kind) {
    case 'string':
      return type.format === 'date-time' && side === 'sent' ? 'string | Date' : 'string';
    case 'boolean':
    case 'number':
    case 'null':
    case 'never':
      return type.kind;
    case 'integer':
      return 'number';
    case 'json':
      return 'unknown';
    case 'binary':
      return 'Binary';
    case 'nullable':
      return `${typeText(type.of, side)} | null`;
    case 'array':
      return `Array<${typeText(type.items, side)}>`;
    case 'tuple':
      return tupleText(type, side);
    case 'map':
      return `{ [key: string]: ${typeText(type.values, side)} }`;
    case 'known-strings':
      // The empty intersection keeps completion in editors; plain `string` would absorb the literals.
      return `${union(type.values)} | (string & {})`;
    case 'literals':
      return type.values.map(literalText).join(' | ') || 'never';
    case 'union':
      return [...new Set(type.of.map((each) => typeText(each, side)))].join(' | ');
    case 'reference':
      return type.name;
    case 'object':
      return `{\n${members(type.properties, side, type.extra)}\n}`;
  }
}

function tupleText({ items, required, rest }: SdkType & { kind: 'tuple' }, side: Side): string {
  const parts = items.map((item, index) => {
    const text = typeText(item, side);
    return index < required ? text : `${/[|]/.test(text) ? `(${text})` : text}?`;
  });
  return `[${[...parts, ...(rest ? [`...Array<${typeText(rest, side)}>`] : [])].join(', ')}]`;
}

/** The members of an interface. Optional ones also allow `undefined`, which is not sent. */
export function members(properties: readonly SdkProperty[], side: Side, extra?: SdkType): string {
  const lines = properties.flatMap(({ name, required, description, deprecated, type }) => {
    const text = `${key(name)}${required ? '' : '?'}: ${typeText(type, side)}${required ? '' : ' | undefined'};`;
    const comment = doc('  ', [description], deprecated ? ['@deprecated'] : []);
    return [comment, `  ${text}`].filter((line) => line !== '');
  });
  return [...lines, ...(extra ? [`  [key: string]: ${extraText(properties, side, extra)};`] : [])].join('\n');
}

/** TypeScript requires an index signature to include the types of all properties. */
function extraText(properties: readonly SdkProperty[], side: Side, extra: SdkType): string {
  if (extra.kind === 'json') return 'unknown';
  const texts = [extra, ...properties.map(({ type }) => type)].map((type) => typeText(type, side));
  const isOptional = properties.some(({ required }) => !required);
  return [...new Set([...texts, ...(isOptional ? ['undefined'] : [])])].join(' | ');
}
