import { HttpProblem } from '../../shared/api/errors.ts';
import { type Operation, operations } from '../../shared/api/operations.ts';
import { methodsOf } from '../../shared/api/route.ts';
import { type ApiEvent, type ApiResponse, shownPath } from '../../shared/http/request-state.ts';
import { answerOptions, methodNotAllowed, redirectTo } from '../../shared/http/routing-answers.ts';

/** The methods of each path. */
type RouteTable = ReadonlyMap<string, readonly string[]>;

/** The paths of the HTTP API. Requests for the live stream reach another function. */
export const routeTable: RouteTable = methodsByPath(
  Object.values(operations).filter(({ tag }) => tag !== 'live'),
);

function methodsByPath(declared: readonly Operation[]): RouteTable {
  const paths = [...Map.groupBy(declared, ({ path }) => path)];
  return new Map(paths.map(([path, ofPath]) => [path, ofPath.flatMap(methodsOf)]));
}

/**
 * Answers requests that match no route: OPTIONS with the methods of the path, and a known path with a trailing slash by a
 * redirect to the path without it, which existing clients expect.
 *
 * @throws HttpProblem `method_not_allowed` with `Allow`, or `not_found`.
 */
export function answerUnknownRoute(routes: RouteTable, event: ApiEvent): ApiResponse {
  const { method } = event.requestContext.http;
  const methods = methodsAt(routes, event.rawPath);
  if (methods && method === 'OPTIONS') return answerOptions(methods);
  if (methods && !methods.includes(method)) throw methodNotAllowed(event, methods);
  const bare = event.rawPath.replace(/\/$/, '');
  if (bare !== event.rawPath && methodsAt(routes, bare)) return redirectTo(bare, event.rawQueryString);
  const detail = `Nothing is served at ${shownPath(event)}. The live page is at /stream/live.`;
  throw new HttpProblem('not_found', detail);
}

/** The methods of the route that matches a path; undefined if none does. */
function methodsAt(routes: RouteTable, path: string): readonly string[] | undefined {
  const template = [...routes.keys()].find((each) => each.includes('{') && matches(each, path));
  return routes.get(path) ?? routes.get(template ?? '');
}

/** `/runs/{run_id}` matches `/runs/7`, but not `/runs/7/days`. */
function matches(template: string, path: string): boolean {
  const segments = path.split('/');
  const expected = template.split('/');
  return (
    segments.length === expected.length &&
    expected.every((segment, i) => (segment.startsWith('{') ? segments[i] !== '' : segment === segments[i]))
  );
}
