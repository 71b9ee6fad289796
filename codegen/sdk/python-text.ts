/** How names, strings and docstrings are written in Python. Whatever the text holds, it cannot end its literal. */

const LINE = 120;

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

/** The name as an argument or a method may have it: `from` as `from_`. */
export function identifier(name: string): string {
  const plain = snakeCase(name).replace(/^(?=\d)/, '_');
  return KEYWORDS.has(plain) ? `${plain}_` : plain;
}

/** Whether a class can have a field of this name. */
export function isFieldName(name: string): boolean {
  // A field that begins with two underscores would be mangled.
  return /^(?!__)[A-Za-z_]\w*$/.test(name) && !KEYWORDS.has(name);
}

/** A string literal: what JSON writes, less what could mislead the eye. */
export function stringLiteral(text: string): string {
  return escapeInvisible(JSON.stringify(text));
}

/** `head` + `open` + parts + `close` on one line if it fits behind the indent, else with a line for every part. */
export function listed(head: string, [open, close]: [string, string], parts: string[], indent: number): string {
  const line = `${head}${open}${parts.join(', ')}${close}`;
  // One more for the comma that may follow.
  if (indent + line.length < LINE) return line;
  const margin = ' '.repeat(indent);
  return [`${head}${open}`, ...parts.map((part) => `${margin}    ${part},`), `${margin}${close}`].join('\n');
}

/** A docstring of these paragraphs, indented for where it stands; its first line is left to the template to indent. */
export function docstring(paragraphs: string[], indent: number): string {
  const margin = ' '.repeat(indent);
  const lines = paragraphs
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .flatMap((paragraph, index) => [...(index > 0 ? [''] : []), ...wrap(paragraph, LINE - indent)])
    .map(escapeDocstring);
  if (lines.length === 0) return '';
  const [first, ...others] = lines;
  if (others.length === 0 && `${margin}"""${first}"""`.length <= LINE) {
    return `"""${first?.replace(/"$/, '\\"')}"""`;
  }
  return [`"""${first}`, ...others.map((line) => (line ? margin + line : '')), `${margin}"""`].join('\n');
}

/** `name: text`, with the lines that follow the first indented below it. */
export function entry(name: string, text: string, indent: string): string {
  const lines = text.trim().split('\n');
  return [`${indent}${name}: ${lines[0]}`, ...lines.slice(1).map((line) => `${indent}    ${line.trim()}`)].join('\n');
}

/** Keeps the author's line breaks and adds those that are needed; what is added is indented like its line. */
function wrap(text: string, width: number): string[] {
  return text.split(/\r\n|\r|\n/).flatMap((line) => {
    const margin = /^ */.exec(line)?.[0] ?? '';
    const lines: string[] = [];
    let current = margin;
    for (const word of line.trim().split(' ')) {
      const longer = current.trim() === '' ? current + word : `${current} ${word}`;
      if (longer.length > width && current.trim() !== '') {
        lines.push(current);
        current = `${margin}  ${word}`;
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

/** Control characters, separators, marks that turn the direction of writing, and halves of surrogate pairs. */
function escapeInvisible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
