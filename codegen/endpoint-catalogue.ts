import { type Document, operationsOf } from './document.ts';

const BEGIN = '<!-- catalogue: written by `npm run codegen` -->';
const END = '<!-- /catalogue -->';

/** Replaces the text between the two marker lines with a table of all operations. */
export function withEndpointCatalogue(markdown: string, document: Document): string {
  const [head, rest] = markdown.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined)
    throw new Error(`The lines '${BEGIN}' and '${END}' are missing. Add them where the table belongs.`);
  return `${head}${BEGIN}\n${endpointTable(document)}\n${END}${tail}`;
}

function endpointTable(document: Document): string {
  const rows = [...operationsOf(document)].map(({ path, method, operation }) => {
    const statuses = Object.keys(operation.responses).sort().join(' ');
    return `| \`${method.toUpperCase()} ${path}\` | \`${operation.operationId}\` | ${operation.summary} | ${statuses} |`;
  });
  return ['| Endpoint | Operation | Summary | Status codes |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
