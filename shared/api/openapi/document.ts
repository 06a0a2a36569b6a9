/** Builds what `GET /docs` and `GET /openapi.json` serve. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as z from 'zod';
import { analyticsRoutes } from '../analytics.ts';
import { errorTable } from '../errors.ts';
import { forecastRoutes } from '../forecast.ts';
import { insightRoutes } from '../insights.ts';
import { liveRoutes } from '../live.ts';
import { tags } from '../operations.ts';
import { optimizeRoutes } from '../optimize.ts';
import { rankingRoutes } from '../ranking.ts';
import { replenishmentRoutes } from '../replenishment.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_URL_BYTES, type RouteDeclaration } from '../route.ts';
import { runForecastRoutes } from '../run-forecasts.ts';
import { salesRoutes } from '../sales.ts';
import { simulationRoutes } from '../simulation.ts';
import { proofRoutes, systemRoutes } from '../system.ts';
import type { Components, HeaderObject, OpenApiDocument, PathItem } from './openapi.ts';
import { operationOf, TOKEN } from './operation.ts';
import { problemComponents } from './problem.ts';

const OWN_FILES = path.join(import.meta.dirname, 'ui');
const SWAGGER_UI = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const PACKAGE = path.join(import.meta.dirname, '../../../package.json');

/** The files of Swagger UI that the page needs, and our own. */
const COPIED = [
  ...['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'].map((name) =>
    path.join(SWAGGER_UI, name),
  ),
  ...['index.html', 'initializer.js', 'page.css'].map((name) => path.join(OWN_FILES, name)),
];

/** The OpenAPI document of all declared routes. @param basePath The path under which they are served; empty for the root. */
export async function systemDocument(basePath = ''): Promise<OpenApiDocument> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(PACKAGE, 'utf8')));
  const document = openApiDocument(allRoutes, version);
  if (basePath === '') return document;
  return { ...document, servers: document.servers.map((server) => ({ ...server, url: basePath })) };
}

/** Writes the document and Swagger UI's files into a directory. The same sources always produce the same files. */
export async function buildDocs(outDirectory: string, basePath = ''): Promise<void> {
  await mkdir(outDirectory, { recursive: true });
  const document = `${JSON.stringify(await systemDocument(basePath))}\n`;
  await Promise.all([
    writeFile(path.join(outDirectory, 'openapi.json'), document),
    ...COPIED.map((file) => copyFile(file, path.join(outDirectory, path.basename(file)))),
  ]);
}

/** Every declared route. Which function answers each is the business of `infra/system.ts`. */
const allRoutes: readonly RouteDeclaration[] = [
  ...simulationRoutes,
  ...salesRoutes,
  ...analyticsRoutes,
  ...rankingRoutes,
  ...insightRoutes,
  ...forecastRoutes,
  ...runForecastRoutes,
  ...replenishmentRoutes,
  ...optimizeRoutes,
  ...systemRoutes,
  ...proofRoutes,
  ...liveRoutes,
];

/** Generates the document from route declarations. @param version Of this software. */
function openApiDocument(routes: readonly RouteDeclaration[], version: string): OpenApiDocument {
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

const headers: Record<string, HeaderObject> = {
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

/** What applies to every operation, in Markdown. */
function introduction(): string {
  return [
    'JSON keys are in snake_case, dates are `YYYY-MM-DD`, times ISO 8601 in UTC. Undefined values are null. Members may be ' +
      'added to responses; none is renamed or dropped.',
    '**Errors** are problem documents (RFC 9457); programs should rely on `code`. ' +
      'An unknown path is 404 `not_found`. Browsers (`Accept: text/html`) get the errors of pages and of unknown paths as HTML.',
    '**Methods.** Every GET operation also answers HEAD. OPTIONS is 204 with `Allow`. Any other method is 405 ' +
      '`method_not_allowed` with `Allow`. A trailing slash redirects to the path without it (307).',
    '**Other origins** have no access: there are no CORS headers. Page, API and stream share one origin.',
    `**Limits.** Path and query ${MAX_URL_BYTES} bytes (414), headers ${MAX_HEADER_BYTES} bytes (431), body ` +
      `${MAX_BODY_BYTES} bytes (413). Unknown parameters are ignored.`,
    '**Error codes**',
    errorRows(),
  ].join('\n\n');
}

/** The table of errors, in Markdown. */
export function errorRows(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
  );
  return ['| code | status | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
