import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectralCore, { type RulesetDefinition } from '@stoplight/spectral-core';
import spectralRulesets from '@stoplight/spectral-rulesets';

/** Lints an OpenAPI document with Redocly's recommended rules; returns errors and warnings. */
export async function lintWithRedocly(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  return problems.map(({ severity, ruleId, message, location }) => {
    return `${severity} ${ruleId} ${location[0]?.pointer}: ${message}`;
  });
}

/** Lints an OpenAPI document with the recommended rules of `spectral:oas`; returns results of every severity. */
export async function lintWithSpectral(source: string): Promise<string[]> {
  const linter = new spectralCore.Spectral();
  linter.setRuleset({ extends: [[spectralRulesets.oas as RulesetDefinition, 'recommended']] });
  const problems = await linter.run(source);
  return problems.map(({ severity, code, message, path }) => `${severity} ${code} ${path.join('/')}: ${message}`);
}
