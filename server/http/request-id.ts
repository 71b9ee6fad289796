import { randomUUID } from 'node:crypto';

/** What may be echoed into a header and a log line without harm. */
const ACCEPTABLE = /^[\w.:/+=@-]{1,128}$/;

/** The request's id: the caller's own if it is fit to be repeated, else a new one. */
export function requestIdOf(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && ACCEPTABLE.test(sent) ? sent : randomUUID();
}
