import { type Mutation, NO_RECONCILIATION, NO_UNIQUE_KEY } from './mutation.ts';

export const killedHostMutations: readonly Mutation[] = [
  {
    protection:
      'a stream record counts as taken only when its days are published, and the reconciliation publishes what is due',
    edits: [
      {
        file: 'infra/lambda-host/event-sources/dynamodb-stream.ts',
        text: '      if (page === undefined || !(await deliver(page.records))) break;\n      advance(id, page);',
        replacement:
          '      if (page === undefined) break;\n      advance(id, page);\n      await checkpoint.flush();\n      if (!(await deliver(page.records))) break;',
      },
      NO_RECONCILIATION,
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
    edits: [
      {
        file: 'infra/lambda-host/event-sources/kafka.ts',
        text: '    const { error } = await invoke(JSON.stringify(event));',
        replacement:
          '    committer.commit(new Map(batch.map(({ partition, offset }) => [partition, offset + 1])));\n' +
          '    const { error } = await invoke(JSON.stringify(event));',
      },
    ],
    fails: 'after the insert, before commit',
  },
  {
    protection: 'an event that stands already is left alone',
    edits: [
      {
        file: 'shared/sales/event-writer.ts',
        text: ' VALUES ? ON DUPLICATE KEY UPDATE event_id = event_id`,',
        replacement: ' VALUES ?`,',
      },
    ],
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
  {
    protection: 'there is one row of an event',
    edits: [NO_UNIQUE_KEY],
    fails: 'after the DynamoDB write, before the offset',
  },
];
