import { HttpProblem } from '../api/errors.ts';
import { type ApiEvent, type ApiResponse, shownPath } from './request-state.ts';

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
