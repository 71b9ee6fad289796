/** Prints names, strings and docstrings in Python. No text can end the literal that contains it. */

const MAX_LINE_LENGTH = 120;

const KEYWORDS = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

/** `createHub` as `create_hub`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

/** The name as a valid identifier: `from` as `from_`. */
export function identifier(name: string): string {
  const plain = snakeCase(name).replace(/^(?=\d)/, '_');
  return KEYWORDS.has(plain) ? `${plain}_` : plain;
}

/** Whether a class can have a field with this name. */
export function isFieldName(name: string): boolean {
  // Python mangles fields that begin with two underscores.
  return /^(?!__)[A-Za-z_]\w*$/.test(name) && !KEYWORDS.has(name);
}

/** A string literal as in JSON, with invisible characters escaped. */
export function stringLiteral(text: string): string {
  return escapeInvisible(JSON.stringify(text));
}

/** `head` + `open` + parts + `close` on one line if it fits, else one line per part. */
export function listed(head: string, [open, close]: [string, string], parts: string[], indent: number): string {
  const line = `${head}${open}${parts.join(', ')}${close}`;
  // One column is left for a comma after it.
  if (indent + line.length < MAX_LINE_LENGTH) return line;
  const margin = ' '.repeat(indent);
  return [`${head}${open}`, ...parts.map((part) => `${margin}    ${part},`), `${margin}${close}`].join('\n');
}

/** A docstring of the paragraphs. The template indents the first line. */
export function docstring(paragraphs: string[], indent: number): string {
  const margin = ' '.repeat(indent);
  const lines = paragraphs
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .flatMap((paragraph, index) => [...(index > 0 ? [''] : []), ...wrap(paragraph, MAX_LINE_LENGTH - indent)])
    .map(escapeDocstring);
  if (lines.length === 0) return '';
  const [first, ...others] = lines;
  if (others.length === 0 && `${margin}"""${first}"""`.length <= MAX_LINE_LENGTH) {
    return `"""${first?.replace(/"$/, '\\"')}"""`;
  }
  return [`"""${first}`, ...others.map((line) => (line ? margin + line : '')), `${margin}"""`].join('\n');
}

/** `name: text`, with further lines indented. */
export function entry(name: string, text: string, indent: string): string {
  const lines = text.trim().split('\n');
  return [`${indent}${name}: ${lines[0]}`, ...lines.slice(1).map((line) => `${indent}    ${line.trim()}`)].join('\n');
}

/** Keeps existing line breaks and wraps long lines with the same indent. */
function wrap(text: string, width: number): string[] {
  return text.split(/\r\n|\r|\n/).flatMap((line) => {
    const margin = /^ */.exec(line)?.[0] ?? '';
    const lines: string[] = [];
    let current = margin;
    for (const part of line.trim().split(' ')) {
      const longer = current.trim() === '' ? current + part : `${current} ${part}`;
      if (longer.length > width && current.trim() !== '') {
        lines.push(current);
        current = `${margin}  ${part}`;
      } else {
        current = longer;
      }
    }
    return [...lines, current.trimEnd()];
  });
}

function escapeDocstring(line: string): string {
  return escapeInvisible(line.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"'));
}

/** Escapes control characters, separators, bidirectional marks and unpaired surrogates. */
function escapeInvisible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
