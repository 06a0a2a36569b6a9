import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { HttpProblem } from '../../shared/api/errors.ts';
import { type Operation, operations } from '../../shared/api/operations.ts';
import { methodsOf } from '../../shared/api/route.ts';
import {
  type DocsType,
  readDocs,
  readDocsFile,
  readHealth,
  readMetrics,
  readOpenApi,
  readProof,
  readRoot,
} from '../../shared/api/system.ts';
import { prefers } from '../../shared/http/problem-pages.ts';
import { type ApiEvent, type ApiResponse, shownPath } from '../../shared/http/request-state.ts';
import { contentTypes, docsPageHeaders } from '../../shared/http/response-headers.ts';
import {
  answerOptions,
  FileAnswer,
  methodNotAllowed,
  RedirectAnswer,
  redirectTo,
  TextAnswer,
} from '../../shared/http/responses.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { type HealthSources, probeDeeply } from './health.ts';
import { type MetricsSources, metricsReader } from './metrics.ts';
import { type ProofSources, proofReader } from './proof.ts';

/** A dependency that is slower than this is as good as down. */
const PROBE_WITHIN_MS = 2_000;

/** Health, metrics and documentation. */
export function systemApi(
  health: HealthSources,
  sources: MetricsSources & ProofSources,
  docs: DocsReader,
): RouteHandler[] {
  const metrics = metricsReader(sources);
  const proof = proofReader(sources);
  return [
    implement(readRoot, () => new RedirectAnswer()),
    implement(readHealth, async ({ query }) => {
      const healthy = { status: 'ok', service: 'api' } as const;
      return query.deep ? { ...healthy, ...(await probeDeeply(health, PROBE_WITHIN_MS)) } : healthy;
    }),
    implement(readMetrics, async ({ query, headers, log }) => {
      const figures = await metrics(log);
      const asText = query.format
        ? query.format === 'prometheus'
        : prefers(headers.accept, 'text/plain', ['application/json']);
      if (!asText) return figures;
      // Prometheus's client is a tenth of what a start would read, and nothing else needs it.
      const { metricsText } = await import('./prometheus.ts');
      return new TextAnswer(await metricsText(figures));
    }),
    implement(readProof, ({ log }) => proof(log)),
    implement(readOpenApi, () => docs('openapi.json')),
    implement(readDocs, () => docs('index.html')),
    implement(readDocsFile, ({ params }) => docs(params.file)),
  ];
}

/** The folder of the built documentation. */
export const docsSettings = z.object({ DOCS_DIRECTORY: z.string().min(1).default('docs') });

const CONTENT_TYPES: Readonly<Record<string, DocsType>> = {
  '.json': contentTypes['.json'],
  '.html': contentTypes['.html'],
  '.js': contentTypes['.js'],
  '.css': contentTypes['.css'],
  '.png': contentTypes['.png'],
};

/** Returns a built file by its name. @throws HttpProblem `not_found`. */
type DocsReader = (name: string) => Promise<FileAnswer>;

/**
 * Reads the documentation's files into memory on first use; only those can be requested, so no path can leave the folder.
 */
export function docsReader(directory: string): DocsReader {
  let files: Promise<Map<string, FileAnswer>> | undefined;
  return async (name) => {
    files ??= readFiles(directory);
    const file = (await files).get(name);
    if (file) return file;
    throw new HttpProblem('not_found', 'The documentation has no such file. Its page is at /docs.');
  };
}

async function readFiles(directory: string): Promise<Map<string, FileAnswer>> {
  const names = (await readdir(directory)).flatMap((name) => {
    const contentType = CONTENT_TYPES[path.extname(name)];
    return contentType ? [{ name, contentType }] : [];
  });
  const files = names.map(async ({ name, contentType }) => {
    const bytes = await readFile(path.join(directory, name));
    const headers = name.endsWith('.html') ? docsPageHeaders : {};
    return [name, new FileAnswer(bytes, contentType, headers)] as const;
  });
  return new Map(await Promise.all(files));
}

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
