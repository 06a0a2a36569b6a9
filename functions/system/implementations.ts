import { readDocs, readDocsFile, readHealth, readMetrics, readOpenApi } from '../../shared/api/system.ts';
import { TextAnswer } from '../../shared/http/responses.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { prefersText } from './accept.ts';
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
      return asText ? new TextAnswer(metricsText(figures)) : figures;
    }),
    implement(readOpenApi, () => docs('openapi.json')),
    implement(readDocs, () => docs('index.html')),
    implement(readDocsFile, ({ params }) => docs(params.file)),
  ];
}
