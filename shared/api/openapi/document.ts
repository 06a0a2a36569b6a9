/** The OpenAPI document, generated from route declarations. */
import { tags } from '../operations.ts';
import type { RouteDeclaration } from '../route.ts';
import { introduction } from './introduction.ts';
import type { Components, Header, OpenApiDocument, PathItem } from './openapi.ts';
import { operationOf, TOKEN } from './operation.ts';
import { problemComponents } from './problem.ts';

/** @param version Of this software. */
export function openApiDocument(routes: readonly RouteDeclaration[], version: string): OpenApiDocument {
  const components: Components = {
    responses: {},
    headers,
    securitySchemes: { [TOKEN]: { type: 'http', scheme: 'bearer', description: TOKEN_DESCRIPTION } },
    ...problemComponents(),
  };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Retail Time Machine',
      version,
      summary: 'Replays two years of retail sales day by day and analyses them.',
      description: introduction(),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The origin that serves this document.' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths: pathsOf(routes, components),
    components,
  };
}

function pathsOf(routes: readonly RouteDeclaration[], components: Components): Record<string, PathItem> {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  return Object.fromEntries(
    [...byPath].map(([path, ofPath]) => [
      path,
      Object.fromEntries(ofPath.map((route) => [route.method.toLowerCase(), operationOf(route, components)])),
    ]),
  );
}

const TOKEN_DESCRIPTION =
  'Required to change the simulation if a token is configured: always on AWS, by default not on a local machine.';

const headers: Record<string, Header> = {
  traceparent: {
    description: 'W3C trace context of the request, or a new one. Logs and stored sales carry its trace id.',
    schema: { type: 'string' },
  },
  ETag: { description: 'Entity tag for `If-None-Match`.', schema: { type: 'string' } },
  'Cache-Control': {
    description:
      '`public, no-cache`: may be cached, but must be revalidated before each use. All other responses are `no-store`.',
    schema: { type: 'string' },
  },
  Location: {
    description: 'The path to go to.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string', pattern: '^\\d+$' } },
  'WWW-Authenticate': { description: 'RFC 6750.', schema: { type: 'string' } },
};
