import type { ChartConfiguration } from 'chart.js';
import { createChart, type DrawChart } from './chart.ts';
import { axisOptions, axisTitle, type ChartTheme, commonOptions } from './chart-theme.ts';
import type { DaySummary } from './day-summary.ts';
import { spacedTicks } from './day-ticks.ts';
import { formatAmount, formatDate, formatInteger } from './format.ts';

/** So few days are told apart by a point each. */
const WITH_POINTS = 45;

/** What the label of a day needs, with room beside it. */
const LABEL_PX = 116;

/** Days in their order, each with all its sales. */
export type DaysView = readonly DaySummary[];

/** Revenue above units, day by day. */
export function createDaysChart(host: HTMLElement): DrawChart<DaysView> {
  let shown: ReadonlyMap<number, DaySummary> = new Map();
  return createChart<'line', DaysView>(host, {
    empty: 'Each whole day adds a point.',
    configure: (theme) => configuration(theme, (dayIndex) => shown.get(dayIndex)),
    apply: (chart, days) => {
      shown = new Map(days.map((day) => [day.dayIndex, day]));
      const [revenue, units] = chart.data.datasets;
      const pointRadius = days.length <= WITH_POINTS ? 2 : 0;
      if (revenue) {
        revenue.data = days.map(({ dayIndex, revenueCents }) => ({ x: dayIndex, y: revenueCents / 100 }));
        revenue.pointRadius = pointRadius;
      }
      if (units) {
        units.data = days.map(({ dayIndex, units: sold }) => ({ x: dayIndex, y: sold }));
        units.pointRadius = pointRadius;
      }
    },
    describe: describeDays,
  });
}

function describeDays(days: DaysView): string {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return '';
  const best = days.reduce((most, day) => (day.revenueCents > most.revenueCents ? day : most));
  return (
    `Line chart of ${formatInteger(days.length)} days from ${formatDate(first.date)} to ${formatDate(last.date)}. ` +
    `Last: revenue ${formatAmount(last.revenueCents)}, ${formatInteger(last.units)} units. ` +
    `Greatest revenue: ${formatAmount(best.revenueCents)} on ${formatDate(best.date)}.`
  );
}

function configuration(
  theme: ChartTheme,
  dayOf: (dayIndex: number) => DaySummary | undefined,
): ChartConfiguration<'line'> {
  const common = commonOptions(theme);
  const axis = axisOptions(theme);
  const line = (label: string, hue: number, yAxisID: string) => ({
    label,
    yAxisID,
    data: [],
    borderColor: theme.series[hue] ?? theme.colours.ink,
    backgroundColor: theme.series[hue] ?? theme.colours.ink,
    borderWidth: 1.5,
    pointRadius: 0,
    pointHoverRadius: 4,
  });
  const amount = (text: string, hue: number, stackWeight: number) =>
    ({
      ...axis,
      axis: 'y',
      position: 'left',
      ticks: {
        ...axis.ticks,
        maxTicksLimit: 4,
        // The greatest of the lower axis would stand on the zero of the upper one.
        callback: (value: string | number, index: number, all: readonly unknown[]) =>
          index > 0 && index === all.length - 1 ? '' : formatInteger(Number(value)),
      },
      title: { ...axisTitle(theme, text), color: theme.series[hue] ?? theme.colours.ink },
      beginAtZero: true,
      stack: 'amounts',
      stackWeight,
    }) as const;
  return {
    type: 'line',
    data: { datasets: [line('Revenue', 0, 'revenue'), line('Units', 1, 'units')] },
    options: {
      ...common,
      parsing: false,
      normalized: true,
      interaction: { ...common.interaction, axis: 'x' },
      plugins: {
        tooltip: {
          ...common.plugins.tooltip,
          callbacks: {
            title: ([item]) => formatDate(dayOf(Number(item?.parsed.x))?.date ?? '') || '',
            label: ({ dataset, parsed }) => `${dataset.label}: ${formatInteger(parsed.y ?? 0)}`,
          },
        },
      },
      scales: {
        x: {
          ...axis,
          type: 'linear',
          bounds: 'data',
          afterBuildTicks: (scale) => {
            const daysPerPixel = (scale.max - scale.min) / scale.width;
            scale.ticks = spacedTicks(scale.ticks, LABEL_PX * daysPerPixel);
          },
          ticks: {
            ...axis.ticks,
            // No room is lost beside the first and the last day.
            align: 'inner',
            precision: 0,
            includeBounds: false,
            callback: (value) => {
              const day = dayOf(Number(value));
              return day ? formatDate(day.date).slice(4) : '';
            },
          },
        },
        // The first of a stack stands at the bottom.
        units: amount('Units', 1, 2),
        revenue: amount('Revenue', 0, 3),
      },
    },
  };
}
