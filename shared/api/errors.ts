/**
 * Every error that a client can see: code → status and meaning. Responses, the documentation and the tests are made
 * from this table; nothing answers with an error that isn't in it.
 */
export const errorTable = {
  invalid_request: { status: 422, title: 'A parameter or the body is invalid' },
  invalid_day: { status: 400, title: 'The day is outside the calendar' },
  invalid_trials: { status: 400, title: 'The number of trials is outside what a search takes' },
  not_initialized: { status: 400, title: 'The simulation has no calendar yet' },
  all_days_completed: { status: 400, title: 'All days have been played' },
  run_replaced: { status: 409, title: 'The simulation was reset at the same moment' },
  unauthorized: { status: 401, title: 'A token is needed' },
  not_found: { status: 404, title: 'Nothing is known under this path or key' },
  method_not_allowed: { status: 405, title: 'The path does not take this method' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  uri_too_long: { status: 414, title: 'Path and query are too long' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  too_many_viewers: { status: 503, title: 'The live stream is full' },
  outcome_unknown: { status: 503, title: 'The answer of a store was lost; the change may have happened' },
  dependency_unavailable: { status: 503, title: 'A server behind this one does not answer' },
  internal: { status: 500, title: 'An unexpected failure; it has been logged' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

/** One field of a request that is wrong: where it is and what is the matter. */
export interface FieldProblem {
  /** `query.limit`, `body.dates[3]`, … */
  readonly field: string;
  readonly message: string;
}

/** An error with a code of the table, thrown anywhere and shown to the client as a problem document. */
export class HttpProblem extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of the problem document (RFC 9457, section 3.2). */
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
