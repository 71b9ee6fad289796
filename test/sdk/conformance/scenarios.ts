import { authentication } from './authentication.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: Scenario[] = [...authentication];
