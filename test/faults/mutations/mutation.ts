/** A safeguard against a named fault and the edits that remove it; its case must then fail. */
export interface Mutation {
  readonly safeguard: string;
  readonly edits: readonly Edit[];
  /** Part of the name of the case that must fail. */
  readonly fails: string;
}

/** A text that appears exactly once in a file, and its replacement. */
export interface Edit {
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** Without the reconciliation, only a repeated delivery can repair a loss. */
export const NO_RECONCILIATION: Edit = {
  file: 'functions/reconciliation/reconcile.ts',
  text: '  if (!state) return;',
  replacement: '  if (state !== undefined) return;',
};

/** A batch of messages is acknowledged although its function failed. */
export const FAILED_BATCH_COUNTS: Edit = {
  file: 'infra/lambda-host/event-sources/kafka.ts',
  text: "      if (!signal.aborted) delivery.failed('is blocked because its function fails', describeError(error));\n      return false;",
  replacement:
    "      if (!signal.aborted) delivery.failed('is blocked because its function fails', describeError(error));",
};

/** Stream records are acknowledged although their function failed. */
export const FAILED_RECORD_COUNTS: Edit = {
  file: 'infra/lambda-host/event-sources/dynamodb-stream.ts',
  text: '      if (error) throw new Error(describeError(error));',
  replacement: '      if (error) describeError(error);',
};

/** One event may have two rows. */
export const NO_UNIQUE_KEY: Edit = {
  file: 'data/schema/0002_events.sql',
  text: '  UNIQUE KEY one_row_per_event (event_id),',
  replacement: '  KEY one_row_per_event (event_id),',
};
