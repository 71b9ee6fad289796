/** Credentials, webhook secrets and passwords in URLs, each with what may remain of it. */
const SECRETS: readonly [RegExp, string][] = [
  [/\b(ihf_(?:live|secret|token)_\w{6})\w+/g, '$1…'],
  [/\b(whsk?(?:ec)?_)[\w+/=-]+/g, '$1…'],
  [/(\w:\/\/[^\s:/@"]*):[^\s@"]+@/g, '$1:…@'],
  [/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, '$1 …'],
];

/** Removes secrets from a text by their format. Any error message may quote a request or the environment. */
export function redactSecrets(text: string): string {
  return SECRETS.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), text);
}
