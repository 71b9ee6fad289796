import type { SourceFile } from './tree.ts';

/** An SQL statement in the source of the store. */
export interface Statement {
  /** The file and the function or constant that has it. */
  place: string;
  /** Fragments are filled in; `${…}` is left where the value is not a constant of the store. */
  sql: string;
}

interface Literal {
  /** The top-level function or constant that contains the literal. */
  owner: string;
  text: string;
}

const SQL = /^\s*(with|select|insert|update|delete)\b/i;
const OWNER = /^(?:export )?(?:async )?(?:function|const|class) (\w+)/gm;

/** All SQL statements of the given files. A statement is a string or template literal that starts like one. */
export function findStatements(files: readonly SourceFile[]): Statement[] {
  const byFile = files.map(({ path, text }) => ({ path, literals: findLiterals(text) }));
  const shared = new Map<string, string>();
  for (const { literals } of byFile) {
    for (const { owner, text } of literals) if (/^[A-Z_]+$/.test(owner)) shared.set(owner, text);
  }
  return byFile.flatMap(({ path, literals }) => {
    const own = new Map(literals.map(({ owner, text }) => [owner, text]));
    return literals
      .map(({ owner, text }) => ({
        place: `${path} ${owner}`,
        sql: fill(text, (name) => own.get(name) ?? shared.get(name)),
      }))
      .filter(({ sql }) => SQL.test(sql));
  });
}

function fill(text: string, find: (name: string) => string | undefined, depth = 0): string {
  return text.replace(/\$\{([A-Z_]+)\}/g, (whole, name) => {
    const found = depth < 5 ? find(name) : undefined;
    return found === undefined ? whole : fill(found, find, depth + 1);
  });
}

/** The string and template literals of a TypeScript source, without those in comments. */
function findLiterals(source: string): Literal[] {
  const owners = [...source.matchAll(OWNER)].map((match) => ({ at: match.index, name: match[1] ?? '' }));
  const literals: Literal[] = [];
  let at = 0;
  while (at < source.length) {
    const end = endOfToken(source, at);
    const first = source[at] as string;
    if (first === '`' || first === "'" || first === '"') {
      const start = at;
      const owner = owners.findLast((each) => each.at < start)?.name ?? '';
      literals.push({ owner, text: source.slice(at + 1, end - 1) });
    }
    at = end;
  }
  return literals;
}

/** The end of the comment or literal that starts at `at`, or the next character. */
function endOfToken(source: string, at: number): number {
  const to = (mark: string, from: number) => {
    const found = source.indexOf(mark, from);
    return found < 0 ? source.length : found + mark.length;
  };
  if (source.startsWith('//', at)) return to('\n', at);
  if (source.startsWith('/*', at)) return to('*/', at + 2);
  if (source[at] === '`') return endOfTemplate(source, at + 1);
  if (source[at] !== "'" && source[at] !== '"') return at + 1;
  let end = at + 1;
  // A quote in a regular expression does not start a string: strings end on their line.
  while (source[end] !== source[at] && source[end] !== '\n' && end < source.length) end += source[end] === '\\' ? 2 : 1;
  return end + 1;
}

function endOfTemplate(source: string, from: number): number {
  let at = from;
  while (at < source.length && source[at] !== '`') {
    if (source[at] === '\\') at += 2;
    else if (source.startsWith('${', at)) {
      at += 2;
      while (at < source.length && source[at] !== '}') at = endOfToken(source, at);
    } else at += 1;
  }
  return at + 1;
}
