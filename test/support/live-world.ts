import { randomUUID } from 'node:crypto';
import type { PageSource } from '../../functions/live/feed-pages.ts';
import type { FeedRequest } from '../../shared/api/live.ts';
import type { StoredSale } from '../../shared/api/sales.ts';
import type { DayProgress, Snapshot } from '../../shared/simulation/state.ts';

export const DAY_TOTAL = 10;
const DATES = Array.from({ length: 100 }, (_, day) =>
  new Date(Date.UTC(2022, 0, 1 + day)).toISOString().slice(0, 10),
);

/** A stored sale; any field can be overridden. */
export function storedSale(fields: Partial<StoredSale> = {}): StoredSale {
  return {
    id: 1,
    store_id: 'S001',
    product_id: 'P0001',
    date: '2022-01-01',
    units_sold: 127,
    price: 33.5,
    discount: 20,
    is_holiday_promo: 0,
    weather: 'Rainy',
    received_at: '2026-01-01T00:00:00.000Z',
    day_total: DAY_TOTAL,
    day_index: 0,
    category: 'Groceries',
    region: 'North',
    ...fields,
  };
}

interface World {
  readonly store: { readSnapshot(): Promise<Snapshot> };
  readonly feed: PageSource;
  /** Every request that reached `feed`. */
  readonly requests: FeedRequest[];
  readonly failing: { store: boolean; feed: boolean };
  /** Withholds `feed`'s answers to one kind of request until the returned function is called. */
  holdFeed(kind: FeedRequest['position']['kind']): () => void;
  polls(): number;
  /** Starts a run, as the first init or a reset does. */
  startRun(): string;
  nextDay(): void;
  /** Stores sales of the current run, for its current day or another, without reporting them. */
  commit(count: number, dayIndex?: number): void;
  /** Stores late sales of the previous run. */
  commitToFormerRun(count: number): void;
  /** Deletes all events, like a MySQL that was emptied while the DynamoDB table remains. */
  loseRows(): void;
  /** Writes the run's greatest id, or the day's count, to the state that the stream polls. */
  reportHead(): void;
  reportCount(): void;
  hasRun(): boolean;
  hasDay(): boolean;
  runId(): string;
  dayIndex(): number;
  runIds(): string[];
  idsOf(runId: string): number[];
  /** The day of a sale by its id. */
  dayOf(id: number): number;
  countOf(dayIndex: number): number;
}

/** The table and the events that `live` sees, without servers and under a test's control. */
export function fakeStores(): World {
  const rows: (StoredSale & { readonly run: string })[] = [];
  const heads = new Map<string, number>();
  const requests: FeedRequest[] = [];
  const failing = { store: false, feed: false };
  const runs: { id: string; dayIndex: number; day: DayProgress | null }[] = [];
  let polls = 0;
  const held = new Map<string, Promise<void>>();
  let lastId = 0;

  const current = () => {
    const run = runs.at(-1);
    if (!run) throw new Error('There is no run yet.');
    return run;
  };
  const salesOf = (runId: string) => rows.filter((row) => row.run === runId);
  const countOf = (dayIndex: number) =>
    salesOf(current().id).filter((row) => row.day_index === dayIndex).length;

  function store(count: number, runId: string, dayIndex: number): void {
    for (let index = 0; index < count; index += 1) {
      // Ids have gaps: a duplicate that isn't stored consumes one too.
      lastId += 1 + (lastId % 3 === 0 ? 1 : 0);
      rows.push({
        ...storedSale({ id: lastId, day_index: dayIndex, date: DATES[dayIndex] ?? '' }),
        run: runId,
      });
    }
  }

  function readSnapshot(): Snapshot {
    const run = runs.at(-1);
    const lastIndex = DATES.length - 1;
    return {
      state: run
        ? {
            runId: run.id,
            calendarId: 'c',
            dayIndex: run.dayIndex,
            lastIndex,
            daysLeft: lastIndex - run.dayIndex,
            requestedAt: null,
            traceparent: null,
            retired: {},
          }
        : null,
      calendar: run ? { id: 'c', dates: DATES, salesPerDay: null } : null,
      progress: run
        ? { runId: run.id, calendarId: 'c', publishedIndex: run.dayIndex, headId: heads.get(run.id) ?? 0 }
        : null,
      day: run?.day ?? null,
      declaredDayTotal: null,
      allDaysComplete: false,
    };
  }

  function page({ run_id, position, limit }: FeedRequest) {
    const all = salesOf(run_id).map(({ run: _run, ...sale }) => sale);
    if (position.kind === 'resume' && !all.some(({ id }) => id === position.id))
      return { known: false, events: [] };
    if (position.kind !== 'day') {
      return { known: true, events: all.filter(({ id }) => id > position.id).slice(0, limit) };
    }
    const { day_index, after, up_to } = position;
    const ofDay = all.filter((sale) => sale.day_index >= day_index && sale.id > after && sale.id <= up_to);
    return { known: true, events: ofDay.slice(0, limit) };
  }

  return {
    store: {
      readSnapshot: async () => {
        polls += 1;
        if (failing.store) throw new Error('the table does not answer');
        return readSnapshot();
      },
    },
    feed: async (request) => {
      requests.push(request);
      const answer = page(request);
      await held.get(request.position.kind);
      if (failing.feed) throw new Error('feed does not answer');
      return answer;
    },
    requests,
    failing,
    holdFeed: (kind) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(kind, promise);
      return resolve;
    },
    polls: () => polls,
    startRun: () => {
      runs.push({ id: randomUUID(), dayIndex: -1, day: null });
      return current().id;
    },
    nextDay: () => {
      current().dayIndex += 1;
      current().day = null;
    },
    commit: (count, dayIndex = current().dayIndex) => store(count, current().id, dayIndex),
    commitToFormerRun: (count) => store(count, runs.at(-2)?.id ?? randomUUID(), 0),
    loseRows: () => void rows.splice(0),
    reportHead: () => heads.set(current().id, salesOf(current().id).at(-1)?.id ?? 0),
    reportCount: () => {
      const run = current();
      const dayReceived = countOf(run.dayIndex);
      run.day = {
        dayIndex: run.dayIndex,
        date: DATES[run.dayIndex] ?? '',
        dayTotal: DAY_TOTAL,
        dayReceived,
        requestedAt: null,
        pickedUpAt: null,
        publishedAt: null,
        publishedAgainAt: null,
        completedAt: dayReceived >= DAY_TOTAL ? '2026-01-01T00:00:00.000Z' : null,
      };
    },
    hasRun: () => runs.length > 0,
    hasDay: () => (runs.at(-1)?.dayIndex ?? -1) >= 0,
    runId: () => current().id,
    dayIndex: () => current().dayIndex,
    runIds: () => runs.map(({ id }) => id),
    idsOf: (runId) => salesOf(runId).map(({ id }) => id),
    dayOf: (id) => rows.find((row) => row.id === id)?.day_index ?? -1,
    countOf,
  };
}
