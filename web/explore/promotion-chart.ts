import type { Chart, ChartConfiguration } from 'chart.js';
import type { PromotionAnswer } from '../answers.ts';
import type { ChartDefinition } from '../charts/chart.tsx';
import { axisOptions, axisTitle, type ChartTheme, commonOptions } from '../charts/chart-theme.ts';
import { formatCount, formatDecimal } from '../format.ts';

/** The chart of mean units by discount. */
export const promotionChart: ChartDefinition<'bar', PromotionView> = {
  file: 'demand-by-discount',
  empty: 'Loading units by discount …',
  configure,
  apply,
  describe: ({ tiers }) =>
    `Mean units a day by discount: ${tiers.map(({ discount, units }) => `${discount} %: ${formatDecimal(units, 2)}`).join(', ')}.`,
};

function configure(theme: ChartTheme): ChartConfiguration<'bar'> {
  const axis = axisOptions(theme);
  return {
    type: 'bar',
    data: {
      labels: [],
      datasets: [{ label: 'Units a day', data: [], maxBarThickness: 72, borderRadius: 2 }],
    },
    options: {
      ...commonOptions(theme),
      scales: {
        x: { ...axis, grid: { ...axis.grid, display: false }, title: axisTitle(theme, 'Discount given') },
        y: { ...axis, beginAtZero: true, title: axisTitle(theme, 'Units a day') },
      },
    },
  };
}

function apply(
  chart: Chart<'bar'>,
  { tiers, nearest }: PromotionView,
  { colours, series }: ChartTheme,
): void {
  const [bars] = chart.data.datasets;
  if (!bars) return;
  chart.data.labels = tiers.map(({ discount }) => `${discount} %`);
  bars.data = tiers.map(({ units }) => units);
  bars.backgroundColor = tiers.map((_, index) => (index === nearest ? series[1] : colours['scale-low']));
  const { tooltip } = chart.options.plugins ?? {};
  if (!tooltip) return;
  tooltip.callbacks = {
    title: ([item]) => `Discount ${item?.label ?? ''}`,
    label: ({ parsed, dataIndex }) =>
      `${formatDecimal(parsed.y, 2)} units a day, mean of ${formatCount(tiers[dataIndex]?.records ?? 0, 'sale')}`,
  };
}

/** Units by discount as a chart shows them. */
export interface PromotionView {
  readonly tiers: readonly { readonly discount: number; readonly units: number; readonly records: number }[];
  /** Index of the tier that the projection is taken from; -1 if it is from none. */
  readonly nearest: number;
}

type Told = Pick<PromotionAnswer, 'discount_effect_by_tier' | 'tier_sizes' | 'simulated_discount_pct'>;

/** Derives the chart from the answer of `GET /promotions/simulate`. */
export function promotionView(answer: Told): PromotionView {
  const { discount_effect_by_tier, tier_sizes, simulated_discount_pct: asked } = answer;
  const records = new Map(tier_sizes.map((tier) => [tier.discount_pct, tier.records]));
  const tiers = discount_effect_by_tier.map(({ discount_pct, avg_units_sold }) => ({
    discount: discount_pct,
    units: avg_units_sold,
    records: records.get(discount_pct) ?? 0,
  }));
  return { tiers, nearest: nearestTier(tiers, asked) };
}

/** Same rule as the API: the first of two equally near tiers; none if no discount was ever given. */
function nearestTier(tiers: PromotionView['tiers'], asked: number): number {
  if (!tiers.some(({ discount }) => discount > 0)) return -1;
  const distances = tiers.map(({ discount }) => Math.abs(discount - asked));
  return distances.indexOf(Math.min(...distances));
}
