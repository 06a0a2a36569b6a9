import type { z } from 'zod';
import type { HttpProblem } from '../api/errors.ts';
import type { ApiEvent } from './exchange.ts';
import { invalidRequest, parseInput } from './field-problems.ts';

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;|$)/i;

type BodyEvent = Pick<ApiEvent, 'body' | 'isBase64Encoded' | 'headers'>;

/**
 * Parses a JSON body by a route's schema. A missing content type is taken for JSON.
 *
 * @throws HttpProblem `invalid_request`.
 */
export function readJsonBody<Schema extends z.ZodType>(schema: Schema, event: BodyEvent): z.output<Schema> {
  const bytes = bodyBytes(event);
  if (bytes.byteLength === 0) throw bodyProblem('is missing; send a JSON document');
  requireJsonType(event.headers['content-type']);
  return parseInput(schema, parseJson(decode(bytes)), 'body');
}

function bodyBytes({ body = '', isBase64Encoded }: BodyEvent): Buffer {
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}

function requireJsonType(contentType: string | undefined): void {
  if (contentType === undefined || JSON_TYPE.test(contentType.trim())) return;
  const message = `expected application/json, not ${contentType.slice(0, 100)}`;
  throw invalidRequest([{ field: 'header.content-type', message }]);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw bodyProblem('is no valid UTF-8', error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bodyProblem(`is no valid JSON: ${error instanceof Error ? error.message : error}`, error);
  }
}

function bodyProblem(message: string, cause?: unknown): HttpProblem {
  return invalidRequest([{ field: 'body', message }], cause);
}
