import {
  type Edit,
  FAILED_BATCH_COUNTS,
  FAILED_RECORD_COUNTS,
  type Mutation,
  NO_RECONCILIATION,
} from './mutation.ts';

/** One safeguard against several faults: it is taken out once for all of them. */
function against(cases: readonly string[], safeguard: string, edits: readonly Edit[]): Mutation[] {
  return cases.map((fails) => ({ safeguard, edits, fails }));
}

/** The same time limit with another length. */
function limit(file: string, text: string, replacement: string): Edit[] {
  return [{ file, text, replacement }];
}

export const outageMutations: readonly Mutation[] = [
  ...against(
    ['mysql, away', 'mysql, killed', 'mysql, frozen', 'mysql, cut', 'mysql, lossy'],
    'a failed batch is retried without limit',
    [FAILED_BATCH_COUNTS],
  ),
  ...against(
    ['dynamodb, away', 'dynamodb, killed', 'dynamodb, lossy'],
    'a failed batch is retried without limit, and the reconciliation raises counters that lag',
    [FAILED_BATCH_COUNTS, NO_RECONCILIATION],
  ),
  ...against(
    [
      'kafka, away',
      'kafka, killed',
      'kafka, frozen',
      'kafka, lossy',
      'a full disk delays sales but loses and doubles none',
    ],
    'a failed record is retried without limit, and the reconciliation publishes due days',
    [FAILED_RECORD_COUNTS, NO_RECONCILIATION],
  ),
  ...against(
    ['kafka, cut'],
    'a publication is retried by the client library and with its record, and the reconciliation publishes due days',
    [
      {
        file: 'shared/kafka/producer.ts',
        text: '    idempotent: true,\n',
        replacement: '    idempotent: false,\n    retry: { retries: 0 },\n',
      },
      FAILED_RECORD_COUNTS,
      NO_RECONCILIATION,
    ],
  ),
  ...against(
    ['dynamodb, cut'],
    'an idempotent request is retried by the SDK and with its batch, and the reconciliation raises counters',
    [
      {
        file: 'shared/simulation/dynamodb.ts',
        text: 'const MAX_ATTEMPTS = 3;',
        replacement: 'const MAX_ATTEMPTS = 1;',
      },
      FAILED_BATCH_COUNTS,
      NO_RECONCILIATION,
    ],
  ),
  ...against(
    ['mysql, slow'],
    'a batch may take longer than a slow MySQL needs',
    limit(
      'functions/consumer/event-writer.ts',
      'const BATCH_TIMEOUT_MS = 20_000;',
      'const BATCH_TIMEOUT_MS = 300;',
    ),
  ),
  ...against(
    ['kafka, slow'],
    'a publication may take longer than a slow Kafka needs',
    limit(
      'shared/publication/dependencies.ts',
      'PUBLISH_DEADLINE_MS = 15_000;',
      'PUBLISH_DEADLINE_MS = 300;',
    ),
  ),
  ...against(
    ['dynamodb, slow'],
    'a request may take longer than a slow DynamoDB needs',
    limit('shared/simulation/dynamodb.ts', 'requestTimeout: 3_000,', 'requestTimeout: 300,'),
  ),
  ...against(
    ['mysql, frozen', 'dynamodb, frozen'],
    'answers, connections to MySQL and requests to DynamoDB have time limits',
    [
      {
        file: 'shared/http/api-handler.ts',
        text: 'Math.max(0, Math.min(answerWithinMs, left - RESERVE_MS));',
        replacement: 'Math.max(60_000, answerWithinMs, left, RESERVE_MS);',
      },
      ...limit('shared/mysql/connection.ts', 'connectTimeout: 5_000,', 'connectTimeout: 60_000,'),
      ...limit('shared/simulation/dynamodb.ts', 'requestTimeout: 3_000,', 'requestTimeout: 60_000,'),
    ],
  ),
  ...against(['mysql, away'], 'an outage is distinguished from a defect', [
    {
      file: 'shared/http/problem-documents.ts',
      text: '  if (isDependencyFailure(error)) return',
      replacement: '  if (error === undefined && isDependencyFailure(error)) return',
    },
  ]),
  ...against(['mysql, away', 'kafka, killed', 'dynamodb, frozen'], 'health probes the servers themselves', [
    {
      file: 'functions/system/health.ts',
      text: '    await withDeadline(withinMs, probe(), () => new NoAnswer(withinMs));',
      replacement:
        '    void withDeadline(withinMs, probe(), () => new NoAnswer(withinMs)).catch(() => undefined);',
    },
  ]),
  ...against(['kafka, away'], 'days of a run that was reset meanwhile are published under that run', [
    {
      file: 'functions/producer/produce.ts',
      text: '    const days = await publishDue(',
      replacement:
        '    if ((await dependencies.store.readState())?.runId !== run.runId) continue;\n    const days = await publishDue(',
    },
    NO_RECONCILIATION,
  ]),
  ...against(['kafka, away'], 'a run keeps its own calendar after an init with another', [
    {
      file: 'shared/publication/publication.ts',
      text: '  const due = range(progress.publishedIndex + 1, acceptedIndex);\n  if (due.length === 0) return 0;\n  const { dates, salesPerDay } = await dependencies.store.readCalendar(progress.calendarId);',
      replacement:
        '  const due = range(progress.publishedIndex + 1, acceptedIndex);\n  if (due.length === 0) return 0;\n' +
        '  const { calendarId = progress.calendarId } = (await dependencies.store.readState()) ?? {};\n' +
        '  const { dates, salesPerDay } = await dependencies.store.readCalendar(calendarId);',
    },
  ]),
];
