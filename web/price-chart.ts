import type { ChartConfiguration } from 'chart.js';
import { createChart, type DrawChart } from './chart.ts';
import { axisOptions, axisTitle, type ChartTheme, commonOptions, withOpacity } from './chart-theme.ts';
import { formatDecimal, formatExactAmount, formatInteger } from './format.ts';
import type { PriceLine, PricePoint, PricePoints } from './price-points.ts';

/** Points that the curve is drawn through. */
const CURVE_POINTS = 40;

/** The sales of a product and the line through them. */
export interface PriceChartView {
  readonly product: string;
  readonly points: PricePoints;
  readonly line: PriceLine | null;
  /** The place of a store among all of the run, which gives it its hue. */
  hueOf(store: string): number | null;
}

/** Units against price, a point a sale, with the line of the regression. */
export function createPriceChart(host: HTMLElement): DrawChart<PriceChartView> {
  return createChart<'scatter', PriceChartView>(host, {
    empty: 'The sales of the product appear here, a point each.',
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
      `Scatter chart of ${formatInteger([...points.values()].flat().length)} sales of ${product}, units against price` +
      (line ? `; the elasticity is ${formatDecimal(line.elasticity)}.` : '.'),
  });
}

/** The more sales there are, the less one may hide another. */
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
              `${dataset.label}: ${formatInteger(parsed.y ?? 0)} units at ${formatExactAmount((parsed.x ?? 0) * 100)}`,
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
