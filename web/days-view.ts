import { createBrushView } from './brush-view.ts';
import { type DayRange, windowOf } from './day-range.ts';
import { type DaySummary, isWhole } from './day-summary.ts';
import { createDaysChart, hasMeans } from './days-chart.ts';
import { byId } from './dom.ts';
import type { PageState, Run } from './state.ts';

const FIRST_RANGE: DayRange = { kind: 'last', days: 90 };

/** Draws revenue and units by day, of the last 90 days or as many as are asked for. */
export function createDaysView(): (state: PageState) => void {
  const drawChart = createDaysChart(byId('days-chart', HTMLElement));
  const means = byId('days-means', HTMLElement);
  const presets = byId('range', HTMLFieldSetElement);
  let range: DayRange = FIRST_RANGE;
  let days: Run['days'] = new Map();
  let whole: readonly DaySummary[] = [];

  function draw(): void {
    const last = whole.at(-1)?.dayIndex ?? -1;
    const { from, to } = windowOf(range, Math.max(0, last));
    const shown = whole.filter(({ dayIndex }) => dayIndex >= from && dayIndex <= to);
    drawChart(shown.length > 0 ? shown : null);
    means.hidden = !hasMeans(shown.length);
    drawBrush({ days, last, range });
    for (const input of presets.querySelectorAll('input')) input.checked = isPreset(input.value, range);
  }

  function choose(next: DayRange): void {
    range = next;
    draw();
  }
  const drawBrush = createBrushView(choose);
  presets.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement) choose({ kind: 'last', days: daysOf(target.value) });
  });

  return ({ run }) => {
    if (run.days === days) return;
    days = run.days;
    // Certain days of a run that is over mean nothing in the next one.
    if (days.size === 0 && range.kind === 'fixed') range = FIRST_RANGE;
    whole = [...days.values()].filter(isWhole).toSorted((one, other) => one.dayIndex - other.dayIndex);
    draw();
  };
}

function daysOf(preset: string): number {
  return preset === 'all' ? Number.POSITIVE_INFINITY : Number(preset);
}

function isPreset(preset: string, range: DayRange): boolean {
  return range.kind === 'last' && range.days === daysOf(preset);
}
