import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectralCore, { type RulesetDefinition } from '@stoplight/spectral-core';
import spectralRulesets from '@stoplight/spectral-rulesets';

/** What Redocly's recommended rules say of an OpenAPI document, errors and warnings alike. */
export async function redocly(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  return problems.map(({ severity, ruleId, message, location }) => {
    return `${severity} ${ruleId} ${location[0]?.pointer}: ${message}`;
  });
}

/** What the recommended rules of `spectral:oas` say of it, whatever the severity. */
export async function spectral(source: string): Promise<string[]> {
  const linter = new spectralCore.Spectral();
  linter.setRuleset({ extends: [[spectralRulesets.oas as RulesetDefinition, 'recommended']] });
  const problems = await linter.run(source);
  return problems.map(({ severity, code, message, path }) => `${severity} ${code} ${path.join('/')}: ${message}`);
}
