/** What a value of a registry is called in sentences, from the name of the registry: `event_types` as 'event type'. */
export function valueNoun(registry: string): string {
  return singular(registry).replaceAll('_', ' ');
}

function singular(plural: string): string {
  if (/[^aeiou]ies$/.test(plural)) return plural.replace(/ies$/, 'y');
  if (/(ss|us|x|ch|sh)es$/.test(plural)) return plural.replace(/es$/, '');
  return plural.replace(/([^s])s$/, '$1');
}
