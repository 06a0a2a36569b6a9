import { expect, test } from 'vitest';
import * as z from 'zod';
import { route } from '../../../../shared/api/route.ts';
import { ContractBreach, toResponse } from '../../../../shared/http/responses.ts';

let checks = 0;
const counted = z.object({ id: z.string() }).refine(() => {
  checks += 1;
  return true;
});

function thing(path: '/one' | '/other', response: z.ZodType = counted) {
  return route({
    method: 'GET',
    path,
    tag: 'test',
    operationId: 'readThing',
    summary: 'A thing',
    access: 'public',
    response,
    errors: [],
  });
}

const one = thing('/one');

test('an answer that a function keeps is checked and written once, and an equal one again', () => {
  checks = 0;
  const answer = { id: 'a' };
  const responses = [toResponse(one, answer), toResponse(one, answer), toResponse(one, { id: 'a' })];
  expect(responses.map(({ body }) => body)).toEqual(Array(3).fill('{"id":"a"}'));
  expect(checks).toBe(2);
});

test('an answer that another route returns is checked against the schema of that route', () => {
  const answer = { id: 'a' };
  toResponse(one, answer);
  expect(() => toResponse(thing('/other', z.object({ name: z.string() })), answer)).toThrow(ContractBreach);
});

test('an answer that breaks its contract is refused each time', () => {
  const answer = { id: 7 };
  for (let count = 0; count < 2; count += 1) expect(() => toResponse(one, answer)).toThrow(ContractBreach);
});
