import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { IhfError } from '../errors.ts';
import { lingeringClose } from './lingering-close.ts';
import { type Problem, toProblem } from './problem.ts';
import { contextOf } from './request-context.ts';
import { addHeaders, sendBytes } from './response.ts';

/** How long a client has to read the last response of a connection, in milliseconds. */
const LINGER_MS = 2_000;

const MEDIA_TYPE = 'application/problem+json';

/** Sends the problem document of an error with the headers of the error. Every problem response is written here. */
export function sendProblem(request: IncomingMessage, response: ServerResponse, error: unknown): Problem {
  const context = contextOf(response);
  const problem = toProblem(error, context.requestId);
  context.problem = problem;
  lingeringClose(request, response);
  if (error instanceof IhfError) addHeaders(response, error.headers);
  sendBytes(response, problem.status, MEDIA_TYPE, Buffer.from(JSON.stringify(problem)));
  return problem;
}

/**
 * Sends a problem document on a connection whose bytes are not a valid HTTP request, and closes it. There is no
 * `ServerResponse` then, and the status says all that is known.
 */
export function endWithProblem(socket: Duplex, status: number): void {
  const title = STATUS_CODES[status] ?? '';
  const problem: Problem = { type: 'about:blank', title, status };
  const body = JSON.stringify(problem);
  const head = `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${MEDIA_TYPE}\r\nContent-Length: ${body.length}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
  // A client that does not close its end would occupy the connection.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
