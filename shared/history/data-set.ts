import { type Pool, select } from '../mysql/connection.ts';

/** The loaded data set. It never changes: another file is another data set. */
export interface DataSet {
  /** Grows with every load. */
  readonly id: number;
  readonly sha256: string;
  /** Ascending, `YYYY-MM-DD`. */
  readonly dates: readonly string[];
  /** The dates that the calendar marks as holiday or promotion. */
  readonly promotionDates: ReadonlySet<string>;
}

const NEWEST_ID = 'SELECT id FROM datasets ORDER BY id DESC LIMIT 1';

/** One statement reads a consistent snapshot, so the calendar can't belong to another data set than the hash. */
const NEWEST_WITH_CALENDAR = `
  SELECT d.id, d.sha256, c.date, c.is_holiday_promo
    FROM (SELECT id, sha256 FROM datasets ORDER BY id DESC LIMIT 1) d CROSS JOIN calendar c
   ORDER BY c.date`;

interface CalendarRow {
  readonly id: number;
  readonly sha256: string;
  readonly date: string;
  readonly is_holiday_promo: number | null;
}

/** How long the newest id stays valid; under load few requests need a query of their own. */
const RECHECK_AFTER_MS = 100;

/** Knows which data set is loaded. */
interface DataSetReader {
  /** Null before the first load. */
  current(): Promise<DataSet | null>;
  /** Makes the next call check again, regardless of when the last check was. */
  forget(): void;
}

/**
 * Reads the dates of a data set once and checks by a query of one row whether another has been loaded.
 *
 * @param now milliseconds of a monotonic clock
 */
export function dataSetReader(pool: Pool, now: () => number): DataSetReader {
  let known: DataSet | null = null;
  let checkedAt = Number.NEGATIVE_INFINITY;
  return {
    async current() {
      const startedAt = now();
      if (startedAt - checkedAt < RECHECK_AFTER_MS) return known;
      if (!known || known.id !== (await selectNewestId(pool))) known = await selectDataSet(pool);
      checkedAt = startedAt;
      return known;
    },
    forget() {
      checkedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

async function selectNewestId(pool: Pool): Promise<number | undefined> {
  const [newest] = await select<{ id: number }>(pool, NEWEST_ID);
  return newest?.id;
}

async function selectDataSet(pool: Pool): Promise<DataSet | null> {
  const days = await select<CalendarRow>(pool, NEWEST_WITH_CALENDAR);
  const [first] = days;
  if (!first) return null;
  return {
    id: first.id,
    sha256: first.sha256,
    dates: days.map(({ date }) => date),
    promotionDates: new Set(days.filter((day) => day.is_holiday_promo === 1).map(({ date }) => date)),
  };
}
