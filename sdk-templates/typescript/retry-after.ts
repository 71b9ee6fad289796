// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/** Parses a Retry-After header, which holds seconds or a date (RFC 9110, section 10.2.3). Returns seconds. */
function retryAfterOf(header: string): number | undefined {
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}

//#endregion

export { retryAfterOf };
