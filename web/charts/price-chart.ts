import type { ChartConfiguration } from 'chart.js';
import { linearRegression, linearRegressionLine, rSquared } from 'simple-statistics';
import type { SaleMessage } from '../../shared/api/live.ts';
import type { SummaryRow } from '../answers.ts';
import { formatCount, formatDecimal, formatExactAmount } from '../format.ts';
import type { ChartDefinition } from './chart.tsx';
import { axisOptions, axisTitle, type ChartTheme, commonOptions, withOpacity } from './chart-theme.ts';

/** Number of points of the curve. */
const CURVE_POINTS = 40;

/** The sales of a product and the line through them. */
export interface PriceChartView {
  readonly product: string;
  readonly points: PricePoints;
  readonly line: PriceLine | null;
  /** Index of a store's hue; null if there are more stores than hues. */
  hueOf(store: string): number | null;
}

/** Units against price, one point per sale, with the regression line. */
export const priceChart: ChartDefinition<'scatter', PriceChartView> = {
  file: 'price',
  empty: 'Each sale of the product appears here as a point.',
  configure: configuration,
  apply: (chart, view, theme) => {
    const { radius, opacity } = dotLook([...view.points.values()].flat().length);
    chart.data.datasets = [
      curve(view, theme),
      ...[...view.points].map(([store, data]) => {
        const hue = view.hueOf(store);
        const colour = hue === null ? theme.colours['ink-quiet'] : (theme.series[hue] ?? theme.colours.ink);
        return {
          label: store,
          data: [...data],
          backgroundColor: withOpacity(colour, opacity),
          borderWidth: 0,
          pointRadius: radius,
          pointHoverRadius: 5,
        };
      }),
    ];
  },
  describe: ({ product, points, line }) =>
    `Scatter chart of ${formatCount([...points.values()].flat().length, 'sale')} of ${product}, units against price` +
    (line ? `; the elasticity is ${formatDecimal(line.elasticity)}.` : '.'),
};

/** With more sales, smaller and more transparent dots keep each other visible. */
function dotLook(sales: number): { readonly radius: number; readonly opacity: number } {
  if (sales <= 100) return { radius: 4, opacity: 0.9 };
  return sales <= 1_000 ? { radius: 2.5, opacity: 0.5 } : { radius: 2, opacity: 0.25 };
}

function curve({ points, line }: PriceChartView, theme: ChartTheme) {
  return {
    label: 'Regression',
    data: line ? curvePoints(points, line) : [],
    showLine: true,
    borderColor: theme.colours.ink,
    borderWidth: 2,
    pointRadius: 0,
    pointHitRadius: 0,
  };
}

function curvePoints(points: PricePoints, line: PriceLine): PricePoint[] {
  const prices = [...points.values()].flat().map(({ x }) => x);
  const least = prices.reduce((one, other) => Math.min(one, other));
  const greatest = prices.reduce((one, other) => Math.max(one, other));
  return Array.from({ length: CURVE_POINTS }, (_, index) => {
    const x = least + ((greatest - least) * index) / (CURVE_POINTS - 1);
    return { x, y: line.unitsAt(x) };
  });
}

function configuration(theme: ChartTheme): ChartConfiguration<'scatter'> {
  const common = commonOptions(theme);
  const axis = axisOptions(theme);
  return {
    type: 'scatter',
    data: { datasets: [] },
    options: {
      ...common,
      interaction: { mode: 'nearest', intersect: true },
      plugins: {
        tooltip: {
          ...common.plugins.tooltip,
          callbacks: {
            label: ({ dataset, parsed }) =>
              `${dataset.label}: ${formatCount(parsed.y ?? 0, 'unit')} at ${formatExactAmount((parsed.x ?? 0) * 100)}`,
          },
        },
      },
      scales: {
        x: { ...axis, title: axisTitle(theme, 'Price') },
        y: { ...axis, title: axisTitle(theme, 'Units'), beginAtZero: true },
      },
    },
  };
}

/** A sale as a point: its price, and the units sold at it. */
export interface PricePoint {
  readonly x: number;
  readonly y: number;
}

/** The sales of a product as points, by store. */
export type PricePoints = ReadonlyMap<string, readonly PricePoint[]>;

/** The points of `by=day_index&then_by=store`: a product is sold in a store once a day, so a subgroup is one sale. */
export function pointsOfGroups(groups: readonly SummaryRow[]): PricePoints {
  const sales = groups.filter(({ units }) => units > 0);
  const byStore = Map.groupBy(sales, ({ subgroup }) => subgroup ?? '');
  return new Map(
    [...byStore].map(([store, ofStore]) => [
      store,
      ofStore.map(({ revenue, units }) => ({ x: Math.round((revenue / units) * 100) / 100, y: units })),
    ]),
  );
}

/** The points with those of more sales of the same product. Sales of 0 units have no logarithm and are left out. */
export function addPoints(points: PricePoints, sales: readonly SaleMessage[]): PricePoints {
  const added = new Map(points);
  for (const { store_id, price, units_sold } of sales) {
    if (units_sold > 0) added.set(store_id, [...(added.get(store_id) ?? []), { x: price, y: units_sold }]);
  }
  return added;
}

/** Sales of a feed (newest first) after an id, oldest first; null if the feed doesn't reach back that far. */
export function salesAfter(feed: readonly SaleMessage[], id: number, capacity: number): SaleMessage[] | null {
  const end = feed.findIndex((sale) => sale.id <= id);
  if (end < 0 && feed.length >= capacity) return null;
  return feed.slice(0, end < 0 ? feed.length : end).reverse();
}

/** How units depend on the price: ln(units) = intercept + elasticity × ln(price), by ordinary least squares. */
export interface PriceLine {
  readonly elasticity: number;
  readonly rSquared: number;
  readonly sales: number;
  /** The units that the line predicts for a price. */
  unitsAt(price: number): number;
}

/** The line through all points; null with fewer than 3 of them, or if the price never varied. */
export function priceLine(points: PricePoints): PriceLine | null {
  const logs = [...points.values()].flat().map(({ x, y }) => [Math.log(x), Math.log(y)]);
  const prices = new Set(logs.map(([price]) => price));
  if (logs.length < 3 || prices.size < 2) return null;
  const fit = linearRegression(logs);
  const line = linearRegressionLine(fit);
  return {
    elasticity: fit.m,
    rSquared: rSquared(logs, line),
    sales: logs.length,
    unitsAt: (price) => Math.exp(line(Math.log(price))),
  };
}
