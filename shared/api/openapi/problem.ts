import * as z from 'zod';
import { type ErrorCode, errorTable, type FieldProblem } from '../errors.ts';
import { operations } from '../operations.ts';
import type { Components, Example, Reference, ResponseObject } from './openapi.ts';
import { type JsonSchema, outputSchema } from './openapi.ts';

/** Errors in the document: one schema, an example per code, and a response per set of codes that share a status. */

// Object.keys returns strings, whatever the keys' type.
const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

/** A problem document as RFC 9457 describes it. */
const problemSchema = z
  .looseObject({
    type: z.string().describe('`urn:problem-type:` followed by the code.'),
    title: z.string().describe('Constant for each code.'),
    status: z.int().min(400).max(599),
    detail: z.string().describe('What happened, to what, and how to fix it.'),
    instance: z.string().describe('The requested path.'),
    code: z.enum(codes).describe('For programs to rely on.'),
    trace_id: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .nullable()
      .describe('Identifies the request in the logs.'),
    errors: z
      .array(z.object({ field: z.string().meta({ examples: ['query.limit'] }), message: z.string() }))
      .max(20)
      .optional()
      .describe('Invalid fields of the request; the first 20.'),
  })
  .describe('RFC 9457.');

/** Headers of specific errors. */
const HEADERS_OF: Partial<Record<ErrorCode, readonly string[]>> = {
  unauthorized: ['WWW-Authenticate'],
  dependency_unavailable: ['Retry-After'],
  too_many_viewers: ['Retry-After'],
};

/** Schema and examples of all errors. */
export function problemComponents(): Pick<Components, 'schemas' | 'examples'> {
  const { additionalProperties: _open, ...schema } = outputSchema(problemSchema);
  const examples = codes.map((code) => [code, { value: exampleOf(code) }] as const);
  return { schemas: { Problem: schema }, examples: Object.fromEntries<Example>(examples) };
}

function exampleOf(code: ErrorCode): Record<string, unknown> {
  const { status, title } = errorTable[code];
  const { instance, detail, ...more }: ProblemExample = problemExamples[code];
  return {
    type: `urn:problem-type:${code}`,
    title,
    status,
    detail,
    instance,
    code,
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    ...more,
  };
}

/**
 * The responses of an operation for its codes, by status. Each is stored in `components` under its codes' names, because
 * many operations share it.
 *
 * @param options `page`: browsers get these errors as HTML.
 */
export function problemResponses(
  errors: readonly ErrorCode[],
  components: Components,
  { page = false }: { readonly page?: boolean | undefined } = {},
): Record<string, Reference> {
  const byStatus = Map.groupBy(errors, (code) => String(errorTable[code].status));
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => {
      const sorted = ofStatus.toSorted();
      const name = `${sorted.join('-')}${page ? '-page' : ''}`;
      components.responses[name] ??= page ? withPage(problemResponse(sorted)) : problemResponse(sorted);
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}

function problemResponse(ofStatus: readonly ErrorCode[]): ResponseObject {
  const headers = ['traceparent', ...ofStatus.flatMap((code) => HEADERS_OF[code] ?? [])];
  return {
    description: ofStatus.map((code) => `\`${code}\`: ${errorTable[code].title}.`).join(' '),
    headers: headerReferences([...new Set(headers)]),
    content: {
      'application/problem+json': {
        schema: withCodes(ofStatus),
        examples: Object.fromEntries(
          ofStatus.map((code) => [code, { $ref: `#/components/examples/${code}` } as const]),
        ),
      },
    },
  };
}

/** The same response where a browser, by its `Accept`, gets a page instead. */
function withPage({ content, ...response }: ResponseObject): ResponseObject {
  const description = 'For browsers: what the problem document says, as a page.';
  return {
    ...response,
    content: { ...content, 'text/html; charset=utf-8': { schema: { type: 'string', description } } },
  };
}

function withCodes(ofStatus: readonly ErrorCode[]): JsonSchema {
  return {
    type: 'object',
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    properties: { code: { enum: [...ofStatus] } },
  };
}

/** References to headers of `components`, by their names. */
export function headerReferences(names: readonly string[]): Record<string, Reference> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` } as const]));
}

/** An example of an error: the path and the detail. */
export interface ProblemExample {
  readonly instance: string;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
}

/** An example of every code. */
export const problemExamples: Readonly<Record<ErrorCode, ProblemExample>> = {
  invalid_request: {
    instance: operations.recentSales.path,
    detail: 'query.limit: expected an integer, not "many"',
    errors: [{ field: 'query.limit', message: 'expected an integer, not "many"' }],
  },
  invalid_day: {
    instance: operations.predictDemand.path,
    detail: 'day 732 is out of range: the data set has days 1 to 731.',
  },
  invalid_trials: {
    instance: operations.optimizeDemand.path,
    detail: 'n_trials must be between 5 and 50, got 51.',
  },
  not_initialized: {
    instance: operations.nextDay.path,
    detail: 'Simulation not initialized yet. Wait for producer to start.',
  },
  all_days_completed: { instance: operations.nextDay.path, detail: 'All days completed. No more data.' },
  run_replaced: {
    instance: operations.nextDay.path,
    detail: 'The simulation was reset during the request; no day was accepted. Try again.',
  },
  unauthorized: {
    instance: operations.nextDay.path,
    detail: 'This changes the simulation: send "Authorization: Bearer <token>".',
  },
  forbidden: {
    instance: operations.readHealth.path,
    detail: 'This address serves CloudFront alone: use the public address.',
  },
  not_found: { instance: operations.readPriceSensitivity.path, detail: 'No data found for product=P9999' },
  method_not_allowed: {
    instance: operations.nextDay.path,
    detail: '/simulation/next-day does not support GET; use POST, OPTIONS.',
  },
  payload_too_large: {
    instance: operations.initSimulation.path,
    detail: 'The body has 1100000 bytes; at most 1048576 are allowed.',
  },
  uri_too_long: {
    instance: operations.recentSales.path,
    detail: 'Path and query have 3000 bytes; at most 2048 are allowed.',
  },
  headers_too_large: {
    instance: operations.recentSales.path,
    detail: 'The headers have 9000 bytes; at most 8192 are allowed.',
  },
  too_many_viewers: {
    instance: operations.streamEvents.path,
    detail: 'All 2000 places at the live stream are taken. Try again in 5 seconds.',
  },
  outcome_unknown: {
    instance: operations.nextDay.path,
    detail:
      'The request timed out and the change may have happened; read GET /simulation/status before you try again.',
  },
  dependency_unavailable: {
    instance: operations.recentSales.path,
    detail: 'A server that holds the data is not responding. Nothing is lost; try again in a few seconds.',
  },
  pipeline_stalled: {
    instance: '/health',
    detail:
      'Nothing has moved for 45 s, and accepted days wait for: consumer. They are not lost; docs/operations.md names remedies.',
  },
  undecodable_messages: {
    instance: '/health',
    detail: '12 messages could not be decoded and were kept: npm run dead-letters -- list shows them.',
  },
  internal: {
    instance: operations.readMetrics.path,
    detail:
      'The request failed unexpectedly; the failure has been logged. If it fails again, report the trace_id.',
  },
};
