import type { ChartOptions, FontSpec, TooltipOptions } from 'chart.js';
import { resolveColours, smallText } from '../views/theme.ts';

const COLOURS = [
  'ink',
  'ink-quiet',
  'line',
  'panel',
  'accent',
  'bad',
  'playhead',
  'scale-low',
  'scale-high',
  'series-1',
  'series-2',
  'series-3',
  'series-4',
  'series-5',
] as const;

/** The tokens of `tokens.css` that charts use, resolved for the current theme. */
export interface ChartTheme {
  readonly colours: Readonly<Record<(typeof COLOURS)[number], string>>;
  /** Five hues that colour-blind people can distinguish, in a fixed order: a store or series has the same one everywhere. */
  readonly series: readonly string[];
  readonly font: Partial<FontSpec>;
}

/** Resolves the theme's tokens. @param near The element whose colours and font the chart takes. */
export function chartTheme(near: Element): ChartTheme {
  const colours = resolveColours(near, COLOURS);
  const { fontFamily } = getComputedStyle(near);
  return {
    colours,
    series: [
      colours['series-1'],
      colours['series-2'],
      colours['series-3'],
      colours['series-4'],
      colours['series-5'],
    ],
    font: { family: fontFamily, size: smallText() },
  };
}

/** A colour of the theme made transparent. @param opacity 0-1. */
export function withOpacity(colour: string, opacity: number): string {
  return colour.replace(/^rgb\((.+)\)$/, `rgba($1, ${opacity})`);
}

/** Options that all charts share: no motion, no legend (lines are labelled directly), a tooltip with exact values. */
export function commonOptions({ colours, font }: ChartTheme) {
  return {
    animation: false,
    maintainAspectRatio: false,
    responsive: true,
    interaction: { mode: 'index', intersect: false },
    plugins: { tooltip: tooltipOptions({ colours, font }) },
  } as const satisfies ChartOptions;
}

function tooltipOptions({ colours, font }: Pick<ChartTheme, 'colours' | 'font'>) {
  return {
    animation: false,
    backgroundColor: colours.panel,
    borderColor: colours['ink-quiet'],
    borderWidth: 1,
    titleColor: colours.ink,
    bodyColor: colours.ink,
    titleFont: { ...font, weight: 600 },
    bodyFont: font,
    padding: 8,
    cornerRadius: 4,
    boxPadding: 4,
    caretSize: 0,
  } as const satisfies Partial<Omit<TooltipOptions, 'animation'>> & { animation: false };
}

/** Options that all axes share: thin lines, muted colours, few ticks. */
export function axisOptions({ colours, font }: ChartTheme) {
  return {
    border: { color: colours.line },
    grid: { color: colours.line, drawTicks: false },
    ticks: {
      color: colours['ink-quiet'],
      font,
      padding: 8,
      maxTicksLimit: 6,
      maxRotation: 0,
      autoSkipPadding: 12,
    },
  } as const;
}

/** The title of an axis: the quantity and its unit. */
export function axisTitle({ colours, font }: ChartTheme, text: string) {
  return { display: true, text, color: colours['ink-quiet'], font, padding: 4 } as const;
}
