/**
 * Every error that a client can see: code → status and meaning. Responses, documentation and tests are generated from
 * this table; no response has an error that isn't in it.
 */
export const errorTable = {
  invalid_request: { status: 422, title: 'A parameter or the body is invalid' },
  invalid_day: { status: 400, title: 'The day is outside the calendar' },
  invalid_trials: { status: 400, title: 'The number of trials is out of range' },
  not_initialized: { status: 400, title: 'The simulation has not been initialized' },
  all_days_completed: { status: 400, title: 'All days have been played' },
  run_replaced: { status: 409, title: 'The simulation was reset during the request' },
  unauthorized: { status: 401, title: 'A valid token is required' },
  forbidden: { status: 403, title: 'Only the public address is served' },
  not_found: { status: 404, title: 'No such path or resource' },
  method_not_allowed: { status: 405, title: 'The path does not support this method' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  uri_too_long: { status: 414, title: 'Path and query are too long' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  too_many_viewers: { status: 503, title: 'The live stream is full' },
  outcome_unknown: { status: 503, title: 'The outcome is unknown; the change may have happened' },
  dependency_unavailable: { status: 503, title: 'An upstream dependency is unavailable' },
  pipeline_stalled: { status: 503, title: 'Accepted days are not being stored' },
  undecodable_messages: { status: 503, title: 'Messages could not be decoded' },
  internal: { status: 500, title: 'Internal error; it has been logged' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

/** An invalid field of a request, and why it is invalid. */
export interface FieldProblem {
  /** `query.limit`, `body.dates[3]`, … */
  readonly field: string;
  readonly message: string;
}

/** An error with a code of the table. Thrown anywhere, it reaches the client as a problem document. */
export class HttpProblem extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;
  /** Additional members of the problem document (RFC 9457, section 3.2). */
  readonly extensions: Readonly<Record<string, unknown>>;

  /** @param detail One or two sentences for the caller: what happened, to what, and what to do. */
  constructor(
    code: ErrorCode,
    detail: string,
    options: {
      fields?: readonly FieldProblem[];
      headers?: Record<string, string>;
      extensions?: Record<string, unknown>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'HttpProblem';
    this.code = code;
    this.fields = options.fields ?? [];
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}
