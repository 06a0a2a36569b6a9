import type { ErrorCode, FieldProblem } from '../errors.ts';

/** An example of an error: the path and the detail. */
export interface ProblemExample {
  readonly instance: string;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
}

/** An example of every code. */
export const problemExamples: Readonly<Record<ErrorCode, ProblemExample>> = {
  invalid_request: {
    instance: '/sales/recent',
    detail: 'query.limit: expected an integer, not "many"',
    errors: [{ field: 'query.limit', message: 'expected an integer, not "many"' }],
  },
  invalid_day: {
    instance: '/demand/predict',
    detail: 'day 732 is out of range: the data set has days 1 to 731.',
  },
  invalid_trials: { instance: '/optimize/demand', detail: 'n_trials must be between 5 and 50, got 51.' },
  not_initialized: {
    instance: '/simulation/next-day',
    detail: 'Simulation not initialized yet. Wait for producer to start.',
  },
  all_days_completed: { instance: '/simulation/next-day', detail: 'All days completed. No more data.' },
  run_replaced: {
    instance: '/simulation/next-day',
    detail: 'The simulation was reset during the request; no day was accepted. Try again.',
  },
  unauthorized: {
    instance: '/simulation/next-day',
    detail: 'This changes the simulation: send "Authorization: Bearer <token>".',
  },
  not_found: { instance: '/price/sensitivity', detail: 'No data found for product=P9999' },
  method_not_allowed: {
    instance: '/simulation/next-day',
    detail: '/simulation/next-day does not support GET; use POST, OPTIONS.',
  },
  payload_too_large: {
    instance: '/simulation/init',
    detail: 'The body has 1100000 bytes; at most 1048576 are allowed.',
  },
  uri_too_long: {
    instance: '/sales/recent',
    detail: 'Path and query have 3000 bytes; at most 2048 are allowed.',
  },
  headers_too_large: {
    instance: '/sales/recent',
    detail: 'The headers have 9000 bytes; at most 8192 are allowed.',
  },
  too_many_viewers: {
    instance: '/stream/events',
    detail: 'All 2000 places at the live stream are taken. Try again in 5 seconds.',
  },
  outcome_unknown: {
    instance: '/simulation/next-day',
    detail:
      'The request timed out and the change may have happened; read GET /simulation/status before you try again.',
  },
  dependency_unavailable: {
    instance: '/sales/recent',
    detail: 'A server that holds the data is not responding. Nothing is lost; try again in a few seconds.',
  },
  internal: {
    instance: '/metrics',
    detail:
      'The request failed unexpectedly; the failure has been logged. If it fails again, report the trace_id.',
  },
};
