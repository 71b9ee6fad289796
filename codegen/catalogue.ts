import { type Document, operationsOf } from './document.ts';

const BEGIN = '<!-- catalogue: written by `npm run codegen` -->';
const END = '<!-- /catalogue -->';

/** Writes the endpoint catalogue into the marked place of a Markdown text. */
export function withCatalogue(markdown: string, document: Document): string {
  const [head, rest] = markdown.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) throw new Error(`The text lacks the lines '${BEGIN}' and '${END}'`);
  return `${head}${BEGIN}\n${catalogue(document)}\n${END}${tail}`;
}

function catalogue(document: Document): string {
  const rows = [...operationsOf(document)].map(({ path, method, operation }) => {
    const statuses = Object.keys(operation.responses).sort().join(' ');
    return `| \`${method.toUpperCase()} ${path}\` | \`${operation.operationId}\` | ${operation.summary} | ${statuses} |`;
  });
  return ['| endpoint | operation | what it does | answers |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
