/** Which days a chart shows: the last ones, which follow the run, or fixed ones. Inclusive indexes. */
export type DayRange =
  | { readonly kind: 'last'; readonly days: number }
  | ({ readonly kind: 'fixed' } & DayWindow);

export interface DayWindow {
  readonly from: number;
  readonly to: number;
}

/** The days of a range. @param last The last day there is, at least 0. */
export function windowOf(range: DayRange, last: number): DayWindow {
  if (range.kind === 'last') return { from: Math.max(0, last - range.days + 1), to: last };
  const to = Math.min(last, range.to);
  return { from: Math.min(range.from, to), to };
}

/** The part of a window that is dragged. */
export type Grip = 'from' | 'to' | 'whole' | 'new';

/**
 * The window after a part of it was dragged from one day to another. It stays within the days there are, and keeps its
 * length if it is moved as a whole.
 */
export function draggedWindow(
  grip: Grip,
  { from, to }: DayWindow,
  begin: number,
  at: number,
  last: number,
): DayWindow {
  const within = (day: number) => Math.max(0, Math.min(last, day));
  if (grip === 'whole') {
    const shift = Math.max(-from, Math.min(last - to, at - begin));
    return { from: from + shift, to: to + shift };
  }
  const fixed = grip === 'new' ? begin : grip === 'from' ? to : from;
  const [start = 0, end = 0] = [within(fixed), within(at)].toSorted((one, other) => one - other);
  return { from: start, to: end };
}

/** The range of a chosen window: one that ends at the last day follows the run. */
export function rangeOf({ from, to }: DayWindow, last: number): DayRange {
  return to >= last ? { kind: 'last', days: to - from + 1 } : { kind: 'fixed', from, to };
}
