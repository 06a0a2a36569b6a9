/**
 * The ticks of an axis of days whose labels have room: the last, which is the newest day, and before it those that are at least so
 * many days from the next. Chart.js sets a tick on the last value however near the one before it is.
 *
 * @param ticks In their order.
 */
export function spacedTicks<Tick extends { readonly value: number }>(
  ticks: readonly Tick[],
  leastDays: number,
): Tick[] {
  const kept: Tick[] = [];
  for (const tick of ticks.toReversed()) {
    const next = kept[0];
    if (!next || next.value - tick.value >= leastDays) kept.unshift(tick);
  }
  return kept;
}
