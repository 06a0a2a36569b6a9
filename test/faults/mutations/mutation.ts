/** What protects against a named fault, and how it is taken out: the case must fail then. */
export interface Mutation {
  readonly protection: string;
  readonly edits: readonly Edit[];
  /** Words of the name of the case that must fail. */
  readonly fails: string;
}

/** A text of a file, once in it, and what stands there instead. */
export interface Edit {
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** Where a failed delivery is repeated, nothing else may make good in time what was lost. */
export const NO_RECONCILIATION: Edit = {
  file: 'functions/reconciliation/reconcile.ts',
  text: '  if (!state) return;',
  replacement: '  if (state !== undefined) return;',
};

/** A batch of messages counts as taken although its function failed. */
export const FAILED_BATCH_COUNTS: Edit = {
  file: 'infra/lambda-host/event-sources/kafka.ts',
  text: "      if (!signal.aborted) delivery.failed('is not taken by its function', describeError(error));\n      return false;",
  replacement:
    "      if (!signal.aborted) delivery.failed('is not taken by its function', describeError(error));",
};

/** Stream records count as taken although their function failed. */
export const FAILED_RECORD_COUNTS: Edit = {
  file: 'infra/lambda-host/event-sources/dynamodb-stream.ts',
  text: '      if (error) throw new Error(describeError(error));',
  replacement: '      if (error) describeError(error);',
};

/** Two rows of one event may stand beside each other. */
export const NO_UNIQUE_KEY: Edit = {
  file: 'data/schema/0002_events.sql',
  text: '  UNIQUE KEY one_row_per_event (event_id),',
  replacement: '  KEY one_row_per_event (event_id),',
};
