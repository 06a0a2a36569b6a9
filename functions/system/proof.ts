import type { z } from 'zod';
import type { readProof } from '../../shared/api/system.ts';
import type { RequestLog } from '../../shared/http/request-log.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { saleEventId } from '../../shared/publication/sale-events.ts';
import type { DayProgress } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import type { ConsumerLag } from './consumer-lag.ts';
import { readLag } from './metrics.ts';

export type Proof = z.infer<typeof readProof.response>;

/** The sales of one day, as the data set has them. */
interface SaleKey {
  readonly date: string;
  readonly store_id: string;
  readonly product_id: string;
}

/** How many rows of a day were stored after an id, and the greatest id among them. */
interface StoredCount {
  readonly day_index: number;
  readonly events: number;
  readonly last_id: number;
}

/** What the proof is made from. */
export interface ProofSources {
  readonly store: Pick<SimulationStore, 'readState' | 'readDays'>;
  consumerLag(): Promise<ConsumerLag>;
  readonly proof: StoredProof;
}

/** What MySQL has. */
export interface StoredProof {
  storedCounts(runId: string, after: number): Promise<readonly StoredCount[]>;
  /** Ids of the events of some days, of rows up to an id. */
  storedIds(
    runId: string,
    dayIndexes: readonly number[],
    lastId: number,
  ): Promise<readonly { day_index: number; event_id: string }[]>;
  salesOf(dates: readonly string[]): Promise<readonly SaleKey[]>;
}

/** Ids compared per request: about half a second of processor time. */
const IDS_PER_REQUEST = 100_000;
/** Days compared by one pair of queries. */
const DAYS_AT_ONCE = 20;

/** A day whose ids were compared, and the number of rows that this was true for. */
interface VerifiedDay {
  readonly rows: number;
  readonly distinct: number;
}

interface KnownRun {
  readonly runId: string;
  /** Greatest id counted. */
  readonly head: number;
  /** Rows by day. */
  readonly rows: ReadonlyMap<number, number>;
  /** Published days by index. A published day stays so. */
  readonly published: ReadonlyMap<number, DayProgress>;
  readonly verified: ReadonlyMap<number, VerifiedDay>;
}

/**
 * A reader of the proof that counts each stored row once, and compares the ids of a day when it is complete, or when
 * something seems to be missing although the consumer has read everything. It remembers the run asked about last.
 */
export function proofReader(
  sources: ProofSources,
  idsPerRequest = IDS_PER_REQUEST,
): (log: RequestLog) => Promise<Proof> {
  let latest: KnownRun | undefined;

  return async (log) => {
    const state = await sources.store.readState();
    if (!state) return { run_id: null, accepted_days: 0, ...NOTHING };
    const { runId } = state;
    const known = latest?.runId === runId ? latest : newRun(runId);
    // In this order: what is listed as published is in Kafka, and without lag all that is in Kafka is stored.
    const published = await readPublished(sources.store, known);
    const lag = (await readLag(sources, log))?.total ?? null;
    const { rows, head } = await countRows(sources.proof, known);
    const verified = new Map(known.verified);
    const isOpen = ([index, { dayTotal }]: [number, DayProgress]) => {
      const stored = rows.get(index) ?? 0;
      return verified.get(index)?.rows !== stored && (stored >= dayTotal || lag === 0);
    };
    const open = upTo(idsPerRequest, [...published].filter(isOpen));
    await verify(sources.proof, { runId, head }, open, verified);
    latest = { runId, head, rows, published, verified };
    return { run_id: runId, accepted_days: state.dayIndex + 1, ...figuresOf(latest, lag) };
  };
}

const NOTHING = { published: 0, stored: 0, distinct: 0, under_way: 0, lost: 0, doubled: 0, verified_days: 0 };

function newRun(runId: string): KnownRun {
  return { runId, head: 0, rows: new Map(), published: new Map(), verified: new Map() };
}

/**
 * A published day stays so, and only those from the first one that isn't known can be new. The ledger may list a day before
 * the one before it: a publication records several at once.
 */
async function readPublished(store: ProofSources['store'], { runId, published }: KnownRun) {
  let firstUnknown = 0;
  while (published.has(firstUnknown)) firstUnknown += 1;
  const days = await store.readDays(runId, firstUnknown);
  const added = days.filter(({ publishedAt }) => publishedAt !== null);
  return new Map([...published, ...added.map((day) => [day.dayIndex, day] as const)]);
}

/** Stored rows don't change and their ids become visible in order, so only those after the last id are new. */
async function countRows(stored: StoredProof, known: KnownRun) {
  const added = await stored.storedCounts(known.runId, known.head);
  const rows = new Map(known.rows);
  for (const { day_index, events } of added) rows.set(day_index, (rows.get(day_index) ?? 0) + events);
  return { rows, head: Math.max(known.head, ...added.map(({ last_id }) => last_id)) };
}

/** The first days whose sales together are at most a number; at least one day. */
function upTo(ids: number, days: readonly [number, DayProgress][]): DayProgress[] {
  let sum = 0;
  return days
    .map(([, day]) => day)
    .filter((day, index) => {
      sum += day.dayTotal;
      return index === 0 || sum <= ids;
    });
}

/** Compares the ids of some days with those that the data set says they must have. */
async function verify(
  sources: StoredProof,
  { runId, head }: { readonly runId: string; readonly head: number },
  days: readonly DayProgress[],
  verified: Map<number, VerifiedDay>,
): Promise<void> {
  for (let first = 0; first < days.length; first += DAYS_AT_ONCE) {
    const some = days.slice(first, first + DAYS_AT_ONCE);
    const [stored, sales] = await Promise.all([
      sources.storedIds(
        runId,
        some.map(({ dayIndex }) => dayIndex),
        // Rows that were stored since the count belong to the next request.
        head,
      ),
      sources.salesOf(some.map(({ date }) => date)),
    ]);
    const idsByDay = Map.groupBy(stored, ({ day_index }) => day_index);
    const salesByDate = Map.groupBy(sales, ({ date }) => date);
    for (const { dayIndex, date } of some) {
      const ids = (idsByDay.get(dayIndex) ?? []).map(({ event_id }) => event_id);
      const expected = new Set(
        (salesByDate.get(date) ?? []).map((sale) => saleEventId({ run_id: runId, ...sale })),
      );
      const distinct = new Set(ids.filter((id) => expected.has(id))).size;
      verified.set(dayIndex, { rows: ids.length, distinct });
    }
  }
}

/** Days that weren't compared yet count by their rows, at most as many as were published. */
function figuresOf({ rows, published, verified }: KnownRun, lag: number | null) {
  const distinctOf = ({ dayIndex, dayTotal }: DayProgress) => {
    const day = verified.get(dayIndex);
    const stored = rows.get(dayIndex) ?? 0;
    // Rows that came after the comparison are judged by the next one.
    return Math.min(dayTotal, day ? day.distinct + Math.max(0, stored - day.rows) : stored);
  };
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const days = [...published.values()];
  // A day that is being stored before the ledger lists it was published, too.
  const unlisted = sum([...rows].filter(([index]) => !published.has(index)).map(([, stored]) => stored));
  const stored = sum(rows.values());
  const total = sum(days.map(({ dayTotal }) => dayTotal)) + unlisted;
  const distinct = sum(days.map(distinctOf)) + unlisted;
  const missing = total - distinct;
  return {
    published: total,
    stored,
    distinct,
    under_way: lag === 0 ? 0 : missing,
    lost: lag === 0 ? missing : 0,
    doubled: stored - distinct,
    verified_days: days.filter(({ dayIndex }) => verified.get(dayIndex)?.rows === (rows.get(dayIndex) ?? 0))
      .length,
  };
}

/** Values: run id, id. An index that begins with the run serves it. */
const STORED_COUNTS = `
  SELECT day_index, COUNT(*) AS events, MAX(id) AS last_id
    FROM kafka_events
   WHERE run_id = ? AND id > ?
   GROUP BY day_index`;

const STORED_IDS =
  'SELECT day_index, event_id FROM kafka_events WHERE run_id = ? AND day_index IN (?) AND id <= ?';

const SALES_OF = 'SELECT date, store_id, product_id FROM sales_facts WHERE date IN (?)';

/** A paused server must not hold the function, which answers health as well. */
const WITHIN_MS = 4_000;

/** Reads from `kafka_events` and the data set. */
export function storedProof(pool: Pool): StoredProof {
  return {
    storedCounts: (runId, after) => select<StoredCount>(pool, STORED_COUNTS, [runId, after], WITHIN_MS),
    storedIds: (runId, days, lastId) =>
      select<{ day_index: number; event_id: string }>(pool, STORED_IDS, [runId, days, lastId], WITHIN_MS),
    salesOf: (dates) => select<SaleKey>(pool, SALES_OF, [dates], WITHIN_MS),
  };
}
