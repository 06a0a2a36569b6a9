import { methodsOf, routeKey } from '../../shared/api/route.ts';
import type { HostedRoute, SystemDescription } from './system-description.ts';

/** The function that answers a request, and how API Gateway names the route. */
export interface RouteMatch {
  readonly function: string;
  /** `GET /sales/{id}`, or `$default`. */
  readonly routeKey: string;
  /** Undefined where the route has none. */
  readonly pathParameters?: Readonly<Record<string, string>>;
}

export type Router = (method: string, path: string) => RouteMatch;

/**
 * Finds routes as API Gateway's HTTP API does: a literal path wins over one with parameters, and what no route takes
 * (also another method on a known path, or a slash too many) goes to `$default`.
 */
export function createRouter({
  httpRoutes,
  defaultRoute,
}: Pick<SystemDescription, 'httpRoutes' | 'defaultRoute'>): Router {
  const literal = new Map<string, RouteMatch>();
  const patterns: HostedRoute[] = [];
  for (const entry of httpRoutes) {
    if (entry.route.path.includes('{')) patterns.push(entry);
    else for (const key of keysOf(entry)) literal.set(key, { function: entry.function, routeKey: key });
  }
  return (method, path) => {
    const known = literal.get(`${method} ${path}`);
    if (known) return known;
    for (const { route, function: name } of patterns) {
      const isTaken = methodsOf(route).some((one) => one === method);
      const pathParameters = isTaken ? parametersOf(route.path, path) : null;
      if (pathParameters) return { function: name, routeKey: `${method} ${route.path}`, pathParameters };
    }
    return { function: defaultRoute, routeKey: '$default' };
  };
}

function keysOf({ route }: HostedRoute): string[] {
  return methodsOf(route).map((method) => routeKey({ ...route, method }));
}

/** `/sales/{id}` with `/sales/7` → `{id: '7'}`; null if the path is another. */
function parametersOf(pattern: string, path: string): Record<string, string> | null {
  const names = pattern.split('/');
  const values = path.split('/');
  if (names.length !== values.length) return null;
  const parameters = new Map<string, string>();
  for (const [i, segment] of names.entries()) {
    const value = values[i] ?? '';
    const isParameter = segment.startsWith('{') && segment.endsWith('}');
    if (isParameter && value !== '') parameters.set(segment.slice(1, -1), value);
    else if (segment !== value) return null;
  }
  return Object.fromEntries(parameters);
}
