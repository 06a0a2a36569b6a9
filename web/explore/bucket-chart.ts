import type { Chart, ChartConfiguration } from 'chart.js';
import type { PriceAnswer } from '../answers.ts';
import type { ChartDefinition } from '../charts/chart.tsx';
import {
  axisOptions,
  axisTitle,
  type ChartTheme,
  commonOptions,
  withOpacity,
} from '../charts/chart-theme.ts';
import { formatCount, formatDecimal, formatInteger } from '../format.ts';

/** The chart of mean units by price, with the regression's line. */
export const bucketChart: ChartDefinition<'scatter', BucketView> = {
  file: 'demand-by-price',
  empty: 'Loading demand by price …',
  configure,
  apply,
  describe: ({ buckets, elasticity }) =>
    `Mean units a day at ${buckets.length} prices. ` +
    (elasticity === null
      ? 'No line can be fitted yet.'
      : `The fitted line has the elasticity ${formatDecimal(elasticity, 2)}.`),
};

function configure(theme: ChartTheme): ChartConfiguration<'scatter'> {
  const [blue = '', orange] = theme.series;
  const axis = axisOptions(theme);
  const common = commonOptions(theme);
  return {
    type: 'scatter',
    data: {
      datasets: [
        {
          label: 'Buckets',
          data: [],
          backgroundColor: withOpacity(blue, 0.55),
          borderColor: blue,
          borderWidth: 1,
        },
        {
          label: 'Line',
          data: [],
          showLine: true,
          pointRadius: 0,
          pointHitRadius: 0,
          borderColor: orange,
          borderWidth: 2,
        },
      ],
    },
    options: {
      ...common,
      interaction: { mode: 'nearest', intersect: false, axis: 'x' },
      scales: {
        x: { ...axis, title: axisTitle(theme, 'Price') },
        y: { ...axis, beginAtZero: true, title: axisTitle(theme, 'Units a day') },
      },
    },
  };
}

const [SMALLEST, LARGEST] = [2.5, 9];

function apply(chart: Chart<'scatter'>, { buckets, line }: BucketView): void {
  const [points, fitted] = chart.data.datasets;
  if (!points || !fitted) return;
  points.data = buckets.map(({ x, y }) => ({ x, y }));
  const most = Math.max(1, ...buckets.map(({ records }) => records));
  // Area, not radius, is proportional to the number of records.
  points.pointRadius = buckets.map(
    ({ records }) => SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(records / most),
  );
  fitted.data = line.map((point) => ({ ...point }));
  const { tooltip } = chart.options.plugins ?? {};
  if (!tooltip) return;
  tooltip.filter = ({ datasetIndex }) => datasetIndex === 0;
  tooltip.callbacks = {
    title: ([item]) => (item ? `Price ${formatInteger(item.parsed.x ?? 0)}` : ''),
    label: ({ parsed, dataIndex }) =>
      `${formatDecimal(parsed.y, 2)} units a day, mean of ${formatCount(buckets[dataIndex]?.records ?? 0, 'sale')}`,
  };
}

/** Number of points of the line: enough for a smooth curve. */
const POINTS = 40;

/** Demand by price as a chart shows it. */
export interface BucketView {
  readonly buckets: readonly { readonly x: number; readonly y: number; readonly records: number }[];
  /** The regression's line over the range of the prices; empty without one. */
  readonly line: readonly { readonly x: number; readonly y: number }[];
  readonly elasticity: number | null;
}

/** The line is `exp(intercept) × price ^ elasticity`, the regression transformed back from logarithms. */
export function bucketView({
  price_buckets,
  price_range,
  log_log_regression: fit,
}: Pick<PriceAnswer, 'price_buckets' | 'price_range' | 'log_log_regression'>): BucketView {
  const { min, max } = price_range;
  const prices = Array.from({ length: POINTS }, (_, index) => min + ((max - min) * index) / (POINTS - 1));
  return {
    buckets: price_buckets.map(({ price_point, avg_units_sold, records }) => ({
      x: price_point,
      y: avg_units_sold,
      records,
    })),
    line: fit ? prices.map((x) => ({ x, y: Math.exp(fit.intercept) * x ** fit.elasticity })) : [],
    elasticity: fit?.elasticity ?? null,
  };
}
