/** Limits, because the endpoint chooses the headers. */
const MAX_HEADERS = 40;
const MAX_VALUE_LENGTH = 200;

/** Headers whose values can be credentials. */
const SECRET_HEADER = /^(set-cookie2?|authorization|proxy-auth.*|www-authenticate|.*(?:token|secret|api-?key).*)$/;

/** The response headers as they are stored with an attempt: limited in number and length, secrets redacted. */
export function storedHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const entries = Object.entries(headers).slice(0, MAX_HEADERS);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, SECRET_HEADER.test(name) ? '(redacted)' : truncate(String(value ?? ''))]),
  );
}

function truncate(text: string): string {
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}
