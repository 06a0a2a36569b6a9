import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';
import type { Operation } from './operations.ts';

/**
 * A route of the HTTP API, declared once. Validation, the routes of API Gateway and of the local host, the OpenAPI
 * document and the types of its handler are all derived from it.
 */
export interface RouteDeclaration<
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  Params extends z.ZodType = z.ZodType,
> extends Operation {
  readonly summary: string;
  readonly description?: string;
  /** `token`: changes state, so it requires the token if one is configured. */
  readonly access: 'public' | 'token';
  /** An object of the path's parameters, which arrive as strings. */
  readonly params?: Params;
  /** An object of the query's parameters, which arrive as strings; others are ignored. */
  readonly query?: Query;
  readonly body?: Body;
  /** The JSON of a 200; `z.never()` if the route sends only text or files, or redirects. */
  readonly response: Response;
  /** Set if the route may send text: its media type and contents. */
  readonly text?: { readonly contentType: `text/${string}`; readonly description: string };
  /** Set if the text is a stream of Server-Sent Events: the data of its messages by event name. */
  readonly messages?: Readonly<Record<string, z.ZodType>>;
  /** Set if the route sends files: their media types and contents. */
  readonly file?: { readonly contentTypes: readonly string[]; readonly description: string };
  /** Set if people open it in a browser: their browser then gets errors as HTML, everybody else as problem documents. */
  readonly page?: true | undefined;
  /** Set if the route redirects by 302: the path to go to. */
  readonly redirect?: `/${string}`;
  /** Set if clients may cache the response and revalidate it, which is answered by 304 while it is unchanged. */
  readonly versioned?: true;
  /** Error codes beyond those that follow from the rest of the declaration; see {@link errorsOf}. */
  readonly errors: readonly ErrorCode[];
}

/** The status of a successful response. */
export function successStatus({ redirect }: Pick<RouteDeclaration, 'redirect'>): 200 | 302 {
  return redirect === undefined ? 200 : 302;
}

/** How API Gateway names a route in its events: `GET /health`. */
export function routeKey(declaration: { readonly method: string; readonly path: string }): string {
  return `${declaration.method} ${declaration.path}`;
}

/** The methods that a route answers: GET implies HEAD (RFC 9110, section 9.1). */
export function methodsOf({
  method,
}: Pick<RouteDeclaration, 'method'>): readonly (RouteDeclaration['method'] | 'HEAD')[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

/** The longest calendar takes 130 KB. */
export const MAX_BODY_BYTES = 1_048_576;

/**
 * Limits of path with query, and of headers. Their sum is API Gateway's own quota (10,240 bytes of request line and
 * headers), so a request within them reaches a function on AWS too.
 */
export const MAX_URL_BYTES = 2_048;
export const MAX_HEADER_BYTES = 8_192;

/** Errors of every route: limits of a request, and failures on our side. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'payload_too_large',
  'uri_too_long',
  'headers_too_large',
  'dependency_unavailable',
  'internal',
];

/** Every error code of a route: those it declares and those that follow from the rest of its declaration. */
export function errorsOf(declaration: RouteDeclaration): readonly ErrorCode[] {
  const { params, query, body, access, errors } = declaration;
  const codes: ErrorCode[] = [...errors, ...COMMON_ERRORS];
  if (params || query || body) codes.push('invalid_request');
  // A change that times out may or may not have happened.
  if (access === 'token') codes.push('unauthorized', 'outcome_unknown');
  return [...new Set(codes)];
}

/** Declares a route. Exists so that the schemas' types are inferred. */
export function route<
  Query extends z.ZodType,
  Body extends z.ZodType,
  Response extends z.ZodType,
  Params extends z.ZodType,
>(
  declaration: RouteDeclaration<Query, Body, Response, Params>,
): RouteDeclaration<Query, Body, Response, Params> {
  return declaration;
}
