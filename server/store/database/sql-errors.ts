import pg from 'pg';
import { IhfError, invalidRequest, retiredValueIssue } from '../../errors.ts';

/** The fields of the API behind the constraints that a request can break. */
const REFERENCES: Record<string, { field: string; what: string }> = {
  widgets_hub_id_fkey: { field: 'hub_id', what: 'hub' },
  widgets_widget_type_fkey: { field: 'widget_type', what: 'value of widget_types' },
  interaction_events_widget_id_fkey: { field: 'widget_id', what: 'widget' },
  interaction_events_event_type_fkey: { field: 'event_type', what: 'value of event_types' },
  annotations_widget_id_fkey: { field: 'widget_id', what: 'widget' },
  annotations_event_id_fkey: { field: 'event_id', what: 'event' },
  annotations_category_fkey: { field: 'category', what: 'value of annotation_categories' },
  widget_types_replaced_by_fkey: { field: 'replaced_by', what: 'value of widget_types' },
  event_types_replaced_by_fkey: { field: 'replaced_by', what: 'value of event_types' },
  annotation_categories_replaced_by_fkey: { field: 'replaced_by', what: 'value of annotation_categories' },
  manifest_scopes_scope_fkey: { field: 'scopes', what: 'scope' },
  consumer_scopes_scope_fkey: { field: 'scopes', what: 'scope' },
  manifest_of_own_hub: { field: 'manifest_id', what: 'manifest of this hub' },
  api_keys_consumer_id_fkey: { field: 'consumer_id', what: 'consumer' },
  client_secrets_consumer_id_fkey: { field: 'consumer_id', what: 'consumer' },
};

/** Codes of the operating system and of Postgres that mean: the database cannot be reached now. */
const UNREACHABLE = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET|08|57P0|53)/;

/**
 * Puts a database error into the domain's words, by its SQLSTATE and never by its text. IH001 to IH003 are raised by
 * our own triggers (see migrations). What it does not know passes through, and becomes an internal error.
 */
export function translateSqlError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '' } = error as { code?: string };
  // The driver reports a lost connection and a full pool without a code.
  if (UNREACHABLE.test(code) || (!code && /timeout|terminated|Connection ended|not queryable/i.test(error.message))) {
    return new IhfError('unavailable', 'The database does not answer. Try again in a few seconds.', {
      cause: error,
      headers: { 'Retry-After': '2' },
    });
  }
  return error instanceof pg.DatabaseError ? translateState(error) : error;
}

function translateState(error: pg.DatabaseError): unknown {
  switch (error.code) {
    case 'IH001':
      return invalidRequest([
        retiredValueIssue({ pointer: `#/${error.column}` }, error.table ?? '', error.detail ?? '', error.hint),
      ]);
    case 'IH002':
      return new IhfError('conflict', `${error.message}. ${error.hint ?? ''}`.trim(), { cause: error });
    case '23503': {
      const reference = REFERENCES[error.constraint ?? ''];
      if (!reference) return error;
      return invalidRequest([
        {
          pointer: `#/${reference.field}`,
          code: 'unknown_reference',
          detail: `There is no such ${reference.what}. Create it first, or correct ${reference.field}.`,
        },
      ]);
    }
    case '23505':
      if (error.constraint !== 'one_active_manifest') return error;
      return new IhfError('conflict', 'Another manifest of this hub is active. Suspend or retire that one first.');
    case '23514':
      return invalidRequest([{ code: 'check', detail: `The values do not go together: ${error.constraint}.` }]);
    case '22P05':
    case '22021':
      return invalidRequest([
        { code: 'unsupported_character', detail: 'A text holds the character U+0000. Leave it out.' },
      ]);
    case '22007':
    case '22008':
    case '22009':
      return invalidRequest([
        { code: 'out_of_range', detail: 'A time lies outside of the years 1 to 9999. Correct it.' },
      ]);
    default:
      return error;
  }
}
