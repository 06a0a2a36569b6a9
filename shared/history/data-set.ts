import { type Pool, select } from '../mysql/connection.ts';

/** The data set that stands in the tables. Its facts never change: another file is another data set. */
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

/** One statement sees one state of all tables, so the calendar can't be of another data set than the hash. */
const NEWEST_WITH_CALENDAR = `
  SELECT d.id, d.sha256, c.date, c.is_holiday_promo
    FROM (SELECT id, sha256 FROM datasets ORDER BY id DESC LIMIT 1) d CROSS JOIN calendar c
   ORDER BY c.date`;

interface CalendarRow {
  readonly id: number;
  readonly sha256: string;
  readonly date: string;
  readonly is_holiday_promo: number;
}

/** How long a look at which data set is the newest counts: under load few requests take a query of their own. */
const LOOK_AGAIN_AFTER_MS = 100;

/** Knows which data set stands in the tables. */
export interface DataSetReader {
  /** Null before the first. */
  current(): Promise<DataSet | null>;
  /** Makes the next question look again, whenever the last look was. */
  forget(): void;
}

/**
 * Reads the dates of a data set once; whether another one has been loaded is asked by a query of one row.
 *
 * @param now Milliseconds of a clock that never goes back.
 */
export function dataSetReader(pool: Pool, now: () => number): DataSetReader {
  let known: DataSet | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    async current() {
      const askedAt = now();
      if (askedAt - lookedAt < LOOK_AGAIN_AFTER_MS) return known;
      if (!known || known.id !== (await selectNewestId(pool))) known = await selectDataSet(pool);
      lookedAt = askedAt;
      return known;
    },
    forget() {
      lookedAt = Number.NEGATIVE_INFINITY;
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
