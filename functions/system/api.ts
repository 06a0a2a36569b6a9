import { readProof } from '../../shared/api/proof.ts';
import {
  readDocs,
  readDocsFile,
  readHealth,
  readMetrics,
  readOpenApi,
  readRoot,
} from '../../shared/api/system.ts';
import { prefers } from '../../shared/http/accept.ts';
import { RedirectAnswer, TextAnswer } from '../../shared/http/responses.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import type { DocsReader } from './docs-files.ts';
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
