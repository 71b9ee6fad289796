import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { OPERATIONS } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';
import { findOperation, parseBody } from './steps.ts';

/**
 * Shows the validator one request of every operation, over a socket of its own: it compiles an operation's schemas at
 * the first request, which takes up to 100 ms. Nothing is behind the validator here.
 * @throws Error if the validator cannot read its document, which shows only now.
 */
export async function warmUp(validator: RequestHandler): Promise<void> {
  let fault: unknown;
  const answerNothing: RequestHandler = (_request, response) => void response.end();
  const noteFault: ErrorRequestHandler = (error, _request, response, _next) => {
    if (!(error instanceof IhfError)) fault = error;
    response.end();
  };
  const app = express().use(findOperation(), parseBody(), validator, answerNothing, noteFault);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const { port } = server.address() as AddressInfo;
  for (const { method, path } of Object.values(OPERATIONS)) {
    const address = `http://127.0.0.1:${port}${path.replaceAll(/\{\w+\}/g, '-')}`;
    const body = method === 'get' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } };
    await (await fetch(address, { method: method.toUpperCase(), ...body })).arrayBuffer();
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  if (fault) throw fault;
}
