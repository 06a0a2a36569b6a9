import { readProof } from '../../shared/api/proof.ts';
import {
  readDocs,
  readDocsFile,
  readHealth,
  readMetrics,
  readOpenApi,
  readRoot,
} from '../../shared/api/system.ts';
import { RedirectAnswer, TextAnswer } from '../../shared/http/responses.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import type { DocsReader } from './docs-files.ts';
import { type HealthSources, probeDeeply } from './health.ts';
import { type MetricsSources, metricsReader } from './metrics.ts';
import { metricsText } from './prometheus.ts';
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
      const asText = query.format ? query.format === 'prometheus' : prefersText(headers.accept);
      return asText ? new TextAnswer(await metricsText(figures)) : figures;
    }),
    implement(readProof, ({ log }) => proof(log)),
    implement(readOpenApi, () => docs('openapi.json')),
    implement(readDocs, () => docs('index.html')),
    implement(readDocsFile, ({ params }) => docs(params.file)),
  ];
}

/**
 * Whether an `Accept` header (RFC 9110, section 12.5.1) prefers plain text to JSON. JSON is the default: for a missing header,
 * for `*`/`*`, and for clients that weight both equally, as axios does.
 */
function prefersText(accept: string | undefined): boolean {
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

/** The weight of the most specific range that matches a media type; 0 if none does. */
function quality(ranges: readonly MediaRange[], type: string, subtype: string): number {
  const find = (t: string, s: string) => ranges.find((range) => range.type === t && range.subtype === s);
  return (find(type, subtype) ?? find(type, '*') ?? find('*', '*'))?.q ?? 0;
}
