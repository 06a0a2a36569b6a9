import { type Mutation, NO_RECONCILIATION, NO_UNIQUE_KEY } from './mutation.ts';

export const killedHostMutations: readonly Mutation[] = [
  {
    safeguard:
      'a stream record is acknowledged only when its days are published, and the reconciliation publishes due days',
    edits: [
      {
        file: 'infra/lambda-host/event-sources/dynamodb-stream.ts',
        text: '      if (page === undefined || !(await deliver(page.records))) break;\n      advance(id, page);',
        replacement:
          '      if (page === undefined) break;\n      advance(id, page);\n      await checkpoint.flush();\n      if (!(await deliver(page.records))) break;',
      },
      NO_RECONCILIATION,
    ],
    fails: 'a host killed after the update and before publishing loses nothing',
  },
  {
    // Only repeated publications get other ids, so nothing differs without a fault.
    safeguard: 'an event that is published again keeps its id',
    edits: [
      {
        file: 'shared/publication/publication.ts',
        text: '    const ofDay = facts.get(date) ?? [];',
        replacement:
          '    const again = (await dependencies.store.readDays(runId)).some((day) => day.dayIndex === dayIndex && day.publishedAt);\n' +
          '    const ofDay = (facts.get(date) ?? []).map((fact) => ({ ...fact, again }));',
      },
      {
        file: 'shared/publication/sale-events.ts',
        text: '    event_id: saleEventId({ run_id: runId, ...fact }),',
        replacement:
          '    event_id: fact.again ? crypto.randomUUID() : saleEventId({ run_id: runId, ...fact }),',
      },
    ],
    fails: 'a host killed after publishing and before raising published_index doubles nothing',
  },
  {
    safeguard: 'published_index is raised only after the days are acknowledged',
    edits: [
      {
        file: 'shared/publication/publication.ts',
        text: '    await publishDays(dependencies, { runId, pickedUpAt, requests }, days, dates);\n    await dependencies.store.raisePublishedIndex(runId, days.at(-1) ?? acceptedIndex);',
        replacement:
          '    await dependencies.store.raisePublishedIndex(runId, days.at(-1) ?? acceptedIndex);\n    await publishDays(dependencies, { runId, pickedUpAt, requests }, days, dates);',
      },
    ],
    fails: 'a host killed after publishing and before recording it loses nothing',
  },
  {
    safeguard: 'an offset is committed only when its batch is stored',
    edits: [
      {
        file: 'infra/lambda-host/event-sources/kafka.ts',
        text: '    const { error } = await invoke(event);',
        replacement:
          '    committer.commit(new Map(batch.map(({ partition, offset }) => [partition, offset + 1])));\n' +
          '    const { error } = await invoke(event);',
      },
    ],
    fails: 'a host killed after the insert and before the commit loses nothing',
  },
  {
    safeguard: 'a stored event is left unchanged',
    edits: [
      {
        file: 'functions/consumer/event-writer.ts',
        text: ' VALUES ? ON DUPLICATE KEY UPDATE event_id = event_id`,',
        replacement: ' VALUES ?`,',
      },
    ],
    fails: 'a host killed after the commit and before the DynamoDB write loses no count',
  },
  {
    safeguard:
      'a batch that was stored before is counted and reported again, and the reconciliation raises counters that lag',
    edits: [
      {
        file: 'functions/consumer/consume.ts',
        text: '  await reportProgress(dependencies, events, stored);',
        replacement: '  if (stored.inserted > 0) await reportProgress(dependencies, events, stored);',
      },
      {
        file: 'functions/reconciliation/reconcile.ts',
        text: '  await raiseCounters(dependencies, runId, incomplete);\n',
        replacement: '',
      },
    ],
    fails: 'a host killed after the commit and before the DynamoDB write loses no count',
  },
  {
    safeguard: 'an event has one row',
    edits: [NO_UNIQUE_KEY],
    fails: 'a host killed after the DynamoDB write and before the offset doubles nothing',
  },
];
