import { type Mutation, NO_UNIQUE_KEY } from './mutation.ts';

export const deliveryMutations: readonly Mutation[] = [
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
    edits: [
      {
        file: 'shared/sales/event-writer.ts',
        text: '      received: row.received,',
        replacement: "      received: insert && 'affectedRows' in insert ? insert.affectedRows : 0,",
      },
    ],
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
    protection: 'the increment is sent again only if it certainly changed nothing',
    edits: [
      {
        file: 'shared/simulation/dynamodb.ts',
        text: 'if (!certainlyUnchanged(failure.error)) throw failure.error;',
        replacement: '',
      },
    ],
    fails: 'answer of the increment',
  },
  {
    protection: 'there is one row of an event',
    edits: [NO_UNIQUE_KEY],
    fails: 'delivered twice and late',
  },
];
