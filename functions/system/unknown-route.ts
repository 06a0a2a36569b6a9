import { HttpProblem } from '../../shared/http/errors.ts';
import { type ApiEvent, type ApiResponse, shownPath } from '../../shared/http/exchange.ts';
import type { RouteTable } from './settings.ts';

/**
 * Answers what no route takes. A known path with a slash at its end is sent to the path itself, with method and body
 * kept (307), as clients of the original expect.
 *
 * @throws HttpProblem `method_not_allowed` with `Allow`, or `not_found`.
 */
export function answerUnknownRoute(routes: RouteTable, event: ApiEvent): ApiResponse {
  const { method } = event.requestContext.http;
  const methods = routes.get(event.rawPath);
  if (methods && !methods.includes(method)) throw methodNotAllowed(event, methods);
  const bare = event.rawPath.replace(/\/$/, '');
  if (bare !== event.rawPath && routes.has(bare)) return redirect(bare, event.rawQueryString);
  const detail = `Nothing is served under ${shownPath(event)}. The live page is at /stream/live.`;
  throw new HttpProblem('not_found', detail);
}

function methodNotAllowed(event: ApiEvent, methods: readonly string[]): HttpProblem {
  const allow = methods.join(', ');
  const detail = `${event.rawPath} does not take ${event.requestContext.http.method}; use ${allow}.`;
  return new HttpProblem('method_not_allowed', detail, { headers: { allow } });
}

/** Goes to known paths only, so it can't be made to lead elsewhere; the query is encoded anew, so neither can it. */
function redirect(path: string, rawQueryString: string): ApiResponse {
  const query = new URLSearchParams(rawQueryString).toString();
  return { statusCode: 307, headers: { location: query ? `${path}?${query}` : path }, body: '' };
}
