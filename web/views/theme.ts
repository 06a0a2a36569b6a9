import type { SumsByKey } from '../state/sums.ts';

/**
 * The colours of the current theme, by the names of `tokens.css`. A canvas resolves neither custom properties nor
 * `light-dark()`, so a probe element that inherits from `near` does.
 */
export function resolveColours<Name extends string>(
  near: Element,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const probe = document.createElement('span');
  near.append(probe);
  // Filled below for every name, which TypeScript doesn't follow.
  const colours = {} as Record<Name, string>;
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return colours;
}

/** Matches a canvas's bitmap to the pixels of the screen. @returns its size in CSS pixels, in which it is drawn. */
export function fitBitmap(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
): { readonly width: number; readonly height: number } {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return { width, height };
}

/** Media queries that change the colours or the size of text (`screens.css`). */
const THEMES = [
  '(prefers-color-scheme: dark)',
  '(min-width: 2400px)',
  '(min-width: 3000px)',
  'print',
] as const;

/** Calls back when colours or text size change. */
export function onThemeChange(redraw: () => void): void {
  for (const theme of THEMES) matchMedia(theme).addEventListener('change', redraw);
}

/** Size of the small text of charts, in px: `--text-s` in `tokens.css`. */
export function smallText(): number {
  return rootText() * 0.75;
}

/** Size of one rem in px. */
export function rootText(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** Number of hues for stores. */
const HUES = 5;

/** The hue of a store by its position among those of the run; null if there are more stores than hues. */
export function storeHue(store: string, stores: SumsByKey): number | null {
  const place = [...stores.keys()].sort().indexOf(store);
  return place >= 0 && place < HUES ? place : null;
}

/** The classes that mark a cell with the hue of its store. */
export function storeMark(store: string, stores: SumsByKey): string {
  const hue = storeHue(store, stores);
  return hue === null ? 'store' : `store store-${hue + 1}`;
}
