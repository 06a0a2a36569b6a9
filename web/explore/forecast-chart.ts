import type { Chart, ChartConfiguration, ChartDataset, TooltipItem } from 'chart.js';
import type { ForecastAnswer } from '../answers.ts';
import type { ChartDefinition } from '../charts/chart.tsx';
import {
  axisOptions,
  axisTitle,
  type ChartTheme,
  commonOptions,
  withOpacity,
} from '../charts/chart-theme.ts';
import { formatDate, formatDayMonth, formatDays, formatDecimal } from '../format.ts';
import type { CsvValue } from '../share/save.ts';

/** The chart of history, path and intervals. */
export const forecastChart: ChartDefinition<'line', ForecastView> = {
  file: 'forecast',
  empty: 'Loading the forecast …',
  configure,
  apply,
  describe: ({ dates, known, path }) => {
    const [first, last] = [path[known] ?? null, path.at(-1) ?? null];
    return (
      `Units sold on ${formatDays(known)}, and forecast for ${dates.length - known}: ` +
      `${formatDecimal(first, 2)} on the first, ${formatDecimal(last, 2)} on the last.`
    );
  },
  rows: forecastRows,
};

/** A row for each day. The lines meet on the last known day, but only what was sold counts there. */
export function forecastRows({
  dates,
  known,
  sold,
  path,
  average,
  planned,
  bands,
}: ForecastView): CsvValue[][] {
  const narrowFirst = bands.toReversed();
  const edges = narrowFirst.flatMap(({ level }) => [`Lower ${level} %`, `Upper ${level} %`]);
  return [
    ['Date', 'Sold', 'Forecast', ...edges, 'Moving average', ...(planned ? ['Your plan'] : [])],
    ...dates.map((date, day) => {
      const ahead = (values: readonly (number | null)[]) => (day < known ? null : values[day]);
      return [
        date,
        sold[day],
        ahead(path),
        ...narrowFirst.flatMap(({ lower, upper }) => [ahead(lower), ahead(upper)]),
        ahead(average),
        ...(planned ? [ahead(planned)] : []),
      ];
    }),
  ];
}

/** Two bands of two edges each, then the lines; the widest band is at the back. */
function configure(theme: ChartTheme): ChartConfiguration<'line'> {
  const { colours, series } = theme;
  const [blue, orange, planColour] = series;
  const edge = (label: string): ChartDataset<'line'> => ({ label, data: [], borderWidth: 0, pointRadius: 0 });
  const line = (label: string, colour: string | undefined): ChartDataset<'line'> => ({
    label,
    data: [],
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: 2,
    pointRadius: 0,
    pointHoverRadius: 4,
  });
  const fill = (opacity: number) => ({ fill: '-1', backgroundColor: withOpacity(orange ?? '', opacity) });
  return {
    type: 'line',
    data: {
      labels: [],
      datasets: [
        edge(''),
        { ...edge(''), ...fill(0.14) },
        edge(''),
        { ...edge(''), ...fill(0.26) },
        line('Sold', blue),
        { ...line('Forecast', orange), pointRadius: 2.5 },
        { ...line('Moving average', colours['ink-quiet']), borderDash: [4, 4], borderWidth: 1.5 },
        { ...line('Your plan', planColour), pointRadius: 2.5 },
      ],
    },
    options: {
      ...commonOptions(theme),
      scales: scales(theme),
    },
  };
}

function scales(theme: ChartTheme) {
  const axis = axisOptions(theme);
  return {
    x: { ...axis, grid: { ...axis.grid, display: false } },
    y: { ...axis, beginAtZero: true, title: axisTitle(theme, 'Units a day') },
  };
}

function apply(chart: Chart<'line'>, view: ForecastView): void {
  const [wide, narrow] = view.bands;
  const edges = [wide?.lower, wide?.upper, narrow?.lower, narrow?.upper];
  const values = [...edges, view.sold, view.path, view.average, view.planned];
  chart.data.labels = view.dates.map(formatDayMonth);
  chart.data.datasets.forEach((dataset, index) => {
    dataset.data = [...(values[index] ?? [])];
  });
  const { tooltip } = chart.options.plugins ?? {};
  if (!tooltip) return;
  tooltip.filter = ({ datasetIndex, dataIndex }) => isTold(view, datasetIndex, dataIndex);
  tooltip.callbacks = {
    title: ([item]) => formatDate(view.dates[item?.dataIndex ?? 0] ?? ''),
    label: (item) => lineText(view, item),
  };
}

/** On the day where the lines meet, only the actual value is shown. Each interval is shown once, not once per edge. */
function isTold({ known, planned }: ForecastView, dataset: number, day: number): boolean {
  if (dataset === 4) return day < known;
  return day >= known && (dataset % 2 === 1 || dataset === 6) && (dataset !== 7 || planned !== undefined);
}

function lineText(
  view: ForecastView,
  { datasetIndex, dataIndex, dataset, parsed }: TooltipItem<'line'>,
): string {
  const band = view.bands[(datasetIndex - 1) / 2];
  if (datasetIndex < 4 && band) {
    const [low, high] = [band.lower[dataIndex] ?? null, band.upper[dataIndex] ?? null];
    return `${band.level} %: ${formatDecimal(low, 2)} to ${formatDecimal(high, 2)}`;
  }
  return `${dataset.label}: ${formatDecimal(parsed.y, datasetIndex === 4 ? 0 : 2)}`;
}

/** A forecast as a chart shows it: every list has one entry per day, null where a line has no value. */
export interface ForecastView {
  readonly dates: readonly string[];
  /** How many of the days are history. */
  readonly known: number;
  readonly sold: readonly (number | null)[];
  readonly path: readonly (number | null)[];
  readonly average: readonly (number | null)[];
  /** The forecast under a plan, if there is one. */
  readonly planned?: readonly (number | null)[];
  /** The widest first. */
  readonly bands: readonly {
    readonly level: number;
    readonly lower: readonly (number | null)[];
    readonly upper: readonly (number | null)[];
  }[];
}

/**
 * @param average Units a day that the moving average forecasts.
 * @param plan The forecast of the same days under a plan.
 */
export function forecastView(
  { history, forecast }: Pick<ForecastAnswer, 'history' | 'forecast'>,
  average: number,
  plan: Pick<ForecastAnswer, 'forecast'> | null = null,
): ForecastView {
  const last = history.at(-1)?.units_sold ?? null;
  // The forecast line starts at the last actual value, so that the lines meet.
  const before: (number | null)[] = history.slice(1).map(() => null);
  const joined = (values: readonly number[]) => [...before, ...(history.length > 0 ? [last] : []), ...values];
  const levels = forecast[0]?.intervals.map(({ level }) => level) ?? [];
  const bands = levels.map((level) => {
    const ofLevel = forecast.flatMap(({ intervals }) => intervals.filter((each) => each.level === level));
    return {
      level,
      lower: joined(ofLevel.map(({ lower }) => lower)),
      upper: joined(ofLevel.map(({ upper }) => upper)),
    };
  });
  return {
    dates: [...history, ...forecast].map(({ date }) => date),
    known: history.length,
    sold: [...history.map(({ units_sold }) => units_sold), ...forecast.map(() => null)],
    path: joined(forecast.map(({ forecast_units }) => forecast_units)),
    average: [...history.map(() => null), ...forecast.map(() => average)],
    ...(plan && {
      planned: [...history.map(() => null), ...plan.forecast.map(({ forecast_units }) => forecast_units)],
    }),
    bands: bands.sort((one, other) => other.level - one.level),
  };
}

const MODEL_NAMES: Readonly<Record<string, string>> = {
  seasonal_naive: 'Seasonal naive',
  moving_average: 'Moving average',
  tsb: 'TSB',
  theta: 'Theta',
  holt_winters: 'Holt–Winters',
  combination: 'Combination',
  regression: 'Regression',
};

/** A model's display name. */
export function modelName(model: string): string {
  return MODEL_NAMES[model] ?? model;
}
