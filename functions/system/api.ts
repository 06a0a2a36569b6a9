import { readDocs, readDocsFile, readHealth, readMetrics, readOpenApi } from '../../shared/api/system.ts';
import { TextAnswer } from '../../shared/http/responses.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import type { DocsReader } from './docs-files.ts';
import { askDependencies, type Probes } from './health.ts';
import { type MetricsSources, metricsReader } from './metrics.ts';
import { metricsText } from './prometheus.ts';

/** A server that takes longer to say that it is there is of no use to a request. */
const PROBE_WITHIN_MS = 2_000;

/** The routes by which an operator sees how the system is, and everybody what it offers. */
export function systemApi(probes: Probes, sources: MetricsSources, docs: DocsReader): RouteHandler[] {
  const metrics = metricsReader(sources);
  return [
    implement(readHealth, async ({ query }) => {
      const healthy = { status: 'ok', service: 'api' } as const;
      return query.deep
        ? { ...healthy, dependencies: await askDependencies(probes, PROBE_WITHIN_MS) }
        : healthy;
    }),
    implement(readMetrics, async ({ query, headers, log }) => {
      const figures = await metrics(log);
      const asText = query.format ? query.format === 'prometheus' : prefersText(headers.accept);
      return asText ? new TextAnswer(await metricsText(figures)) : figures;
    }),
    implement(readOpenApi, () => docs('openapi.json')),
    implement(readDocs, () => docs('index.html')),
    implement(readDocsFile, ({ params }) => docs(params.file)),
  ];
}

/**
 * Whether an `Accept` header (RFC 9110, section 12.5.1) asks for plain text rather than JSON. JSON is preferred: it
 * answers `*`/`*`, no header at all, and clients that name both alike, as axios does.
 */
export function prefersText(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(parseRange);
  return quality(ranges, 'text', 'plain') > quality(ranges, 'application', 'json');
}

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly q: number;
}

function parseRange(text: string): MediaRange {
  const [range = '', ...parameters] = text
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const [type = '', subtype = ''] = range.split('/');
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const q = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, subtype, q: Number.isFinite(q) ? q : 0 };
}

/** The weight that the most specific matching range gives a media type; 0 if none matches. */
function quality(ranges: readonly MediaRange[], type: string, subtype: string): number {
  const find = (t: string, s: string) => ranges.find((range) => range.type === t && range.subtype === s);
  return (find(type, subtype) ?? find(type, '*') ?? find('*', '*'))?.q ?? 0;
}
