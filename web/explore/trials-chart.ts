import type { Chart, ChartConfiguration, TooltipItem } from 'chart.js';
import type { DemandOptimization } from '../answers.ts';
import type { ChartDefinition } from '../charts/chart.tsx';
import { axisOptions, axisTitle, type ChartTheme, commonOptions } from '../charts/chart-theme.ts';
import { formatDecimal } from '../format.ts';

/** Number of best trials that are highlighted. */
const LEADING = 5;

/** The chart of a search: each trial's error, how it ranks, and the best so far. */
export const trialsChart: ChartDefinition<'scatter', readonly RankedTrial[]> = {
  file: 'trials',
  empty: 'Press Search: each trial appears here with its error and rank.',
  configure,
  apply,
  describe: (trials) => {
    const best = trials.find(({ rank }) => rank === 1);
    return `Errors of ${trials.length} trials. The best is trial ${best?.trial}, with ${formatDecimal(best?.rmse ?? null, 4)}.`;
  },
};

function configure(theme: ChartTheme): ChartConfiguration<'scatter'> {
  const axis = axisOptions(theme);
  return {
    type: 'scatter',
    data: {
      datasets: [
        { label: 'Trials', data: [] },
        {
          label: 'Best so far',
          data: [],
          showLine: true,
          stepped: 'before',
          pointRadius: 0,
          pointHitRadius: 0,
          borderColor: theme.series[1],
          borderWidth: 2,
        },
      ],
    },
    options: {
      ...commonOptions(theme),
      interaction: { mode: 'nearest', intersect: false, axis: 'x' },
      scales: {
        x: { ...axis, title: axisTitle(theme, 'Trial'), ticks: { ...axis.ticks, precision: 0 } },
        y: { ...axis, title: axisTitle(theme, 'RMSE, units'), grace: '8%' },
      },
    },
  };
}

function apply(
  chart: Chart<'scatter'>,
  trials: readonly RankedTrial[],
  { colours, series }: ChartTheme,
): void {
  const [points, best] = chart.data.datasets;
  if (!points || !best) return;
  points.data = trials.map(({ trial, rmse }) => ({ x: trial, y: rmse }));
  points.backgroundColor = trials.map(({ rank }) => colourOf(rank, colours, series));
  points.borderColor = trials.map(({ rank }) => (rank === 1 ? colours.ink : 'transparent'));
  points.pointRadius = trials.map(({ rank }) => (rank === 1 ? 7 : rank <= LEADING ? 5.5 : 4));
  const lowest = bestSoFar(trials);
  best.data = trials.map(({ trial }, index) => ({ x: trial, y: lowest[index] ?? 0 }));
  const { tooltip } = chart.options.plugins ?? {};
  if (!tooltip) return;
  tooltip.filter = ({ datasetIndex }) => datasetIndex === 0;
  tooltip.callbacks = {
    title: ([item]) => `Trial ${item?.parsed.x ?? ''}`,
    label: (item) => told(trials, item),
  };
}

function colourOf(rank: number, colours: ChartTheme['colours'], [, orange]: readonly string[]): string {
  if (rank === 1) return orange ?? colours.accent;
  return rank <= LEADING ? colours['scale-high'] : colours['scale-low'];
}

function told(trials: readonly RankedTrial[], { dataIndex }: TooltipItem<'scatter'>): string[] {
  const trial = trials[dataIndex];
  if (!trial) return [];
  return [
    `Rank ${trial.rank} of ${trials.length}, RMSE ${formatDecimal(trial.rmse, 4)}`,
    `Window ${trial.window}, min. periods ${trial.min_periods}, trend window ${trial.trend_window}`,
  ];
}

type Trial = DemandOptimization['optimization']['all_trials'][number];

/** A trial with its rank: 1 for the best; ties in the order in which they were run. */
export interface RankedTrial extends Trial {
  readonly rank: number;
}

/** Returned in the order in which they were run. */
export function rankedTrials(trials: readonly Trial[]): RankedTrial[] {
  const order = [...trials].sort((one, other) => one.rmse - other.rmse);
  const ranks = new Map(order.map(({ trial }, index) => [trial, index + 1]));
  return trials.map((each) => ({ ...each, rank: ranks.get(each.trial) ?? trials.length }));
}

/** The smallest error up to each trial. */
export function bestSoFar(trials: readonly { readonly rmse: number }[]): number[] {
  let best = Number.POSITIVE_INFINITY;
  return trials.map(({ rmse }) => {
    best = Math.min(best, rmse);
    return best;
  });
}
