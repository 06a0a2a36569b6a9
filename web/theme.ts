/**
 * The colours of the current theme, by the names of `tokens.css`. A canvas doesn't resolve custom properties, nor
 * `light-dark()`, by itself: an element that inherits from `near` does it.
 */
export function resolveColours<Name extends string>(
  near: Element,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const probe = document.createElement('span');
  near.append(probe);
  const colours = {} as Record<Name, string>;
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return colours;
}

/** What changes colours, and what the size of all text (`screens.css`). */
const THEMES = ['(prefers-color-scheme: dark)', '(min-width: 3000px)'] as const;

/** Calls back whenever the system changes between light and dark, or the text between its sizes. */
export function onThemeChange(redraw: () => void): void {
  for (const theme of THEMES) matchMedia(theme).addEventListener('change', redraw);
}

/** Size of the small text of charts, in px: `--text-s` in `tokens.css`. */
export function smallText(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.75;
}
