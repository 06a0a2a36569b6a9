/** What protects against each named fault, and how it is taken out: the case must fail then. */
export interface Mutation {
  readonly protection: string;
  readonly edits: readonly { readonly file: string; readonly text: string; readonly replacement: string }[];
  /** Words of the name of the case that must fail. */
  readonly fails: string;
}

const CONSUMER_EARLY_OFFSET: Mutation['edits'] = [
  {
    file: 'infra/local/event-sources/kafka.ts',
    text: '    const { error } = await invoke(JSON.stringify(event));',
    replacement:
      '    committer.commit(new Map(batch.map(({ partition, offset }) => [partition, offset + 1])));\n' +
      '    const { error } = await invoke(JSON.stringify(event));',
  },
];

const FAILED_BATCH_COUNTS: Mutation['edits'] = [
  {
    file: 'infra/local/event-sources/kafka.ts',
    text: "      if (!signal.aborted) delivery.failed('is not taken by its function', describeError(error));\n      return false;",
    replacement:
      "      if (!signal.aborted) delivery.failed('is not taken by its function', describeError(error));",
  },
];

const FAILED_RECORD_COUNTS: Mutation['edits'] = [
  {
    file: 'infra/local/event-sources/dynamodb-stream.ts',
    text: '      if (error) throw new Error(describeError(error));',
    replacement: '      if (error) describeError(error);',
  },
];

const NO_DEDUPLICATION: Mutation['edits'] = [
  {
    file: 'shared/sales/event-writer.ts',
    text: ' VALUES ? ON DUPLICATE KEY UPDATE id = id`, [rows]];\n}\n\nconst DEAD',
    replacement: ' VALUES ?`, [rows]];\n}\n\nconst DEAD',
  },
];

const ONE_ROW_OR_MORE: Mutation['edits'] = [
  {
    file: 'data/schema/0002_events.sql',
    text: '  UNIQUE KEY one_row_per_event (event_id),',
    replacement: '  KEY one_row_per_event (event_id),',
  },
];

const COUNT_OF_INSERTED_ROWS: Mutation['edits'] = [
  {
    file: 'shared/sales/event-writer.ts',
    text: '      received: row.received,',
    replacement: "      received: insert && 'affectedRows' in insert ? insert.affectedRows : 0,",
  },
];

const OUTAGES = ['away', 'killed', 'frozen', 'lossy'] as const;

export const mutations: readonly Mutation[] = [
  {
    protection:
      'a stream record counts as taken only when its days are published, and the reconciliation looks at every start',
    edits: [
      {
        file: 'infra/local/event-sources/dynamodb-stream.ts',
        text: '      if (page === undefined || !(await deliver(page.records))) break;\n      advance(id, page);',
        replacement:
          '      if (page === undefined) break;\n      advance(id, page);\n      await checkpoint.flush();\n      if (!(await deliver(page.records))) break;',
      },
      { file: 'infra/local/event-sources/schedule.ts', text: '  fire();\n', replacement: '' },
    ],
    fails: 'after the update, before publishing',
  },
  {
    // Only what is published again gets other ids: without a fault nothing differs.
    protection: 'an event that is published again has the id it had',
    edits: [
      {
        file: 'shared/simulation/publication.ts',
        text: '    const ofDay = facts.get(date) ?? [];',
        replacement:
          '    const again = (await borders.store.readDays(runId)).some((day) => day.dayIndex === dayIndex && day.publishedAt);\n' +
          '    const ofDay = (facts.get(date) ?? []).map((fact) => ({ ...fact, again }));',
      },
      {
        file: 'shared/sales/facts.ts',
        text: '    event_id: saleEventId({ run_id: runId, ...fact }),',
        replacement:
          '    event_id: fact.again ? crypto.randomUUID() : saleEventId({ run_id: runId, ...fact }),',
      },
    ],
    fails: 'after publishing, before published_index',
  },
  {
    protection: 'published_index is raised when the days are acknowledged, not before',
    edits: [
      {
        file: 'shared/simulation/publication.ts',
        text: '    await publishDays(borders, { runId, pickedUpAt, clicks }, days, dates);\n    await borders.store.raisePublishedIndex(runId, days.at(-1) ?? acceptedIndex);',
        replacement:
          '    await borders.store.raisePublishedIndex(runId, days.at(-1) ?? acceptedIndex);\n    await publishDays(borders, { runId, pickedUpAt, clicks }, days, dates);',
      },
    ],
    fails: 'after publishing, before anything tells of it',
  },
  {
    protection: 'an offset is committed only when its batch is stored',
    edits: CONSUMER_EARLY_OFFSET,
    fails: 'after the insert, before commit',
  },
  {
    protection: 'an event that stands already is left alone',
    edits: NO_DEDUPLICATION,
    fails: 'after commit, before the DynamoDB write',
  },
  {
    protection:
      'a batch that was stored before is counted and told again, and the reconciliation raises what lags behind',
    edits: [
      {
        file: 'functions/consumer/consume.ts',
        text: '  await reportProgress(borders, batch.events, stored);',
        replacement: '  if (stored.inserted > 0) await reportProgress(borders, batch.events, stored);',
      },
      {
        file: 'functions/reconciliation/reconcile.ts',
        text: '  await raiseCounters(borders, runId, incomplete);\n',
        replacement: '',
      },
    ],
    fails: 'after commit, before the DynamoDB write',
  },
  ...['after the DynamoDB write, before the offset', 'delivered twice and late'].map((fails) => ({
    protection: 'there is one row of an event',
    edits: ONE_ROW_OR_MORE,
    fails,
  })),
  {
    protection: 'the reconciliation publishes what is due',
    edits: [
      {
        file: 'functions/reconciliation/reconcile.ts',
        text: '  const published = await publishDue(borders, runId, acceptedIndex, clicks);',
        replacement:
          '  const published = acceptedIndex < -1 ? await publishDue(borders, runId, acceptedIndex, clicks) : 0;',
      },
    ],
    fails: 'withheld for ever',
  },
  {
    protection: 'what is due is told by published_index, not by the record',
    edits: [
      {
        file: 'shared/simulation/publication.ts',
        text: '  const due = range(progress.publishedIndex + 1, acceptedIndex);',
        replacement: '  const due = range(acceptedIndex, acceptedIndex);',
      },
    ],
    fails: 'delivered twice and late',
  },
  {
    protection: 'a day’s count is read in MySQL, not added up',
    edits: COUNT_OF_INSERTED_ROWS,
    fails: 'split and delivered in pieces by two consumers',
  },
  {
    protection: 'a counter only ever rises',
    edits: [
      {
        file: 'shared/simulation/ledger.ts',
        text: "    ConditionExpression: 'attribute_not_exists(day_received) OR day_received < :received',\n",
        replacement: '',
      },
    ],
    fails: 'two consumers that finish in the wrong order',
  },
  {
    protection: 'writers serialise on one lock row, so that ids become visible in their order',
    edits: [
      {
        file: 'shared/sales/event-writer.ts',
        text: '    LOCK,\n    ...(events',
        replacement: '    ...(events',
      },
      {
        file: 'shared/sales/event-writer.ts',
        text: 'const insert = results[2];',
        replacement: 'const insert = results[1];',
      },
    ],
    fails: 'that inserts first and commits last',
  },
  {
    protection: 'the transaction of a batch is one round trip',
    edits: [
      {
        file: 'shared/sales/event-writer.ts',
        text: '    const [results] = await connection.query<ResultSetHeader[]>({ sql, values, timeout: BATCH_TIMEOUT_MS });\n',
        replacement:
          '    const results: ResultSetHeader[] = [];\n' +
          '    let rest = [...values];\n' +
          "    for (const one of sql.split(';\\n')) {\n" +
          "      const count = one.split('?').length - 1;\n" +
          '      const [result] = await connection.query<ResultSetHeader>({ sql: one, values: rest.slice(0, count), timeout: BATCH_TIMEOUT_MS });\n' +
          '      rest = rest.slice(count);\n' +
          '      results.push(result);\n' +
          '    }\n',
      },
    ],
    fails: 'stopped by SIGSTOP inside its transaction',
  },
  {
    protection: 'the increment is sent once',
    edits: [
      { file: 'shared/simulation/dynamodb.ts', text: 'maxAttempts: 1,', replacement: 'maxAttempts: 3,' },
    ],
    fails: 'answer of the increment',
  },
  ...OUTAGES.map((outage) => ({
    protection: 'a batch that failed is delivered again without limit',
    edits: FAILED_BATCH_COUNTS,
    fails: `mysql, ${outage}`,
  })),
  ...OUTAGES.map((outage) => ({
    protection: 'a record that failed is delivered again without limit',
    edits: FAILED_RECORD_COUNTS,
    fails: `kafka, ${outage}`,
  })),
  {
    protection: 'health asks the servers themselves',
    edits: [
      {
        file: 'functions/system/health.ts',
        text: '    await withDeadline(withinMs, probe(), () => new NoAnswer(withinMs));',
        replacement:
          '    void withDeadline(withinMs, probe(), () => new NoAnswer(withinMs)).catch(() => undefined);',
      },
    ],
    fails: 'mysql, away',
  },
];
