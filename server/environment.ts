/**
 * Reads a whole number from an environment variable; undefined if it is unset or empty.
 * @param otherwise what else the caller allows, for the message.
 * @throws Error that names the variable, its value and the allowed values.
 */
export function readInteger(
  environment: Record<string, string | undefined>,
  name: string,
  min: number,
  max: number,
  otherwise = '',
): number | undefined {
  const text = environment[name];
  if (!text) return undefined;
  const number = Number(text);
  if (/^\d{1,6}$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`${name} must be a whole number from ${min} to ${max}${otherwise} (got '${text}').`);
}
