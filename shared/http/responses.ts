import { createHash } from 'node:crypto';
import { HttpProblem } from '../api/errors.ts';
import { type RouteDeclaration, routeKey } from '../api/route.ts';
import { type ApiEvent, type ApiResponse, type HttpMiddleware, shownPath } from './request-state.ts';
import { revalidated } from './response-headers.ts';

/** Text instead of JSON, of the media type that the route declares. */
export class TextAnswer {
  readonly body: string;

  constructor(body: string) {
    this.body = body;
  }
}

/** A file, sent as it is. Clients may cache and revalidate it. */
export class FileAnswer {
  readonly bytes: Buffer;
  /** One of those that the route declares. */
  readonly contentType: string;
  /** Additional headers, such as a Content-Security-Policy. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(bytes: Buffer, contentType: string, headers: Readonly<Record<string, string>> = {}) {
    this.bytes = bytes;
    this.contentType = contentType;
    this.headers = headers;
  }
}

/** A redirect to the path that the route declares. */
export class RedirectAnswer {
  readonly statusCode = 302;
}

/** A value that changes only with its version: clients may cache and revalidate it. */
export class VersionedAnswer<Value = unknown> {
  readonly value: Value;
  /** Identifies what the value was computed from, such as the hash of the data set. */
  readonly version: string;

  constructor(value: Value, version: string) {
    this.value = value;
    this.version = version;
  }
}

/** A route returned what its declaration doesn't allow: a defect, never shown to the client. */
export class ContractBreach extends Error {
  constructor(route: RouteDeclaration, problem: string) {
    super(`The answer of ${routeKey(route)} breaks its contract: ${problem}`);
    this.name = 'ContractBreach';
  }
}

/**
 * Makes the response from what a route's function returned. Members that the schema doesn't name are left out.
 *
 * @throws ContractBreach if it doesn't match the route's schema. NaN and Infinity match no schema of numbers.
 */
export function toResponse(route: RouteDeclaration, answer: unknown): ApiResponse {
  if (answer instanceof RedirectAnswer) return redirectResponse(route, answer);
  if (answer instanceof TextAnswer) return textResponse(route, answer);
  if (answer instanceof FileAnswer) return fileResponse(route, answer);
  if (answer instanceof VersionedAnswer) return versionedResponse(route, answer);
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: bodyOf(route, answer) };
}

/**
 * The bodies of answers that a function keeps. Answers are never modified, so what is returned again needn't be checked and written
 * again, which is most of the work for a large one.
 */
const bodies = new WeakMap<object, { readonly route: RouteDeclaration; readonly body: string }>();

function bodyOf(route: RouteDeclaration, answer: unknown): string {
  const key = typeof answer === 'object' ? answer : null;
  const known = key && bodies.get(key);
  if (known?.route === route) return known.body;
  const parsed = route.response.safeParse(answer);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ContractBreach(route, problems.slice(0, 5).join('; '));
  }
  const body = JSON.stringify(parsed.data);
  if (key) bodies.set(key, { route, body });
  return body;
}

function redirectResponse(route: RouteDeclaration, { statusCode }: RedirectAnswer): ApiResponse {
  if (!route.redirect) throw new ContractBreach(route, 'it declares no redirect');
  return { statusCode, headers: { location: route.redirect }, body: '' };
}

function textResponse(route: RouteDeclaration, answer: TextAnswer): ApiResponse {
  if (!route.text) throw new ContractBreach(route, 'it declares no text');
  return { statusCode: 200, headers: { 'content-type': route.text.contentType }, body: answer.body };
}

/** API Gateway accepts text as it is and everything else in base64. */
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

/**
 * The headers of a response that clients may cache. They must revalidate it before each use (`no-cache`), because another
 * data set may have been loaded; the entity tag saves sending the same response again.
 */
function versionHeaders(version: string, body: string | Buffer): Record<string, string> {
  const tag = createHash('sha256').update(version).update('\0').update(body).digest('base64url').slice(0, 27);
  return { etag: `"${tag}"`, 'cache-control': revalidated };
}

/**
 * Whether an `If-None-Match` header contains an entity tag, or any (`*`). The comparison is weak (RFC 9110, section 13.1.2),
 * because proxies that compress a response mark its tag as weak.
 */
function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

/** Answers 304 without a body if the client's copy is current. */
export function notModified(): HttpMiddleware {
  return {
    after(request) {
      const { etag, 'cache-control': cacheControl } = request.response?.headers ?? {};
      if (!etag || !cacheControl) return;
      if (!namesTag(request.event.headers['if-none-match'], etag)) return;
      request.response = { statusCode: 304, headers: { etag, 'cache-control': cacheControl }, body: '' };
    },
  };
}

/** The `Allow` header of a path: its methods, and OPTIONS, which every path answers. */
function allowHeader(methods: readonly string[]): string {
  return [...methods, 'OPTIONS'].join(', ');
}

/**
 * Answers OPTIONS. There are no CORS headers, so a preflight from another origin finds no permission.
 */
export function answerOptions(methods: readonly string[]): ApiResponse {
  return { statusCode: 204, headers: { allow: allowHeader(methods) }, body: '' };
}

/** The error for a method that a path doesn't support; it names those it does. */
export function methodNotAllowed(event: ApiEvent, methods: readonly string[]): HttpProblem {
  const allow = allowHeader(methods);
  const detail = `${shownPath(event)} does not support ${event.requestContext.http.method}; use ${allow}.`;
  return new HttpProblem('method_not_allowed', detail, { headers: { allow } });
}

/**
 * Redirects to another path of this API; the client repeats method, body and query (307). Path and query are re-encoded, so
 * that no input can redirect to another origin or inject headers.
 */
export function redirectTo(path: string, rawQueryString: string): ApiResponse {
  const query = new URLSearchParams(rawQueryString).toString();
  const target = path.split('/').map(encodeURIComponent).join('/');
  return { statusCode: 307, headers: { location: query ? `${target}?${query}` : target }, body: '' };
}
