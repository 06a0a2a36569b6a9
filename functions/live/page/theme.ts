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

/** Calls back whenever the system changes between light and dark. */
export function onThemeChange(redraw: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}
