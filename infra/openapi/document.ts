/** The OpenAPI document of a system, made from its route declarations. */
import type { RouteDeclaration } from '../../shared/api/route.ts';
import { introduction } from './introduction.ts';
import type { Components, Header, OpenApiDocument, PathItem } from './openapi.ts';
import { operationOf, TOKEN } from './operation.ts';
import { problemComponents } from './problem.ts';

/** A route and the function that answers it, whose name groups it. */
export interface DocumentedRoute {
  readonly route: RouteDeclaration;
  readonly function: string;
}

export interface DocumentOptions {
  readonly routes: readonly DocumentedRoute[];
  /** What each function is for, by its name. */
  readonly functions: Readonly<Record<string, { readonly description: string }>>;
  /** Of this software. */
  readonly version: string;
}

export function openApiDocument({ routes, functions, version }: DocumentOptions): OpenApiDocument {
  const components: Components = {
    responses: {},
    headers,
    securitySchemes: { [TOKEN]: { type: 'http', scheme: 'bearer', description: TOKEN_DESCRIPTION } },
    ...problemComponents(),
  };
  const tags = [...new Set(routes.map((each) => each.function))];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Retail Time Machine',
      version,
      summary: 'Replays two years of retail sales day by day and analyses them.',
      description: introduction(),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where this document comes from.' }],
    tags: tags.map((name) => ({ name, description: functions[name]?.description ?? '' })),
    paths: pathsOf(routes, components),
    components,
  };
}

function pathsOf(routes: readonly DocumentedRoute[], components: Components): Record<string, PathItem> {
  const byPath = Map.groupBy(routes, ({ route }) => route.path);
  return Object.fromEntries(
    [...byPath].map(([path, ofPath]) => [
      path,
      Object.fromEntries(
        ofPath.map(({ route, function: tag }) => [
          route.method.toLowerCase(),
          operationOf(route, tag, components),
        ]),
      ),
    ]),
  );
}

const TOKEN_DESCRIPTION =
  'What changes the simulation asks for it where one is configured: always on AWS, not by default on a developer’s machine.';

const headers: Record<string, Header> = {
  traceparent: {
    description: 'W3C trace context: that of the request, or a new one. Logs and stored sales carry its id.',
    schema: { type: 'string' },
  },
  ETag: { description: 'For `If-None-Match`.', schema: { type: 'string' } },
  'Cache-Control': {
    description: '`public, no-cache`: keep it, and ask before it is used again. All else is `no-store`.',
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string', pattern: '^\\d+$' } },
  'WWW-Authenticate': { description: 'RFC 6750.', schema: { type: 'string' } },
};
