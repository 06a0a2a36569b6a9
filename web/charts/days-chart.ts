import { Chart, type ChartConfiguration, type ChartDataset, type TooltipItem } from 'chart.js';
import annotationPlugin from 'chartjs-plugin-annotation';
import {
  formatAmount,
  formatCount,
  formatDate,
  formatDayMonth,
  formatDays,
  formatInteger,
} from '../format.ts';
import { intervalOf } from '../state/kept-forecasts.ts';
import { calendarTicks } from '../views/calendar.ts';
import { smallText } from '../views/theme.ts';
import type { ChartDefinition } from './chart.tsx';
import { axisOptions, axisTitle, type ChartTheme, commonOptions, withOpacity } from './chart-theme.ts';
import { axisTop, BAND_LEVELS, type DaysView, daysRows, rangeText } from './days-view.ts';

Chart.register(annotationPlugin);

/** Up to this many days, each is marked by a point. */
const WITH_POINTS = 45;

/** From this many days on, days are drawn fainter than their weekly means. */
const LONG = 150;

/** Height of the strip that marks promotion days, as a fraction of the axis. */
const STRIP = 0.03;

/** The data sets that follow the edges of the bands. */
const SOLD = 4;
const FORECAST = 7;

/** Units day by day, and what was forecast. Returns a definition per chart, because axes and tooltips need what is shown. */
export function daysChart(): ChartDefinition<'line', DaysView> {
  let shown: DaysView | null = null;
  return {
    file: 'units-by-day',
    empty: 'Each complete day adds a point.',
    configure: (theme) => configuration(theme, () => shown),
    apply: (chart, view, theme) => {
      shown = view;
      const [wide, narrow] = view.bands;
      const lines = [wide?.lower, wide?.upper, narrow?.lower, narrow?.upper, view.sold, view.means];
      const all = [...lines, view.yearEarlier, view.forecast, view.anomalies];
      chart.data.datasets.forEach((dataset, index) => {
        dataset.data = [...(all[index] ?? [])];
      });
      const daily = chart.data.datasets[SOLD];
      if (daily) {
        daily.pointRadius = view.days.length <= WITH_POINTS ? 2.5 : 0;
        daily.borderWidth = view.days.length >= LONG ? 0.5 : 1.5;
      }
      const forecast = chart.data.datasets[FORECAST];
      if (forecast) forecast.borderWidth = view.days.length >= LONG ? 0.5 : 1.5;
      const { max, step } = axisTop(Math.max(0, ...all.flatMap((line) => (line ?? []).map(({ y }) => y))));
      const { scales, plugins } = chart.options;
      if (scales?.y) {
        scales.y.max = max;
        Object.assign(scales.y.ticks ?? {}, { stepSize: step });
      }
      if (plugins?.annotation) plugins.annotation.annotations = marksOf(view, theme, max);
    },
    describe: describeDays,
    rows: daysRows,
  };
}

/** The line between what was sold and what is forecast, and the promotion days: options of the plug-in, whose types can't be imported as a module. */
function marksOf({ now, forecasts, promotions }: DaysView, theme: ChartTheme, max: number): object[] {
  const { colours, series, font } = theme;
  const strips = promotions.map(([from, to]) => ({
    type: 'box',
    xMin: from - 0.5,
    xMax: to + 0.5,
    yMin: 0,
    yMax: max * STRIP,
    borderWidth: 0,
    backgroundColor: series[3] ?? colours.ink,
  }));
  if (!now || !forecasts.has(now.dayIndex + 1)) return strips;
  return [
    ...strips,
    {
      type: 'line',
      xMin: now.dayIndex,
      xMax: now.dayIndex,
      borderColor: colours.playhead,
      borderWidth: 1,
      label: {
        display: true,
        content: formatDayMonth(now.date),
        position: 'end',
        xAdjust: -4,
        color: colours['ink-quiet'],
        backgroundColor: colours.panel,
        padding: 2,
        font: { ...font, weight: 'normal' },
      },
    },
  ];
}

function describeDays({ days }: DaysView): string {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return '';
  const best = days.reduce((most, day) => (day.units > most.units ? day : most));
  return (
    `Line chart of ${formatDays(days.length)} from ${formatDate(first.date)} to ${formatDate(last.date)}. ` +
    `Last: net revenue ${formatAmount(last.netCents)}, ${formatCount(last.units, 'unit')}. ` +
    `Most units: ${formatInteger(best.units)} on ${formatDate(best.date)}.`
  );
}

/** Two bands of two edges each, the widest at the back, then the lines and the rings. */
function dataSets({ colours, series }: ChartTheme): ChartDataset<'line'>[] {
  const [blue = colours.ink, orange = colours.ink] = series;
  const edge = { label: '', data: [], borderWidth: 0, pointRadius: 0, pointHoverRadius: 0 };
  const line = (label: string, colour: string): ChartDataset<'line'> => ({
    label,
    data: [],
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: 2,
    pointRadius: 0,
    pointHoverRadius: 4,
  });
  const fill = (opacity: number) => ({ fill: '-1', backgroundColor: withOpacity(orange, opacity) });
  return [
    edge,
    { ...edge, ...fill(0.16) },
    edge,
    { ...edge, ...fill(0.28) },
    { ...line('Sold', blue), fill: { target: 'origin', above: withOpacity(blue, 0.1) } },
    line('Mean of 7 days', blue),
    { ...line('A year earlier', colours['ink-quiet']), borderDash: [4, 4], borderWidth: 1 },
    line('Forecast', orange),
    {
      ...line('Outside the interval', colours.bad),
      showLine: false,
      pointRadius: 6,
      pointHoverRadius: 6,
      pointBorderWidth: 2,
      pointBackgroundColor: 'transparent',
    },
  ];
}

function configuration(theme: ChartTheme, shown: () => DaysView | null): ChartConfiguration<'line'> {
  const common = commonOptions(theme);
  const axis = axisOptions(theme);
  return {
    type: 'line',
    data: { datasets: dataSets(theme) },
    options: {
      ...common,
      parsing: false,
      normalized: true,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      plugins: {
        annotation: { annotations: [], animations: { numbers: { duration: 0 } } },
        tooltip: {
          ...common.plugins.tooltip,
          filter: ({ datasetIndex }) => datasetIndex >= SOLD,
          callbacks: {
            title: ([item]) => titleOf(shown(), Number(item?.parsed.x)),
            label: (item) => labelOf(item),
            footer: ([item]) => intervalTexts(shown(), Number(item?.parsed.x)),
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
            const { days = [] } = shown() ?? {};
            const marks = calendarTicks(days, dayPx);
            scale.ticks = marks.map(({ dayIndex, label }) => ({ value: dayIndex, label }));
          },
          ticks: { ...axis.ticks, autoSkip: false, callback: (_, index, ticks) => ticks[index]?.label ?? '' },
        },
        y: {
          ...axis,
          min: 0,
          title: axisTitle(theme, 'Units a day'),
          // The highest label is never left out.
          ticks: { ...axis.ticks, autoSkip: false, callback: (value) => formatInteger(Number(value)) },
        },
      },
    },
  };
}

function titleOf(view: DaysView | null, dayIndex: number): string {
  const day = view?.days.find((each) => each.dayIndex === dayIndex) ?? view?.forecasts.get(dayIndex);
  return day ? formatDate(day.date) : '';
}

function labelOf({ datasetIndex, dataset, parsed }: TooltipItem<'line'>): string {
  if (datasetIndex > FORECAST) return 'Outside the 95 % interval';
  const whose = datasetIndex === FORECAST ? 'Forecast' : (dataset.label ?? '');
  return `${whose}: ${formatInteger(parsed.y ?? 0)}`;
}

function intervalTexts(view: DaysView | null, dayIndex: number): string[] {
  const forecast = view?.forecasts.get(dayIndex);
  const intervals = BAND_LEVELS.toReversed().flatMap((level) => {
    const interval = forecast && intervalOf(forecast, level);
    return interval ? [`${level} %: ${rangeText(interval)}`] : [];
  });
  const isPromoted = view?.promotions.some(([from, to]) => from <= dayIndex && dayIndex <= to);
  return [...intervals, ...(isPromoted ? ['Promotion day'] : [])];
}
