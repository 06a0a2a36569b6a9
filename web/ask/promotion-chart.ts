import type { Chart, ChartConfiguration } from 'chart.js';
import { type ChartDefinition, createChart, type DrawChart } from '../chart.ts';
import { axisOptions, axisTitle, type ChartTheme, commonOptions } from '../chart-theme.ts';
import { formatDecimal, formatInteger } from '../format.ts';
import type { PromotionView } from './promotion-view.ts';

/** The chart of mean units by discount. */
export function createPromotionChart(host: HTMLElement): DrawChart<PromotionView> {
  return createChart<'bar', PromotionView>(host, definition);
}

const definition: ChartDefinition<'bar', PromotionView> = {
  empty: 'Units by discount are on their way.',
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
      `${formatDecimal(parsed.y, 2)} units a day, mean of ${formatInteger(tiers[dataIndex]?.records ?? 0)} sales`,
  };
}
