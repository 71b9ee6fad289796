/** How much of a rejected value is repeated. */
const MAX_VALUE_LENGTH = 80;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
};
const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  'date-time': 'a date and time with offset (RFC 3339), such as 2026-01-31T12:00:00Z',
  date: 'a date, such as 2026-01-31',
  uri: 'a URI',
  email: 'an email address',
};

/**
 * The requirements by keyword. A function gets what follows the fixed words in the message of ajv: the validator passes
 * on the message alone, without the parameters that went into it.
 */
const REQUIREMENTS: Readonly<Record<string, (argument: string) => string>> = {
  type: (types) =>
    `must be ${types
      .split(',')
      .map((type) => TYPES[type] ?? type)
      .join(' or ')}`,
  format: (format) => {
    const name = format.replaceAll('"', '');
    return `must be ${FORMATS[name] ?? `in the format ${name}`}`;
  },
  pattern: (pattern) => `must match the pattern ${pattern.replace(/^"(.*)"$/s, '$1')}`,
  enum: (values) => `must be one of ${values}`,
  minimum: (limit) => `must be at least ${limit}`,
  maximum: (limit) => `must be at most ${limit}`,
  exclusive_minimum: (limit) => `must be greater than ${limit}`,
  exclusive_maximum: (limit) => `must be less than ${limit}`,
  min_length: (limit) => (limit === '1' ? 'must not be empty' : `must have at least ${limit} characters`),
  max_length: (limit) => `must have at most ${counted(limit, 'character')}`,
  min_items: (limit) => (limit === '1' ? 'must not be empty' : `must have at least ${limit} items`),
  max_items: (limit) => `must have at most ${counted(limit, 'item')}`,
  min_properties: (limit) => `must have at least ${counted(limit, 'property', 'properties')}`,
  max_properties: (limit) => `must have at most ${counted(limit, 'property', 'properties')}`,
  unique_items: () => 'must not contain the same item twice',
  one_of: () => 'must match exactly one of the alternatives in the contract',
  any_of: () => 'must match at least one of the alternatives in the contract',
};

/** The fixed words of ajv's messages, in its vocabularies of validation and format. */
const FIXED =
  /^must (?:be equal to one of the allowed values: |be (?:[<>]=? )?|match (?:format|pattern) |NOT have (?:fewer|more) than )(.*?)(?: characters| items| properties)?$/s;

/**
 * The detail of an issue: what is wrong with the field, the value, and what to do.
 * @param message the message of ajv, such as 'must be >= 1'. It stays as it is for a keyword that is not known here.
 * @param value what was sent; undefined if nothing was.
 */
export function detailOf(name: string, code: string, message: string, value: unknown): string {
  if (code === 'required') return `${name} is required. Add it.`;
  if (code === 'additional_properties' || code === 'unevaluated_properties') {
    return `Unknown field '${name}'. Remove it or correct its name.`;
  }
  const requirement = REQUIREMENTS[code]?.(FIXED.exec(message)?.[1] ?? '') ?? message;
  const isEmpty = requirement.endsWith('not be empty');
  return value === undefined || isEmpty ? `${name} ${requirement}.` : `${name} ${requirement} (got ${shown(value)}).`;
}

function counted(limit: string, one: string, many = `${one}s`): string {
  return `${limit} ${limit === '1' ? one : many}`;
}

function shown(value: unknown): string {
  try {
    const text = JSON.stringify(value);
    return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
  } catch {
    return 'a value that is nested too deeply to show';
  }
}
