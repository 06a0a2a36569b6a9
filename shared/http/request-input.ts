import type { z } from 'zod';
import { type FieldProblem, HttpProblem } from '../api/errors.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_URL_BYTES } from '../api/route.ts';
import type { ApiEvent, HttpMiddleware } from './request-state.ts';

/**
 * Rejects a request that is too large, with or without a route, before anything else inspects it.
 *
 * @throws HttpProblem `uri_too_long`, `headers_too_large` or `payload_too_large`.
 */
export function checkSize(event: ApiEvent): void {
  const url = Buffer.byteLength(event.rawPath) + Buffer.byteLength(event.rawQueryString);
  if (url > MAX_URL_BYTES) throw tooLarge('uri_too_long', 'Path and query have', url, MAX_URL_BYTES);
  const headers = headerBytes(event);
  if (headers > MAX_HEADER_BYTES) {
    throw tooLarge('headers_too_large', 'The headers have', headers, MAX_HEADER_BYTES);
  }
  const body = Buffer.byteLength(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body > MAX_BODY_BYTES) throw tooLarge('payload_too_large', 'The body has', body, MAX_BODY_BYTES);
}

/** Names and values, including those that proxies added. */
function headerBytes({ headers, cookies = [] }: ApiEvent): number {
  const texts = [...Object.entries(headers).flat(), ...cookies];
  return texts.reduce((total, text = '') => total + Buffer.byteLength(text), 0);
}

function tooLarge(
  code: 'uri_too_long' | 'headers_too_large' | 'payload_too_large',
  what: string,
  bytes: number,
  limit: number,
): HttpProblem {
  return new HttpProblem(code, `${what} ${bytes} bytes; at most ${limit} are allowed.`);
}

/** Rejects requests that are too large. */
export function requestLimits(): HttpMiddleware {
  return {
    before({ event }) {
      checkSize(event);
    },
  };
}

/**
 * Parses a query string by a route's schema. If a parameter is repeated, the last value counts.
 *
 * API Gateway's own `queryStringParameters` joins repeated values with commas, which are indistinguishable from a comma in
 * a value.
 *
 * @throws HttpProblem `invalid_request`.
 */
export function readQuery<Schema extends z.ZodType>(
  schema: Schema,
  rawQueryString: string,
): z.output<Schema> {
  return parseInput(schema, Object.fromEntries(new URLSearchParams(rawQueryString)), 'query');
}

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;|$)/i;

type BodyEvent = Pick<ApiEvent, 'body' | 'isBase64Encoded' | 'headers'>;

/**
 * Reads a JSON body. A missing content type is treated as JSON.
 *
 * @throws HttpProblem `invalid_request`.
 */
export function readJsonBody(event: BodyEvent): unknown {
  const bytes = bodyBytes(event);
  if (bytes.byteLength === 0) throw bodyProblem('is missing; send a JSON document');
  requireJsonType(event.headers['content-type']);
  return parseJson(decode(bytes));
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

/** Of ten thousand invalid dates, the first ones suffice. */
const MAX_PROBLEMS = 20;

/** The part of a request that contains a value; the first part of a field's name. */
export type Place = 'path' | 'query' | 'body' | 'header';

/**
 * Parses a value of a request.
 *
 * @throws HttpProblem `invalid_request` that names each invalid field (at most 20) and what was expected.
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: Place,
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: describeIssue });
  if (parsed.success) return parsed.data;
  throw invalidRequest(
    parsed.error.issues.map(({ path, message }) => ({ field: fieldName(place, path), message })),
  );
}

/** The error for a request with invalid fields. */
function invalidRequest(problems: readonly FieldProblem[], cause?: unknown): HttpProblem {
  const [first] = problems;
  const others = problems.length - 1;
  const more = others > 0 ? ` (and ${others} more)` : '';
  return new HttpProblem('invalid_request', `${first?.field}: ${first?.message}${more}`, {
    fields: problems.slice(0, MAX_PROBLEMS),
    cause,
  });
}

/** `body`, [`dates`, 3] → `body.dates[3]`. */
function fieldName(place: Place, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : `${name}.${String(part)}`),
    place,
  );
}

/** Describes missing values and wrong types in JSON's terms; other issues keep zod's message. */
function describeIssue(issue: { code?: string; expected?: unknown; input?: unknown }): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const expected = `expected ${withArticle(String(issue.expected))}`;
  return issue.input === undefined ? `is missing; ${expected}` : `${expected}, not ${shown(issue.input)}`;
}

function withArticle(type: string): string {
  const name = type === 'int' ? 'integer' : type;
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

function shown(input: unknown): string {
  if (Array.isArray(input)) return 'an array';
  if (typeof input === 'object' && input !== null) return 'an object';
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
