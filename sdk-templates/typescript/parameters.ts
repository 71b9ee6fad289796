// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
type ParameterStyle =
  | 'simple'
  | 'label'
  | 'matrix'
  | 'form'
  | 'spaceDelimited'
  | 'pipeDelimited'
  | 'deepObject'
  | 'json';

/** A path parameter that is an array or object, or has a style of its own (OpenAPI 3.1.1, section 4.8.12.4). */
function pathValue(name: string, value: unknown, style: ParameterStyle, explode: boolean): string {
  const text = valueText(name, value, style, explode, encodeURIComponent);
  // URL normalization would remove such a segment, so the request would reach another operation.
  if (/^\.{0,2}$/.test(text)) throw new TypeError(`${name} must not be '${text}'`);
  return text;
}

function valueText(
  name: string,
  value: unknown,
  style: ParameterStyle,
  explode: boolean,
  encode: (text: string) => string,
): string {
  if (style === 'json') return encode(JSON.stringify(value));
  const isList = Array.isArray(value);
  const isObject = !isList && value instanceof Object && !(value instanceof Date);
  const pairs = isObject ? Object.entries(value).filter(([, each]) => each !== undefined) : [];
  const items = isList ? value.map((each) => encode(plainText(each))) : [];
  const assigned = pairs.map(([key, each]) => `${encode(key)}=${encode(plainText(each))}`);
  const listed = pairs.map(([key, each]) => `${encode(key)},${encode(plainText(each))}`);
  const joined = (separator: string) => {
    if (isList) return items.join(separator);
    return isObject ? (explode ? assigned.join(separator) : listed.join(',')) : encode(plainText(value));
  };
  if (style === 'label') return `.${joined(explode ? '.' : ',')}`;
  if (style !== 'matrix') return joined(',');
  if (isObject && explode) return assigned.map((each) => `;${each}`).join('');
  if (isList && explode) return items.map((each) => `;${name}=${each}`).join('');
  return `;${name}=${joined(',')}`;
}

/** Primitive values as text; objects within arrays as JSON. */
function plainText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return value instanceof Object ? JSON.stringify(value) : String(value);
}

/** Style, `explode`, and whether reserved characters are sent as they are. Default: form, true, false. */
type QueryStyles = Readonly<Record<string, readonly [ParameterStyle, boolean, boolean?]>>;

const DELIMITERS: Partial<Record<ParameterStyle, string>> = { spaceDelimited: '%20', pipeDelimited: '%7C' };

/** The query string with its `?`; an empty string without parameters. */
function searchOf(query: object | undefined, styles: QueryStyles = {}): string {
  const parts = Object.entries(query ?? {}).flatMap(([name, value]) => {
    if (value === undefined || value === null) return [];
    const [style, explode, isReserved] = styles[name] ?? ['form', true];
    return queryParts(name, value, style, explode, isReserved ? encodeReserved : encodeURIComponent);
  });
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

function queryParts(
  name: string,
  value: unknown,
  style: ParameterStyle,
  explode: boolean,
  encode: (text: string) => string,
): string[] {
  const key = encodeURIComponent(name);
  if (style === 'json') return [`${key}=${encode(JSON.stringify(value))}`];
  if (style === 'deepObject') return deepParts(key, value, encode);
  if (explode && Array.isArray(value)) return value.map((each) => `${key}=${encode(plainText(each))}`);
  if (explode && value instanceof Object && !(value instanceof Date)) {
    const given = Object.entries(value).filter(([, each]) => each !== undefined);
    return given.flatMap(([inner, each]) => queryParts(inner, each, 'form', true, encode));
  }
  const text = valueText(name, value, 'simple', false, encode);
  const delimiter = DELIMITERS[style];
  return [`${key}=${delimiter ? text.replaceAll(',', delimiter) : text}`];
}

function deepParts(key: string, value: unknown, encode: (text: string) => string): string[] {
  if (Array.isArray(value)) return value.map((each) => `${key}=${encode(plainText(each))}`);
  if (!(value instanceof Object) || value instanceof Date) return [`${key}=${encode(plainText(value))}`];
  const given = Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
  return given.flatMap(([inner, each]) => deepParts(`${key}%5B${encodeURIComponent(inner)}%5D`, each, encode));
}

/** Leaves reserved characters as they are (RFC 3986, section 2.2), except those that end the value. */
function encodeReserved(text: string): string {
  return encodeURI(text).replace(/[#&+]/g, encodeURIComponent);
}

/** Whether objects are sent as `name=value`, or the value as JSON. */
type Exploded = Readonly<Record<string, boolean | 'json'>>;

function headersOf(values: object | undefined, exploded: Exploded = {}): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(values ?? {})) {
    if (value === undefined || value === null) continue;
    const how = exploded[name] ?? false;
    headers[name.toLowerCase()] = valueText(name, value, how === 'json' ? how : 'simple', how === true, String);
  }
  return headers;
}

/** The Cookie header; nothing without cookies. Browsers do not send it: they send their own cookies. */
function cookiesOf(values: object | undefined, exploded: Exploded = {}): Record<string, string> {
  const parts = Object.entries(values ?? {}).flatMap(([name, value]) => {
    if (value === undefined || value === null) return [];
    const how = exploded[name] ?? true;
    return queryParts(name, value, how === 'json' ? how : 'form', how === true, encodeURIComponent);
  });
  return parts.length > 0 ? { cookie: parts.join('; ') } : {};
}

//#endregion

export { cookiesOf, headersOf, pathValue, searchOf };
