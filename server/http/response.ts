import type { ServerResponse } from 'node:http';

/** Sets headers as `response.set` of Express does, without its processing of each value. */
export function addHeaders(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Sends a body of which the bytes exist already: response validation, which watches `response.json`, skips it. */
export function sendBytes(response: ServerResponse, status: number, mediaType: string, bytes: Uint8Array): void {
  response.statusCode = status;
  response.setHeader('Content-Type', mediaType);
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
}
