import { type Mutation, NO_UNIQUE_KEY } from './mutation.ts';

export const deliveryMutations: readonly Mutation[] = [
  {
    safeguard: 'the reconciliation publishes due days',
    edits: [
      {
        file: 'functions/reconciliation/reconcile.ts',
        text: '  const published = await publishDue(dependencies, runId, acceptedIndex, requests);',
        replacement:
          '  const published = acceptedIndex < -1 ? await publishDue(dependencies, runId, acceptedIndex, requests) : 0;',
      },
    ],
    fails: 'a stream record that is withheld forever is made up for by the reconciliation',
  },
  {
    safeguard: 'due days follow from published_index, not from the record',
    edits: [
      {
        file: 'shared/publication/publication.ts',
        text: '  const due = range(progress.publishedIndex + 1, acceptedIndex);',
        replacement: '  const due = range(acceptedIndex, acceptedIndex);',
      },
    ],
    fails: 'stream records and batches delivered twice and late double nothing',
  },
  {
    safeguard: 'a day’s count is read from MySQL, not added up',
    edits: [
      {
        file: 'functions/consumer/event-writer.ts',
        text: '      received: row.received,',
        replacement: "      received: insert && 'affectedRows' in insert ? insert.affectedRows : 0,",
      },
    ],
    fails: 'a batch split between two consumers is counted once',
  },
  {
    safeguard: 'a counter never falls',
    edits: [
      {
        file: 'shared/simulation/ledger.ts',
        text: "    ConditionExpression: 'attribute_not_exists(day_received) OR day_received < :received',\n",
        replacement: '',
      },
    ],
    fails: 'two consumers that finish in the wrong order leave the higher count',
  },
  {
    safeguard: 'writers serialise on one lock row, so that ids become visible in order',
    edits: [
      {
        file: 'functions/consumer/event-writer.ts',
        text: '    LOCK,\n    ...(events',
        replacement: '    ...(events',
      },
      {
        file: 'functions/consumer/event-writer.ts',
        text: 'const insert = results[2];',
        replacement: 'const insert = results[1];',
      },
    ],
    fails: 'a consumer that inserts first and commits last hides no sale from viewers',
  },
  {
    safeguard: 'the transaction of a batch is one round trip',
    edits: [
      {
        file: 'functions/consumer/event-writer.ts',
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
    fails: 'a consumer stopped by SIGSTOP inside its transaction does not keep the lock',
  },
  {
    safeguard: 'the increment is repeated only if it certainly changed nothing',
    edits: [
      {
        file: 'shared/simulation/dynamodb.ts',
        text: 'if (!certainlyUnchanged(failure.error)) throw failure.error;',
        replacement: '',
      },
    ],
    fails: 'an advance whose response from DynamoDB is lost is not repeated',
  },
  {
    safeguard: 'an event has one row',
    edits: [NO_UNIQUE_KEY],
    fails: 'stream records and batches delivered twice and late double nothing',
  },
  {
    safeguard: 'a partition with a batch that cannot be decoded is read batch by batch until it is behind',
    edits: [
      {
        file: 'infra/lambda-host/event-sources/kafka.ts',
        text: 'if (isDecodingError(reason) && (await findSuspects().catch(() => false))) continue;',
        replacement: 'if (isDecodingError(reason) && signal.aborted) continue;',
      },
    ],
    fails: 'a batch with a right checksum over broken content stops nothing and is kept',
  },
  {
    safeguard: 'health judges what moves, not only what answers',
    edits: [
      {
        file: 'functions/system/health.ts',
        text: "if (pipeline.status === 'stalled') throw",
        replacement: "if (pipeline.status === 'stalled' && undecodable > 0) throw",
      },
    ],
    fails: 'health names the step consumer while it stands still',
  },
];
