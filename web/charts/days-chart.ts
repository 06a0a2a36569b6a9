import type { ChartConfiguration } from 'chart.js';
import { formatAmount, formatDate, formatInteger } from '../format.ts';
import type { DaySummary } from '../state/sums.ts';
import { calendarTicks } from '../views/calendar.ts';
import { smallText } from '../views/theme.ts';
import type { ChartDefinition } from './chart.tsx';
import { axisOptions, axisTitle, type ChartTheme, commonOptions, withOpacity } from './chart-theme.ts';

/** Up to this many days, each is marked by a point. */
const WITH_POINTS = 45;

const WEEK = 7;

/** From this many days on, the weekly pattern hides the trend: weekly means are drawn too. */
const WITH_MEANS = 150;

/** Whether weekly means are drawn for a number of days. */
export function hasMeans(days: number): boolean {
  return days >= WITH_MEANS;
}

/** The first data set that is one of means. */
const MEANS_FROM = 2;

/** Complete days in chronological order. */
export type DaysView = readonly DaySummary[];

/** Revenue above units, day by day. Returns a definition per chart, because the axis needs the days shown. */
export function daysChart(): ChartDefinition<'line', DaysView> {
  let shown: ReadonlyMap<number, DaySummary> = new Map();
  return {
    empty: 'Each complete day adds a point.',
    configure: (theme) => configuration(theme, () => shown),
    apply: (chart, days) => {
      shown = new Map(days.map((day) => [day.dayIndex, day]));
      const revenue = days.map(({ dayIndex, revenueCents }) => ({ x: dayIndex, y: revenueCents / 100 }));
      const units = days.map(({ dayIndex, units: sold }) => ({ x: dayIndex, y: sold }));
      const isLong = hasMeans(days.length);
      const lines = [revenue, units, isLong ? weeklyMeans(revenue) : [], isLong ? weeklyMeans(units) : []];
      chart.data.datasets.forEach((dataset, index) => {
        dataset.data = lines[index] ?? [];
        dataset.pointRadius = days.length <= WITH_POINTS ? 2.5 : 0;
        if (index < MEANS_FROM) dataset.borderWidth = isLong ? 0.5 : 1.5;
      });
    },
    describe: describeDays,
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The mean of each point and the six before it, from the seventh on: averaging over a week removes the weekly pattern. */
export function weeklyMeans(points: readonly Point[]): Point[] {
  return points.slice(WEEK - 1).map(({ x }, index) => {
    const week = points.slice(index, index + WEEK);
    return { x, y: week.reduce((sum, { y }) => sum + y, 0) / WEEK };
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

function dateOf(day: DaySummary | undefined): string {
  return day ? formatDate(day.date) : '';
}

function configuration(
  theme: ChartTheme,
  shown: () => ReadonlyMap<number, DaySummary>,
): ChartConfiguration<'line'> {
  const common = commonOptions(theme);
  const axis = axisOptions(theme);
  const line = (label: string, hue: number, yAxisID: string) => ({
    label,
    yAxisID,
    data: [],
    borderColor: theme.series[hue] ?? theme.colours.ink,
    backgroundColor: theme.series[hue] ?? theme.colours.ink,
    fill: { target: 'origin', above: withOpacity(theme.series[hue] ?? theme.colours.ink, 0.1) },
    borderWidth: 1.5,
    pointRadius: 0,
    pointHoverRadius: 4,
  });
  const mean = (label: string, hue: number, yAxisID: string) => ({
    ...line(`${label}, mean of ${WEEK} days`, hue, yAxisID),
    fill: false,
    borderWidth: 2,
  });
  // The highest label of the lower axis would overlap the zero of the upper one.
  const amount = (text: string, hue: number, stackWeight: number, isLower: boolean) =>
    ({
      ...axis,
      axis: 'y',
      position: 'left',
      ticks: {
        ...axis.ticks,
        maxTicksLimit: 5,
        callback: (value: string | number, index: number, all: readonly unknown[]) =>
          isLower && index > 0 && index === all.length - 1 ? '' : formatInteger(Number(value)),
      },
      title: { ...axisTitle(theme, text), color: theme.series[hue] ?? theme.colours.ink },
      beginAtZero: true,
      stack: 'amounts',
      stackWeight,
    }) as const;
  return {
    type: 'line',
    data: {
      datasets: [
        line('Revenue', 0, 'revenue'),
        line('Units', 1, 'units'),
        mean('Revenue', 0, 'revenue'),
        mean('Units', 1, 'units'),
      ],
    },
    options: {
      ...common,
      parsing: false,
      normalized: true,
      interaction: { ...common.interaction, axis: 'x' },
      plugins: {
        tooltip: {
          ...common.plugins.tooltip,
          callbacks: {
            title: ([item]) => dateOf(shown().get(Number(item?.parsed.x))),
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
            const dayPx = (scale.width / Math.max(1, scale.max - scale.min)) * (12 / smallText());
            const marks = calendarTicks([...shown().values()], dayPx);
            scale.ticks = marks.map(({ dayIndex, label }) => ({ value: dayIndex, label }));
          },
          ticks: { ...axis.ticks, autoSkip: false, callback: (_, index, ticks) => ticks[index]?.label ?? '' },
        },
        // Chart.js stacks axes from the bottom.
        units: amount('Units', 1, 2, true),
        revenue: amount('Revenue', 0, 3, false),
      },
    },
  };
}
