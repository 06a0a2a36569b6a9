import type { ChartConfiguration } from 'chart.js';
import { formatAmount, formatDate, formatInteger } from '../format.ts';
import type { DaySummary } from '../state/sums.ts';
import { calendarTicks } from '../views/calendar.ts';
import { smallText } from '../views/theme.ts';
import type { ChartDefinition } from './chart.tsx';
import { axisOptions, type ChartTheme, commonOptions, withOpacity } from './chart-theme.ts';

/** Up to this many days, each is marked by a point. */
const WITH_POINTS = 45;

const WEEK = 7;

/** With fewer days a weekly mean adds little to the days themselves. */
const WITH_MEANS = 28;

/** From this many days on, days are drawn fainter than their weekly means. */
const LONG = 150;

/** A year back, on the same weekday. */
const YEAR = 52 * WEEK;

/** Complete days in chronological order. */
export interface DaysView {
  readonly days: readonly DaySummary[];
  /** Net revenue of the same weekday 52 weeks earlier, where it is known. */
  readonly yearEarlier: readonly Point[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** @param days The days shown. @param all Those of the whole run, by index. */
export function daysView(days: readonly DaySummary[], all: ReadonlyMap<number, DaySummary>): DaysView {
  const yearEarlier = days.flatMap(({ dayIndex }) => {
    const day = all.get(dayIndex - YEAR);
    return day ? [{ x: dayIndex, y: day.netCents / 100 }] : [];
  });
  return { days, yearEarlier };
}

/** Net revenue day by day. Returns a definition per chart, because the axis needs the days shown. */
export function daysChart(): ChartDefinition<'line', DaysView> {
  let shown: ReadonlyMap<number, DaySummary> = new Map();
  return {
    empty: 'Each complete day adds a point.',
    configure: (theme) => configuration(theme, () => shown),
    apply: (chart, { days, yearEarlier }) => {
      shown = new Map(days.map((day) => [day.dayIndex, day]));
      const net = days.map(({ dayIndex, netCents }) => ({ x: dayIndex, y: netCents / 100 }));
      const promotions = net.filter((_, index) => isPromotionDay(days[index]));
      const lines = [net, days.length >= WITH_MEANS ? weeklyMeans(net) : [], [...yearEarlier], promotions];
      chart.data.datasets.forEach((dataset, index) => {
        dataset.data = lines[index] ?? [];
      });
      const [daily] = chart.data.datasets;
      if (!daily) return;
      daily.pointRadius = days.length <= WITH_POINTS ? 2.5 : 0;
      daily.borderWidth = days.length >= LONG ? 0.5 : 1.5;
    },
    describe: describeDays,
  };
}

/** A date with promotion in the calendar. */
function isPromotionDay(day: DaySummary | undefined): boolean {
  return day !== undefined && day.promoted > day.events / 2;
}

/** The mean of each point and the six before it, from the seventh on: averaging over a week removes the weekly pattern. */
export function weeklyMeans(points: readonly Point[]): Point[] {
  return points.slice(WEEK - 1).map(({ x }, index) => {
    const week = points.slice(index, index + WEEK);
    return { x, y: week.reduce((sum, { y }) => sum + y, 0) / WEEK };
  });
}

function describeDays({ days }: DaysView): string {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return '';
  const best = days.reduce((most, day) => (day.netCents > most.netCents ? day : most));
  return (
    `Line chart of ${formatInteger(days.length)} days from ${formatDate(first.date)} to ${formatDate(last.date)}. ` +
    `Last: net revenue ${formatAmount(last.netCents)}, ${formatInteger(last.units)} units. ` +
    `Highest net revenue: ${formatAmount(best.netCents)} on ${formatDate(best.date)}.`
  );
}

function configuration(
  theme: ChartTheme,
  shown: () => ReadonlyMap<number, DaySummary>,
): ChartConfiguration<'line'> {
  const common = commonOptions(theme);
  const axis = axisOptions(theme);
  const [blue = theme.colours.ink, orange = theme.colours.ink] = theme.series;
  const line = (label: string, colour: string) => ({
    label,
    data: [],
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: 2,
    pointRadius: 0,
    pointHoverRadius: 4,
  });
  return {
    type: 'line',
    data: {
      datasets: [
        {
          ...line('Net revenue', blue),
          fill: { target: 'origin', above: withOpacity(blue, 0.1) },
        },
        line(`Mean of ${WEEK} days`, blue),
        { ...line('A year earlier', theme.colours['ink-quiet']), borderDash: [4, 4], borderWidth: 1 },
        {
          ...line('Promotion day', orange),
          showLine: false,
          pointStyle: 'rectRot',
          pointRadius: 4,
        },
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
            title: ([item]) => titleOf(shown().get(Number(item?.parsed.x))),
            label: ({ dataset, parsed }) =>
              dataset.showLine === false
                ? 'Promotion day'
                : `${dataset.label}: ${formatInteger(parsed.y ?? 0)}`,
            footer: ([item]) => unitsText(shown().get(Number(item?.parsed.x))),
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
        y: {
          ...axis,
          beginAtZero: true,
          // Keeps the highest peak below the highest label.
          grace: '5%',
          ticks: { ...axis.ticks, callback: (value) => formatInteger(Number(value)) },
        },
      },
    },
  };
}

function titleOf(day: DaySummary | undefined): string {
  return day ? formatDate(day.date) : '';
}

function unitsText(day: DaySummary | undefined): string {
  return day ? `${formatInteger(day.units)} units` : '';
}
