import { authentication } from './authentication.ts';
import { helpers } from './helpers.ts';
import { responses } from './responses.ts';
import { retries } from './retries.ts';
import type { Scenario } from './scenario.ts';
import { webhooks } from './webhooks.ts';

export const SCENARIOS: Scenario[] = [...authentication, ...retries, ...responses, ...helpers, ...webhooks];
