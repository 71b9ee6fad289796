/** Reads Python as far as it takes to tell strings and comments from code, so that tests need no Python. */
const TOKEN = /"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*/gs;

/** The code without what its strings and comments say and without its layout. */
export function skeleton(source: string): string {
  return source
    .replace(TOKEN, (token) => (token.startsWith('#') ? '#' : 'S'))
    .replace(/\s+/g, '')
    .replace(/,(?=[)\]])/g, '');
}

/** What the plain string literals hold. They are written as in JSON, but for the long escape. */
export function stringsIn(source: string): string[] {
  return [...source.matchAll(TOKEN)]
    .map(([token]) => token)
    .filter((token) => token.startsWith('"') && !token.startsWith('"""'))
    .map((token) => token.replace(/\\U([0-9a-f]{8})/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16))))
    .map((token) => JSON.parse(token));
}
