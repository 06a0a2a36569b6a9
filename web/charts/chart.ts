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
import { setText } from '../views/dom.ts';
import { onThemeChange } from '../views/theme.ts';
import { type ChartTheme, chartTheme } from './chart-theme.ts';

// Only what some chart of the page uses: the rest stays out of the bundle.
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

/** What a chart is made of, apart from what it shows. */
export interface ChartDefinition<Type extends ChartType, View> {
  /** Says what will fill the chart while there is nothing to show. */
  readonly empty: string;
  /** Type, axes and data sets without values; asked for again when the theme changes. */
  configure(theme: ChartTheme): ChartConfiguration<Type>;
  /** Puts the values of a view into the chart, which is then drawn once. */
  apply(chart: Chart<Type>, view: View, theme: ChartTheme): void;
  /** The same for those who can't see it: one or two sentences with the figures that matter. */
  describe(view: View): string;
}

/** Shows a view; null empties the chart. Cheap while the view is the same or the chart is out of sight. */
export type DrawChart<View> = (view: View | null) => void;

/**
 * A chart in an element of fixed height (class `chart`). It follows the theme, is drawn at most once a frame and only while it
 * can be seen, has a text alternative, and without values says what will fill it.
 */
export function createChart<Type extends ChartType, View>(
  host: HTMLElement,
  definition: ChartDefinition<Type, View>,
): DrawChart<View> {
  const { canvas, empty } = fillHost(host, definition.empty);
  let theme = chartTheme(host);
  let chart: Chart<Type> | null = null;
  let view: View | null = null;
  let isStale = true;
  let isInSight = false;

  function draw(): void {
    canvas.hidden = view === null;
    empty.hidden = view !== null;
    if (view === null || !isInSight || !isStale) return;
    isStale = false;
    chart ??= new Chart<Type>(canvas, definition.configure(theme));
    definition.apply(chart, view, theme);
    // Not `update('none')`: that keeps what all points share, such as their size (Chart.js 4.6.1). Nothing is animated anyway.
    chart.update();
    canvas.setAttribute('aria-label', definition.describe(view));
  }

  new IntersectionObserver((entries) => {
    isInSight = entries.at(-1)?.isIntersecting ?? false;
    draw();
  }).observe(host);
  onThemeChange(() => {
    theme = chartTheme(host);
    chart?.destroy();
    chart = null;
    isStale = true;
    draw();
  });
  draw();

  return (next) => {
    if (next === view) return;
    view = next;
    isStale = true;
    draw();
  };
}

function fillHost(host: HTMLElement, emptyText: string): { canvas: HTMLCanvasElement; empty: HTMLElement } {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  const empty = document.createElement('p');
  empty.className = 'chart-empty quiet';
  setText(empty, emptyText);
  host.replaceChildren(canvas, empty);
  return { canvas, empty };
}
