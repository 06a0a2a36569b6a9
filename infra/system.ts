/**
 * The system as data: table, topic, functions, routes and event sources. The CDK stacks (`infra/aws`) and the local
 * host (`infra/local`) are both built from it, so they can't drift apart.
 */
import { analyticsRoutes } from '../shared/api/analytics.ts';
import { forecastRoutes } from '../shared/api/forecast.ts';
import { insightRoutes } from '../shared/api/insights.ts';
import { liveRoutes } from '../shared/api/live.ts';
import { tags } from '../shared/api/operations.ts';
import { optimizeRoutes } from '../shared/api/optimize.ts';
import { rankingRoutes } from '../shared/api/ranking.ts';
import { replenishmentRoutes } from '../shared/api/replenishment.ts';
import type { RouteDeclaration } from '../shared/api/route.ts';
import { runForecastRoutes } from '../shared/api/run-forecasts.ts';
import { salesRoutes } from '../shared/api/sales.ts';
import { simulationRoutes } from '../shared/api/simulation.ts';
import { proofRoutes, systemRoutes } from '../shared/api/system.ts';
import type { FunctionDefinition, SystemDescription } from './system-description.ts';

export type FunctionName =
  | 'simulation'
  | 'sales'
  | 'analytics'
  | 'forecast'
  | 'optimize'
  | 'system'
  | 'producer'
  | 'consumer'
  | 'reconciliation'
  | 'feed'
  | 'live'
  | 'etl'
  | 'migrate'
  | 'password'
  | 'token';

/** The routes of the HTTP API and the function that answers each. */
export const httpRoutes: readonly { readonly route: RouteDeclaration; readonly function: FunctionName }[] = [
  ...simulationRoutes.map((route) => ({ route, function: 'simulation' as const })),
  ...salesRoutes.map((route) => ({ route, function: 'sales' as const })),
  ...[...analyticsRoutes, ...rankingRoutes, ...insightRoutes].map((route) => ({
    route,
    function: 'analytics' as const,
  })),
  ...forecastRoutes.map((route) => ({ route, function: 'forecast' as const })),
  ...[...runForecastRoutes, ...replenishmentRoutes].map((route) => ({
    route,
    function: 'forecast' as const,
  })),
  ...optimizeRoutes.map((route) => ({ route, function: 'optimize' as const })),
  ...[...systemRoutes, ...proofRoutes].map((route) => ({ route, function: 'system' as const })),
];

export const functions: Readonly<Record<FunctionName, FunctionDefinition>> = {
  simulation: {
    description: tags.simulation,
    entry: 'functions/simulation/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 10,
    uses: ['http-api', 'table:read', 'table:write', 'api-token'],
    network: 'public',
    invocation: 'buffered',
    localWorkers: 2,
    startWarm: true,
    environment: {},
  },
  sales: {
    description: tags.sales,
    entry: 'functions/sales/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 15,
    uses: ['http-api', 'table:read', 'mysql:read-data-set', 'mysql:read-events'],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 10,
    localWorkers: 2,
    startWarm: false,
    environment: {},
  },
  analytics: {
    description: tags.analytics,
    entry: 'functions/analytics/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 15,
    uses: ['http-api', 'table:read', 'mysql:read-data-set', 'mysql:read-events'],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 10,
    localWorkers: 2,
    startWarm: false,
    environment: {},
  },
  forecast: {
    description: tags.forecast,
    entry: 'functions/forecast/handler.ts',
    // Backtests are CPU-bound, and Lambda allots CPU by memory: this much is one full vCPU.
    memoryMb: 1769,
    timeoutSeconds: 30,
    uses: ['http-api', 'table:read', 'mysql:read-data-set', 'mysql:keep-forecasts'],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 5,
    // Each worker keeps the forecasts of a run: a second one would make and store each evening's again.
    localWorkers: 1,
    startWarm: false,
    environment: {},
  },
  optimize: {
    description: tags.optimize,
    entry: 'functions/optimize/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 30,
    uses: ['http-api', 'table:read', 'mysql:read-data-set', 'mysql:trials', 'invoke:token'],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 5,
    localWorkers: 2,
    startWarm: false,
    environment: {},
  },
  system: {
    description: tags.system,
    entry: 'functions/system/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 15,
    uses: [
      'http-api',
      'table:read',
      'mysql:read-data-set',
      'mysql:read-events',
      'mysql:read-dead-letters',
      'topic:lag',
      'docs',
    ],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 5,
    localWorkers: 2,
    startWarm: false,
    environment: {},
  },
  producer: {
    description: 'Publishes the sales of accepted days to Kafka',
    entry: 'functions/producer/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 60,
    uses: ['table:read', 'table:write', 'mysql:read-data-set', 'topic:produce'],
    network: 'vpc',
    invocation: 'buffered',
    localWorkers: 1,
    startWarm: true,
    environment: {},
  },
  consumer: {
    description: 'Stores sales from Kafka in MySQL',
    entry: 'functions/consumer/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 60,
    uses: ['table:read', 'table:write', 'mysql:store-events'],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 6,
    localWorkers: 1,
    // A batch of 4,000 messages: with the default, most of what it makes survives two collections and grows old.
    localYoungMb: 24,
    startWarm: true,
    environment: {},
  },
  reconciliation: {
    description: 'Publishes days whose trigger was lost, and raises counters that lag behind MySQL',
    entry: 'functions/reconciliation/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 300,
    uses: [
      'table:read',
      'table:write',
      'mysql:read-data-set',
      'mysql:read-events',
      'mysql:keep-forecasts',
      'topic:produce',
    ],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 1,
    localWorkers: 1,
    startWarm: false,
    environment: {},
  },
  feed: {
    description: 'Reads a page of events after an id, for the live stream',
    entry: 'functions/feed/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 10,
    uses: ['mysql:read-events'],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 4,
    localWorkers: 1,
    startWarm: true,
    environment: {},
  },
  live: {
    description: tags.live,
    entry: 'functions/live/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 900,
    uses: ['table:read', 'invoke:feed'],
    network: 'public',
    invocation: 'stream',
    reservedConcurrency: 100,
    localWorkers: 1,
    startWarm: true,
    environment: {},
  },
  etl: {
    description: 'Loads a data set into MySQL and registers its dates',
    entry: 'functions/etl/handler.ts',
    memoryMb: 1024,
    timeoutSeconds: 900,
    uses: ['table:read', 'table:write', 'mysql:load-data-set', 'dataset'],
    network: 'vpc',
    invocation: 'buffered',
    reservedConcurrency: 1,
    localWorkers: 1,
    startWarm: false,
    environment: {},
  },
  // Not part of the ETL, whose one environment is taken while a data set loads: a deployment can't wait for that.
  migrate: {
    description: 'Applies the schema to MySQL',
    entry: 'functions/migrate/handler.ts',
    memoryMb: 512,
    timeoutSeconds: 600,
    uses: ['mysql:own', 'schema', 'invoke:password'],
    network: 'vpc',
    invocation: 'buffered',
    // A second one waits for the lock: the deployment's trigger may repeat an invocation whose response was lost.
    reservedConcurrency: 2,
    localWorkers: 1,
    startWarm: false,
    environment: {},
  },
  password: secretFunction(
    'secret:password',
    'Hands the migrations the password of the account that owns the tables',
  ),
  token: secretFunction('secret:token', 'Hands the API token to functions in the VPC'),
};

/**
 * A function outside the VPC that hands a secret to one inside: from there Secrets Manager can't be reached without an endpoint, which
 * would cost by the hour. One function for each secret, so that each caller's role allows the one that it needs.
 */
function secretFunction(uses: 'secret:password' | 'secret:token', description: string): FunctionDefinition {
  return {
    description,
    entry: 'functions/secret/handler.ts',
    memoryMb: 256,
    timeoutSeconds: 10,
    uses: [uses],
    network: 'public',
    invocation: 'buffered',
    localWorkers: 1,
    startWarm: false,
    environment: {},
  };
}

/** Answers requests without a route, so a 404 or 405 looks like every other error. */
export const defaultRoute: FunctionName = 'system';

/** Paths served by the streaming function behind its function URL instead of the HTTP API. */
export const functionUrl = { function: 'live', pathPrefixes: ['/stream/'], routes: liveRoutes } as const;

/** The table with the simulation's state. */
export const table = {
  partitionKey: 'pk',
  sortKey: 'sk',
  timeToLive: 'expires_at',
  stream: 'NEW_AND_OLD_IMAGES',
} as const;

/** The topic for sales. Its partitions bound the number of concurrent consumers. */
export const topic = {
  name: 'sales-events',
  partitions: 6,
  retentionHours: 7 * 24,
} as const;

/** The producer's trigger: the run has reached a day. Numbers in stream records are strings, so numeric operators never match. */
export const dayAcceptedPattern = {
  dynamodb: {
    Keys: { sk: { S: ['STATE'] } },
    NewImage: { day_index: { N: [{ 'anything-but': ['-1'] }] } },
  },
} as const;

/**
 * What invokes functions besides requests. Stream and topic are retried without limit: a failure destination, a split or a limit
 * of attempts would turn a long outage into loss.
 */
export const eventSources = {
  stream: {
    function: 'producer',
    batchSize: 100,
    startingPosition: 'TRIM_HORIZON',
    filters: [dayAcceptedPattern],
  },
  topic: {
    function: 'consumer',
    consumerGroup: 'sales-consumer',
    // 3.1 MB of Lambda's 6 MB with the generated data set; where sales are longer, the event source takes fewer.
    batchSize: 4_000,
    startingPosition: 'TRIM_HORIZON',
  },
  schedules: [{ function: 'reconciliation', everyMinutes: 5 }],
} as const;

/** The description as one value, for code that also accepts other descriptions. */
export const deployedSystem: SystemDescription = {
  functions,
  httpRoutes,
  defaultRoute,
  functionUrl,
  table,
  topic,
  eventSources,
};
