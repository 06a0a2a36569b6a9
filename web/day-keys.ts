/** So many days a page has. */
const FAR = 30;

/** The day that a key leads to from another one on a slider of days; null if it leads nowhere. It may lie beyond the last. */
export function dayByKey(key: string, from: number, last: number): number | null {
  const days: Readonly<Record<string, number>> = {
    ArrowRight: from + 1,
    ArrowUp: from + 1,
    ArrowLeft: from - 1,
    ArrowDown: from - 1,
    PageUp: from + FAR,
    PageDown: from - FAR,
    Home: 0,
    End: last,
  };
  return days[key] ?? null;
}
