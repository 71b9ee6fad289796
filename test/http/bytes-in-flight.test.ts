import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { BytesInFlight } from '../../server/http/bytes-in-flight.ts';

const newResponse = () => new ServerResponse(new IncomingMessage(new Socket()));

test('bytes count until the response closes', () => {
  const inFlight = new BytesInFlight(100);
  const [first, second] = [newResponse(), newResponse()];
  inFlight.count(first)(40);
  assert.throws(() => inFlight.count(second)(70), /at its limit of .* MB of request bodies/);
  first.emit('close');
  inFlight.count(newResponse())(70);
});

test('bytes that arrive after the response has closed do not count', () => {
  const inFlight = new BytesInFlight(100);
  const rejected = newResponse();
  const count = inFlight.count(rejected);
  count(10);
  rejected.emit('close');
  for (let chunk = 0; chunk < 10; chunk++) count(50);
  inFlight.count(newResponse())(40);
});

test('one consumer has at most half of the bytes beside others', () => {
  const inFlight = new BytesInFlight(100);
  inFlight.count(newResponse())(40);
  assert.throws(() => inFlight.count(newResponse())(20), /of the consumer's request bodies/);
});
