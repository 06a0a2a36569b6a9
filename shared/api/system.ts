import * as z from 'zod';
import { operations } from './operations.ts';
import { type RouteDeclaration, route } from './route.ts';
import { simulationStatusSchema } from './simulation.ts';

const probe = z.object({
  status: z.enum(['up', 'down']),
  latency_ms: z.number().min(0),
  error: z.string().optional().describe('Why it is down: the code or name of the error.'),
});

const dependencies = z.object({ mysql: probe, dynamodb: probe, kafka: probe });
export type Probe = z.infer<typeof probe>;
export type Dependencies = z.infer<typeof dependencies>;

export const readHealth = route({
  ...operations.readHealth,
  summary: 'Whether the API answers and, if asked, what it depends on',
  access: 'public',
  query: z.object({
    deep: z.stringbool().default(false).describe('Ask every server behind the API; 503 if one is down.'),
  }),
  response: z.object({
    status: z.literal('ok'),
    service: z.literal('api'),
    dependencies: dependencies.optional(),
  }),
  errors: [],
});

const count = z.int().min(0);

const consumerLag = z.object({
  total: count.describe('Messages that are published and not stored yet.'),
  partitions: z.array(z.object({ partition: count, lag: count })),
});

const metrics = z.object({
  kafka: z.object({
    in_memory_buffer: z.literal(0).describe('Kept for existing clients: nothing is buffered in memory.'),
    buffer_capacity: z.literal(500),
    buffer_pct_full: z.literal(0),
    consumer_lag: consumerLag.nullable().describe('Null while Kafka does not answer.'),
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
          .describe('From the click to the last sale; null if the time of the click was lost.'),
      })
      .nullable()
      .describe('The last day that is stored whole; null if none of the latest is.'),
  }),
  dead_letters: count.describe('Unreadable messages that wait for a replay.'),
  simulation: simulationStatusSchema,
  store_totals: z
    .array(
      z.object({ store_id: z.string(), total_events: count, total_units: count, total_revenue: z.number() }),
    )
    .describe('By revenue, greatest first.'),
  top_5_products: z.array(z.object({ product_id: z.string(), total_units: count })).max(5),
});
export type Metrics = z.infer<typeof metrics>;

export const readMetrics = route({
  ...operations.readMetrics,
  summary: 'Counts of the current run, and how far the pipeline is behind',
  description:
    '`format` decides; without it the `Accept` header does, and JSON is preferred. On one machine the text also has the ' +
    'figures of processes (requests, viewers, connections); on AWS those are metrics of CloudWatch.',
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
  summary: 'This document for people, with every operation to try',
  access: 'public',
  response: z.never(),
  file: { contentTypes: ['text/html; charset=utf-8'], description: 'Swagger UI.' },
  errors: [],
});

/** Media types of the files of the documentation. */
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
  summary: 'A file of the documentation’s page',
  access: 'public',
  params: z.object({ file: z.string().max(100) }),
  response: z.never(),
  file: { contentTypes: DOCS_TYPES, description: 'The file.' },
  errors: ['not_found'],
});

export const systemRoutes: readonly RouteDeclaration[] = [
  readHealth,
  readMetrics,
  readOpenApi,
  readDocs,
  readDocsFile,
];
