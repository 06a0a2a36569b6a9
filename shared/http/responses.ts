import { createHash } from 'node:crypto';
import type { MiddlewareObj } from '@middy/core';
import { FileAnswer, type RouteDeclaration, routeKey, TextAnswer, VersionedAnswer } from '../api/route.ts';
import type { ApiResponse, Exchange } from './request-state.ts';

/** A route answered what its declaration doesn't allow: a defect of ours, never shown to the client. */
export class ContractBreach extends Error {
  constructor(route: RouteDeclaration, problem: string) {
    super(`The answer of ${routeKey(route)} breaks its contract: ${problem}`);
    this.name = 'ContractBreach';
  }
}

/**
 * Makes the response of what a route's implementation returned. Members that the schema doesn't name are left out.
 *
 * @throws ContractBreach if it doesn't match the route's schema. NaN and Infinity match no schema of numbers.
 */
function toResponse(route: RouteDeclaration, answer: unknown): ApiResponse {
  if (answer instanceof TextAnswer) return textResponse(route, answer);
  if (answer instanceof FileAnswer) return fileResponse(route, answer);
  if (answer instanceof VersionedAnswer) return versionedResponse(route, answer);
  const parsed = route.response.safeParse(answer);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ContractBreach(route, problems.slice(0, 5).join('; '));
  }
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parsed.data),
  };
}

function textResponse(route: RouteDeclaration, answer: TextAnswer): ApiResponse {
  if (!route.text) throw new ContractBreach(route, 'it declares no text');
  return { statusCode: 200, headers: { 'content-type': route.text.contentType }, body: answer.body };
}

/** API Gateway takes text as it is and everything else in base64. */
const TEXT_TYPE = /^(text\/|application\/json\b)/;

function fileResponse(route: RouteDeclaration, { bytes, contentType, headers }: FileAnswer): ApiResponse {
  if (!route.file?.contentTypes.includes(contentType)) {
    throw new ContractBreach(route, `it declares no file of type ${contentType}`);
  }
  const isText = TEXT_TYPE.test(contentType);
  return {
    statusCode: 200,
    headers: { 'content-type': contentType, ...versionHeaders(contentType, bytes), ...headers },
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    ...(isText ? {} : { isBase64Encoded: true }),
  };
}

function versionedResponse(route: RouteDeclaration, { value, version }: VersionedAnswer): ApiResponse {
  if (!route.versioned) throw new ContractBreach(route, 'it declares no versions');
  const response = toResponse(route, value);
  return { ...response, headers: { ...response.headers, ...versionHeaders(version, response.body) } };
}

/** Checks what the implementation returned and makes the response of it. */
export function responseValidation(): MiddlewareObj<Exchange> {
  return {
    after(request) {
      const { implementation } = request.event;
      if (implementation) request.response = toResponse(implementation.route, request.response);
    },
  };
}

/**
 * The headers of an answer that a client may keep. It must ask before it uses it again (`no-cache`), because another data
 * set may have been loaded since; the entity tag lets it do so without being sent the answer anew.
 */
export function versionHeaders(version: string, body: string | Buffer): Record<string, string> {
  const tag = createHash('sha256').update(version).update('\0').update(body).digest('base64url').slice(0, 27);
  return { etag: `"${tag}"`, 'cache-control': 'public, no-cache' };
}

/**
 * Whether an `If-None-Match` header names an entity tag, or any (`*`). Compared weakly, as RFC 9110 (13.1.2) asks: a proxy that
 * compresses an answer marks its tag as weak.
 */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

/** Answers 304 without a body to a client that has the answer already. */
export function notModified(): MiddlewareObj<Exchange, ApiResponse> {
  return {
    after(request) {
      const { etag, 'cache-control': cacheControl } = request.response?.headers ?? {};
      if (!etag || !cacheControl) return;
      if (!namesTag(request.event.event.headers['if-none-match'], etag)) return;
      request.response = { statusCode: 304, headers: { etag, 'cache-control': cacheControl }, body: '' };
    },
  };
}
