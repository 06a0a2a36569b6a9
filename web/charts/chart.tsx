import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  type ChartType,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
} from 'chart.js';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { type CsvValue, csvOf, fileName, rowsOfChart, saveCsv } from '../share/save.ts';
import { themeChanges, useInSight } from '../views/hooks.ts';
import { type ChartTheme, chartTheme } from './chart-theme.ts';

// Only the parts that the page's charts use: the rest stays out of the bundle.
Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
);

/** The definition of a chart, without its values. */
export interface ChartDefinition<Type extends ChartType, View> {
  /** What the files saved from it are called. */
  readonly file: string;
  /** Says what will fill the chart while there is nothing to show. */
  readonly empty: string;
  /** Type, axes and data sets without values; asked for again when the theme changes. */
  configure(theme: ChartTheme): ChartConfiguration<Type>;
  /** Puts the values of a view into the chart, which is then drawn once. */
  apply(chart: Chart<Type>, view: View, theme: ChartTheme): void;
  /** A text alternative: one or two sentences with the most important figures. */
  describe(view: View): string;
  /** The rows that are saved, if they say more than what is drawn: dates with their year, intervals. */
  rows?(view: View): CsvValue[][];
}

interface ChartBoxProps<Type extends ChartType, View> {
  readonly id?: string;
  readonly definition: ChartDefinition<Type, View>;
  /** Whose figures it shows, for the name of a saved file: a store, a product. */
  readonly series?: string | undefined;
  /** Null empties the chart. The same object is not drawn again. */
  readonly view: View | null;
}

interface Drawn<Type extends ChartType, View> {
  readonly chart: Chart<Type>;
  readonly theme: ChartTheme;
  readonly themeVersion: number;
  view: View | null;
}

/**
 * A chart in a box of fixed height. It follows the theme, is drawn only while it can be seen, has a text alternative, and
 * without values says what will fill it.
 */
export function ChartBox<Type extends ChartType, View>({
  id,
  definition,
  series = '',
  view,
}: ChartBoxProps<Type, View>) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<Drawn<Type, View> | null>(null);
  const isInSight = useInSight(box).value;
  const themeVersion = themeChanges().value;

  useLayoutEffect(() => {
    if (view === null || !isInSight || !canvas.current) return;
    if (drawn.current?.themeVersion !== themeVersion) {
      drawn.current?.chart.destroy();
      const theme = chartTheme(canvas.current);
      const chart = new Chart<Type>(canvas.current, definition.configure(theme));
      drawn.current = { chart, theme, themeVersion, view: null };
    }
    if (drawn.current.view === view) return;
    drawn.current.view = view;
    definition.apply(drawn.current.chart, view, drawn.current.theme);
    // Not `update('none')`: that keeps what all points share, such as their size (Chart.js 4.6.1). Nothing is animated anyway.
    drawn.current.chart.update();
  }, [view, isInSight, themeVersion]);
  useEffect(() => () => drawn.current?.chart.destroy(), []);

  function saveFigures(): void {
    const { chart } = drawn.current ?? {};
    if (!chart || view === null) return;
    const rows = definition.rows?.(view) ?? rowsOfChart(chart.data);
    saveCsv(fileName('retail', definition.file, series), csvOf(rows));
  }

  return (
    <div id={id} ref={box} class="chart">
      <canvas
        ref={canvas}
        role="img"
        hidden={view === null}
        aria-label={view === null ? definition.empty : definition.describe(view)}
      />
      <p class="chart-empty quiet" hidden={view !== null}>
        {definition.empty}
      </p>
      <button
        type="button"
        class="link save-csv"
        hidden={view === null}
        title="Save what this chart shows as CSV"
        aria-label="Save what this chart shows as CSV"
        onClick={saveFigures}
      >
        CSV
      </button>
    </div>
  );
}

/** The legend of a chart. */
export function ChartKey({ entries }: { entries: readonly (readonly [look: string, text: string])[] }) {
  return (
    <ul class="key quiet">
      {entries.map(([look, text]) => (
        <li key={look}>
          <span class="swatch" data-look={look} aria-hidden="true" />
          {text}
        </li>
      ))}
    </ul>
  );
}
