import { HttpProblem } from '../api/errors.ts';
import { type ApiEvent, type ApiResponse, shownPath } from './request-state.ts';

/** The `Allow` header of a path: the methods it takes, and OPTIONS, which every path answers. */
function allowHeader(methods: readonly string[]): string {
  return [...methods, 'OPTIONS'].join(', ');
}

/**
 * Answers OPTIONS. Browsers use one origin, so nothing is said about others: a preflight of a page from elsewhere finds no
 * permission in it.
 */
export function answerOptions(methods: readonly string[]): ApiResponse {
  return { statusCode: 204, headers: { allow: allowHeader(methods) }, body: '' };
}

/** The error for a method that a path doesn't take; it names those it does. */
export function methodNotAllowed(event: ApiEvent, methods: readonly string[]): HttpProblem {
  const allow = allowHeader(methods);
  const detail = `${shownPath(event)} does not take ${event.requestContext.http.method}; use ${allow}.`;
  return new HttpProblem('method_not_allowed', detail, { headers: { allow } });
}

/**
 * Sends a client to another path of this API, with method, body and query kept (307). Both parts are encoded anew, so that
 * whatever was asked for can neither lead elsewhere nor write headers.
 */
export function redirectTo(path: string, rawQueryString: string): ApiResponse {
  const query = new URLSearchParams(rawQueryString).toString();
  const target = path.split('/').map(encodeURIComponent).join('/');
  return { statusCode: 307, headers: { location: query ? `${target}?${query}` : target }, body: '' };
}
