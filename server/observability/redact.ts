/** Credentials, keys of webhooks and passwords in addresses, each but its beginning. */
const SECRETS: readonly [RegExp, string][] = [
  [/\b(ihf_(?:live|secret|token)_\w{6})\w+/g, '$1…'],
  [/\b(whsk?(?:ec)?_)[\w+/=-]+/g, '$1…'],
  [/(\w:\/\/[^\s:/@"]*):[^\s@"]+@/g, '$1:…@'],
  [/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, '$1 …'],
];

/** Takes out of a text what must never be read in a log, by its form: whoever wrote it may have quoted a caller. */
export function redactSecrets(text: string): string {
  return SECRETS.reduce((masked, [form, shown]) => masked.replace(form, shown), text);
}
