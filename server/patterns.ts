/** The forms of identifiers, each with the rule that an error message states. The database checks the same patterns. */

/** A UUID, in either case. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The slug of a hub. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const SLUG_RULE =
  'Use at most 63 lowercase letters, digits and hyphens; the first and last character must not be a hyphen.';

/** The name of a registry value. */
export const REGISTRY_VALUE_NAME = /^[a-z][a-z0-9_]{0,62}$/;
export const REGISTRY_VALUE_NAME_RULE =
  'Use at most 63 lowercase letters, digits and underscores, starting with a letter.';

/** The name of an operator. */
export const OPERATOR_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const OPERATOR_NAME_RULE =
  'Use at most 63 lowercase letters, digits, dots, underscores and hyphens, starting with a letter or digit.';
