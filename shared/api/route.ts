import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';
import type { Operation } from './operations.ts';

/**
 * A route of the HTTP API, declared once. Validation, the routes of API Gateway and of the local host, the OpenAPI
 * document and the types of its implementation all come from this.
 */
export interface RouteDeclaration<
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  Params extends z.ZodType = z.ZodType,
> extends Operation {
  readonly summary: string;
  readonly description?: string;
  /** `token`: changes state, so it needs the token where one is configured. */
  readonly access: 'public' | 'token';
  /** An object with the parameters of the path; they arrive as strings. */
  readonly params?: Params;
  /** Parameters arrive as strings: use coercing schemas. Parameters it doesn't name are ignored. */
  readonly query?: Query;
  readonly body?: Body;
  /** The JSON that a 200 carries; `z.never()` if the route answers in text or files alone. */
  readonly response: Response;
  /** Set if the route may answer in text: its media type and what it holds. */
  readonly text?: { readonly contentType: `text/${string}`; readonly description: string };
  /** Set if the text is a stream of Server-Sent Events: the data of its messages by the event's name. */
  readonly messages?: Readonly<Record<string, z.ZodType>>;
  /** Set if the route answers with files: their media types and what they are. */
  readonly file?: { readonly contentTypes: readonly string[]; readonly description: string };
  /** Set if clients may keep the answer and ask whether it still holds, which is then answered by 304. */
  readonly versioned?: true;
  /** Codes it answers with beyond those that follow from the rest of the declaration; see {@link errorsOf}. */
  readonly errors: readonly ErrorCode[];
}

/** How API Gateway names a route in its events: `GET /health`. */
export function routeKey(declaration: { readonly method: string; readonly path: string }): string {
  return `${declaration.method} ${declaration.path}`;
}

/** The methods by which a route is reached: what answers GET answers HEAD as well (RFC 9110, section 9.1). */
export function methodsOf({
  method,
}: Pick<RouteDeclaration, 'method'>): readonly (RouteDeclaration['method'] | 'HEAD')[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

/** The longest list of dates takes 130 KB. */
export const MAX_BODY_BYTES = 1_048_576;

/**
 * Path with query, and headers. Together they are API Gateway's own quota (10,240 bytes of request line and headers), so
 * what these let through reaches a function on AWS too.
 */
export const MAX_URL_BYTES = 2_048;
export const MAX_HEADER_BYTES = 8_192;

/** Whatever is asked for: limits of a request, and failures of ours. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'payload_too_large',
  'uri_too_long',
  'headers_too_large',
  'dependency_unavailable',
  'internal',
];

/** Every code that a route can answer with: the ones it declares and the ones that its kind brings along. */
export function errorsOf(declaration: RouteDeclaration): readonly ErrorCode[] {
  const { params, query, body, access, errors } = declaration;
  const codes: ErrorCode[] = [...errors, ...COMMON_ERRORS];
  if (params || query || body) codes.push('invalid_request');
  // A change that takes too long is given up without knowing whether it happened.
  if (access === 'token') codes.push('unauthorized', 'outcome_unknown');
  return [...new Set(codes)];
}

/** Declares a route; exists so that the schemas' types are inferred. */
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
