import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { OPERATIONS } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';
import { BytesInFlight } from './bytes-in-flight.ts';
import { findOperation } from './find-operation.ts';
import { parseBody } from './parse-body.ts';

/**
 * Sends the validator one request per operation, on a socket of its own: the validator compiles the schemas of an
 * operation at its first request, which takes up to 100 ms. No handler runs.
 * @throws Error if the validator cannot process its document, which it reports only now.
 */
export async function warmUp(validator: RequestHandler): Promise<void> {
  let validatorError: unknown;
  const endEmpty: RequestHandler = (_request, response) => void response.end();
  const keepError: ErrorRequestHandler = (error, _request, response, _next) => {
    if (!(error instanceof IhfError)) validatorError = error;
    response.end();
  };
  const app = express().use(findOperation(), parseBody(new BytesInFlight()), validator, endEmpty, keepError);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const { port } = server.address() as AddressInfo;
  for (const { method, path } of Object.values(OPERATIONS)) {
    const url = `http://127.0.0.1:${port}${path.replaceAll(/\{\w+\}/g, '-')}`;
    const body = method === 'get' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } };
    await (await fetch(url, { method: method.toUpperCase(), ...body })).arrayBuffer();
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  if (validatorError) throw validatorError;
}
