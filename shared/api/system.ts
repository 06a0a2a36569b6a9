import * as z from 'zod';
import { operations } from './operations.ts';
import { type RouteDeclaration, route } from './route.ts';
import { simulationStatusSchema } from './simulation.ts';

export const readRoot = route({
  ...operations.readRoot,
  summary: 'Redirect to the live page',
  access: 'public',
  response: z.never(),
  redirect: operations.readLivePage.path,
  errors: [],
});

const probe = z.object({
  status: z.enum(['up', 'down']),
  latency_ms: z.number().min(0),
  error: z.string().optional().describe('Code or name of the error, if it is down.'),
});

const dependencies = z.object({ mysql: probe, dynamodb: probe, kafka: probe });
export type Probe = z.infer<typeof probe>;
export type Dependencies = z.infer<typeof dependencies>;

const count = z.int().min(0);

const pipelineStep = z.enum(['producer', 'consumer', 'kafka', 'mysql', 'dynamodb']);
export type PipelineStep = z.infer<typeof pipelineStep>;

const dayIndex = count.nullable();
const pipeline = z.object({
  status: z
    .enum(['ok', 'stalled'])
    .describe('Stalled if accepted days wait and nothing has moved for more than 30 s.'),
  accepted_day: dayIndex.describe(
    'Index of the last accepted day of the current run; null if there is none.',
  ),
  stored_day: dayIndex.describe(
    'Index of the last day up to which every sale is stored; null if there is none.',
  ),
  stalled_for_seconds: count.describe('How long nothing has moved; 0 if no day waits.'),
  step: pipelineStep
    .nullable()
    .describe('What the accepted days wait for: a server that is down, or the function. Null if none waits.'),
});
export type PipelineHealth = z.infer<typeof pipeline>;

export const readHealth = route({
  ...operations.readHealth,
  summary: 'Health of the API and, on request, of its dependencies and the pipeline',
  access: 'public',
  query: z.object({
    deep: z
      .stringbool()
      .default(false)
      .describe(
        'Probe every dependency and the pipeline’s progress; 503 if a dependency is down, accepted days are not being ' +
          'stored, or messages wait that could not be decoded.',
      ),
  }),
  response: z.object({
    status: z.literal('ok'),
    service: z.literal('api'),
    dependencies: dependencies.optional(),
    pipeline: pipeline.optional(),
  }),
  errors: ['pipeline_stalled', 'undecodable_messages'],
});

const consumerLag = z.object({
  total: count.describe('Messages that are published but not yet stored.'),
  partitions: z.array(z.object({ partition: count, lag: count })),
});

const metrics = z.object({
  kafka: z.object({
    in_memory_buffer: z.literal(0).describe('Kept for existing clients; nothing is buffered in memory.'),
    buffer_capacity: z.literal(500),
    buffer_pct_full: z.literal(0),
    consumer_lag: consumerLag.nullable().describe('Null while Kafka is unreachable.'),
  }),
  ingestion: z.object({
    total_events_stored: count,
    events_last_60s: count,
    events_per_minute: count,
  }),
  pipeline: z.object({
    last_stored_day: z
      .object({
        day_index: count,
        date: z.iso.date(),
        completed_at: z.iso.datetime(),
        click_to_stored_seconds: z
          .number()
          .nullable()
          .describe('From the request to the last stored sale; null if the time of the request was lost.'),
      })
      .nullable()
      .describe('The last completely stored day; null if none of the latest days is.'),
  }),
  dead_letters: count.describe('Dead letters awaiting a replay or a dismissal.'),
  simulation: simulationStatusSchema,
  store_totals: z
    .array(
      z.object({ store_id: z.string(), total_events: count, total_units: count, total_revenue: z.number() }),
    )
    .describe('By revenue, highest first.'),
  top_5_products: z.array(z.object({ product_id: z.string(), total_units: count })).max(5),
});
export type MetricsAnswer = z.infer<typeof metrics>;

export const readMetrics = route({
  ...operations.readMetrics,
  summary: 'Counts of the current run, and the pipeline’s lag',
  description:
    '`format` decides; without it the `Accept` header does, preferring JSON. On a local machine the text also includes ' +
    'process metrics (requests, viewers, connections); on AWS those are in CloudWatch.',
  access: 'public',
  query: z.object({ format: z.enum(['json', 'prometheus']).optional() }),
  response: metrics,
  text: {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    description: 'The same in the Prometheus text format.',
  },
  errors: [],
});

export const readOpenApi = route({
  ...operations.readOpenApi,
  summary: 'This document',
  access: 'public',
  response: z.never(),
  file: { contentTypes: ['application/json'], description: 'OpenAPI 3.1.' },
  errors: [],
});

export const readDocs = route({
  ...operations.readDocs,
  summary: 'This document as a page on which every operation can be tried',
  access: 'public',
  page: true,
  response: z.never(),
  file: { contentTypes: ['text/html; charset=utf-8'], description: 'Swagger UI.' },
  errors: [],
});

/** Media types of the documentation's files. */
const DOCS_TYPES = [
  'text/css; charset=utf-8',
  'text/javascript; charset=utf-8',
  'text/html; charset=utf-8',
  'image/png',
  'application/json',
] as const;
export type DocsType = (typeof DOCS_TYPES)[number];

export const readDocsFile = route({
  ...operations.readDocsFile,
  summary: 'A file of the documentation page',
  access: 'public',
  page: true,
  params: z.object({ file: z.string().max(100) }),
  response: z.never(),
  file: { contentTypes: DOCS_TYPES, description: 'The file.' },
  errors: ['not_found'],
});

export const systemRoutes: readonly RouteDeclaration[] = [
  readRoot,
  readHealth,
  readMetrics,
  readOpenApi,
  readDocs,
  readDocsFile,
];

export const readProof = route({
  ...operations.readProof,
  summary: 'Whether the current run lost or doubled a sale, counted from event ids',
  description:
    'The ids that each published day must have follow from the data set. They are compared with the ids in `kafka_events`. ' +
    'A run that grew by more than 100,000 sales since the last request is compared over several requests; `verified_days` tells how far.',
  access: 'public',
  response: z.object({
    run_id: z.uuid().nullable().describe('Null before the first init.'),
    accepted_days: count,
    published: count.describe('Sales of the days that Kafka has acknowledged.'),
    stored: count.describe('Rows of the run in `kafka_events`.'),
    distinct: count.describe('Published sales that are stored, each counted once.'),
    under_way: count.describe('Published sales that are not stored yet while Kafka’s consumer is behind.'),
    lost: count.describe('Published sales that are not stored although the consumer has read everything.'),
    doubled: count.describe('Rows that repeat a sale, or that no published day accounts for.'),
    verified_days: count.describe(
      'Days whose ids were compared one by one; others are complete by count, or under way.',
    ),
  }),
  errors: [],
});

export const proofRoutes: readonly RouteDeclaration[] = [readProof];
