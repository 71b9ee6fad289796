import pg from 'pg';
import { IhfError, invalidRequest, retiredValueIssue, type ValidationIssue } from '../../errors.ts';

/** The fields of the API behind the foreign keys that a request can violate, other than those to registries. */
export const REFERENCES: Readonly<Record<string, { field: string; target: string }>> = {
  widgets_hub_id_fkey: { field: 'hub_id', target: 'hub' },
  interaction_events_hub_id_widget_id_fkey: { field: 'widget_id', target: 'widget of this hub' },
  annotations_hub_id_widget_id_fkey: { field: 'widget_id', target: 'widget of this hub' },
  annotations_hub_id_event_id_fkey: { field: 'event_id', target: 'event of this hub' },
  api_consumers_hub_id_fkey: { field: 'hub_id', target: 'hub' },
  hub_capability_manifests_hub_id_fkey: { field: 'hub_id', target: 'hub' },
  manifest_scopes_scope_fkey: { field: 'scopes', target: 'scope' },
  consumer_scopes_scope_fkey: { field: 'scopes', target: 'scope' },
  manifest_of_own_hub: { field: 'manifest_id', target: 'manifest of this hub' },
  api_keys_hub_id_consumer_id_fkey: { field: 'consumer_id', target: 'consumer of this hub' },
  client_secrets_hub_id_consumer_id_fkey: { field: 'consumer_id', target: 'consumer of this hub' },
  webhook_subscriptions_hub_id_fkey: { field: 'hub_id', target: 'hub' },
};

/** The name of a foreign key to a registry: its column and the registry. See `ihf_registry_reference`. */
const REGISTRY_REFERENCE = /^(\w+) -> (\w+)$/;

const YEARS = 'must be in the years 1 to 9999';
const NAME = 'must have 1 to 200 characters';
const INVISIBLE = 'bidirectional control characters (such as U+202E) or noncharacters (such as U+FFFE). Remove them';
const ONE_LINE = `must be one line without control characters, ${INVISIBLE}`;

/** The field and the rule of the CHECKs that a request, a command or a form can violate. */
export const CHECKS: Readonly<Record<string, { field?: string; rule: string }>> = {
  active_has_no_replacement: {
    rule: 'replaced_by and sunset_at are only allowed when status is deprecated or retired',
  },
  not_replaced_by_itself: { field: 'replaced_by', rule: 'must be another value of the registry' },
  sunset_at_has_four_digit_year: { field: 'sunset_at', rule: YEARS },
  occurred_at_has_four_digit_year: { field: 'occurred_at', rule: YEARS },
  registry_value_name: {
    field: 'name',
    rule: 'must start with a lowercase letter and have at most 63 lowercase letters, digits or underscores',
  },
  registry_value_label: { field: 'label', rule: 'must have 1 to 100 characters' },
  registry_value_description: { field: 'description', rule: 'must have at most 2000 characters' },
  registries_stay_active: { field: 'status', rule: 'must be active: a registry cannot be deprecated or retired' },
  label_is_plain_text: { field: 'label', rule: ONE_LINE },
  url_is_plain_text: { field: 'url', rule: ONE_LINE },
  name_is_plain_text: { field: 'name', rule: ONE_LINE },
  description_is_plain_text: {
    field: 'description',
    rule: `must not contain control characters other than tab and line feed, line separators, ${INVISIBLE}`,
  },
  hubs_slug_check: {
    field: 'slug',
    rule: 'must have 1 to 63 lowercase letters, digits or hyphens, and no hyphen at the start or the end',
  },
  hub_capability_manifests_name_check: { field: 'name', rule: NAME },
  api_consumers_name_check: { field: 'name', rule: NAME },
  api_consumers_rate_per_minute_check: { field: 'rate_per_minute', rule: 'must not be negative' },
  api_consumers_daily_quota_check: { field: 'daily_quota', rule: 'must not be negative' },
  operators_name_check: {
    field: 'name',
    rule: 'must start with a lowercase letter or digit and have at most 63 lowercase letters, digits, dots, underscores or hyphens',
  },
  topics_not_empty: { field: 'topics', rule: 'must have at least one topic, and each only once' },
  webhook_subscriptions_topics_check: { field: 'topics', rule: 'must be webhook topics' },
  webhook_subscriptions_url_check: { field: 'url', rule: 'must have at most 2000 characters' },
  webhook_subscriptions_max_in_flight_check: { field: 'max_in_flight', rule: 'must be 1 to 64' },
  subscriptions_per_hub_in_range: { field: 'subscriptions_per_hub', rule: 'must be 1 to 1000' },
  queued_per_subscription_in_range: { field: 'queued_per_subscription', rule: 'must be 100 to 10000000' },
  webhook_subscriptions_rate_per_second_check: { field: 'rate_per_second', rule: 'must be 1 to 1000' },
};

/** Of a default partition whose rows are about to get a partition: see ihf_start_partition_repair. */
const REPAIR_CHECK = 'rows_of_one_time';

/** Errors of the operating system, and SQLSTATEs of Postgres, that mean that the database cannot be reached now. */
const UNREACHABLE = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET|08|57P0|57014|25006|55P03|53)/;

/**
 * Translates a database error into an error of the server, by its SQLSTATE and constraint, never by its message. IH001 to
 * IH004 are raised by the functions of the migrations. Unknown errors are returned as they are, and become internal errors.
 */
export function translateSqlError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '' } = error as { code?: string };
  // The driver reports a lost connection and an exhausted pool without a code.
  if (UNREACHABLE.test(code) || (!code && /timeout|terminated|Connection ended|not queryable/i.test(error.message))) {
    return unavailable('The database is unavailable', error);
  }
  return error instanceof pg.DatabaseError ? translateState(error) : error;
}

function unavailable(reason: string, cause: Error): IhfError {
  return new IhfError('unavailable', `${reason}. Retry in a few seconds.`, { cause, headers: { 'Retry-After': '2' } });
}

function translateState(error: pg.DatabaseError): unknown {
  const { code, constraint = '', table = '', column = '', detail = '', hint = '' } = error;
  switch (code) {
    case 'IH001':
      return invalidRequest([retiredValueIssue({ pointer: `#/${column}` }, table, detail, hint)]);
    case 'IH002':
      return new IhfError('conflict', `${error.message}. ${hint}`.trim(), { cause: error });
    case '23503': // foreign_key_violation
      return unknownReference(constraint) ?? error;
    case '23505': // unique_violation
      if (constraint !== 'one_active_manifest') return error;
      return new IhfError('conflict', 'Another manifest of this hub is active. Suspend or retire it first.');
    case '23514': // check_violation; without a constraint, there is no partition for the row
      if (!constraint || constraint === REPAIR_CHECK) {
        return unavailable('The database has no partition for this time', error);
      }
      // A rule without a text is still a fault of the values: in a batch, only the item with them is rejected.
      return invalidRequest([
        checkViolation(CHECKS[constraint] ?? { rule: `The values violate the rule ${constraint}` }),
      ]);
    case '22P05': // untranslatable_character
    case '22021': // character_not_in_repertoire
      return invalidRequest([
        { code: 'unsupported_character', detail: 'Strings must not contain U+0000. Remove the character.' },
      ]);
    case '22007': // invalid_datetime_format
    case '22008': // datetime_field_overflow
    case '22009': // invalid_time_zone_displacement_value
      return invalidRequest([{ code: 'out_of_range', detail: 'Times must be in the years 1 to 9999.' }]);
    default:
      return error;
  }
}

function unknownReference(constraint: string): IhfError | undefined {
  const [, column, registry] = REGISTRY_REFERENCE.exec(constraint) ?? [];
  const reference = column ? { field: column, target: `value of ${registry}` } : REFERENCES[constraint];
  if (!reference) return undefined;
  const { field, target } = reference;
  const detail = `${field} must refer to an existing ${target}. Create it first, or correct ${field}.`;
  return invalidRequest([{ pointer: `#/${field}`, code: 'unknown_reference', detail }]);
}

function checkViolation({ field, rule }: { field?: string; rule: string }): ValidationIssue {
  if (field === undefined) return { code: 'check', detail: `${rule}.` };
  return { pointer: `#/${field}`, code: 'check', detail: `${field} ${rule}.` };
}
