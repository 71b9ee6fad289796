/** So many headers of a response are kept, and so much of each: a stranger chose them. */
const MOST = 40;
const LONGEST = 200;

/** Their values let somebody in, and are nobody's business here. */
const SECRET = /^(set-cookie2?|authorization|proxy-auth.*|www-authenticate|.*(?:token|secret|api-?key).*)$/;

/** What is kept of the headers of a response. */
export function storedHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const named = Object.entries(headers).slice(0, MOST);
  return Object.fromEntries(
    named.map(([name, value]) => [name, SECRET.test(name) ? '(not kept)' : cut(String(value ?? ''))]),
  );
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
