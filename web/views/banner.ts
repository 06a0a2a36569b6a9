import { formatAmount, formatDate, formatDays, formatInteger, formatShare } from '../format.ts';
import type { Problem } from '../state/problem.ts';
import type { PageState, Run } from '../state/state.ts';
import { type DaySummary, ranked } from '../state/sums.ts';
import { byId, setText } from './dom.ts';

/** Draws the last error with its code and its remedy, until it is dismissed. */
export function createBanner(dismiss: () => void): (state: PageState) => void {
  const banner = byId('banner', HTMLElement);
  byId('banner-close', HTMLButtonElement).addEventListener('click', dismiss);
  let drawn: Problem | null = null;

  return ({ problem }) => {
    if (problem === drawn) return;
    drawn = problem;
    setText(byId('banner-title', HTMLElement), problem?.title ?? '');
    setText(byId('banner-code', HTMLElement), problem?.code ?? '');
    setText(byId('banner-detail', HTMLElement), problem?.detail ?? '');
    setText(byId('banner-remedy', HTMLElement), problem?.remedy ?? '');
    banner.hidden = problem === null;
  };
}

/** What to say where there are no figures to look at, or no more to come. */
export interface EmptyState {
  readonly title: string;
  readonly text: string;
  /** What a complete run comes to. */
  readonly figures: readonly (readonly [name: string, value: string])[];
}

/** The one thing to know or do at the beginning and at the end; null in between. */
export function emptyStateOf({ status, run }: PageState): EmptyState | null {
  if (!status) return null;
  if (status.total_days === 0) {
    const text = 'The days of a data set appear here as soon as one is loaded.';
    return { title: 'No data set yet', text, figures: [] };
  }
  if (!status.is_running && run.days.size === 0) {
    return {
      title: `${formatDays(status.total_days)} of shop history, one at a time`,
      text: 'Press Next day: the sales of the first day travel through the whole system and appear here. Or press Play and watch the days go by.',
      figures: [],
    };
  }
  if (!status.is_complete) return null;
  return {
    title:
      status.total_days === 1
        ? 'The one day has been played'
        : `All ${formatDays(status.total_days)} have been played`,
    text: 'Press Reset to begin a new run.',
    figures: run.days.size < status.total_days ? [] : figuresOf(run),
  };
}

function figuresOf({ days, breakdown }: Run): [name: string, value: string][] {
  const all = [...days.values()];
  const sum = (measure: 'units' | 'revenueCents' | 'events' | 'promoted') =>
    all.reduce((total, day) => total + day[measure], 0);
  const best = all.reduce<DaySummary | null>(
    (most, day) => (most && most.revenueCents >= day.revenueCents ? most : day),
    null,
  );
  const top = (sums: typeof breakdown.stores) => ranked(sums, 'revenueCents')[0]?.key ?? '–';
  return [
    ['Revenue', formatAmount(sum('revenueCents'))],
    ['Units', formatInteger(sum('units'))],
    ['Sales', formatInteger(sum('events'))],
    ['Promo share', formatShare(sum('promoted'), sum('events'))],
    ['Best day', best ? `${formatDate(best.date)}, ${formatAmount(best.revenueCents)}` : '–'],
    ['Best store', top(breakdown.stores)],
    ['Top product', top(breakdown.products)],
  ];
}

/** Draws the empty state. */
export function createEmptyState(): (state: PageState) => void {
  const section = byId('empty-state', HTMLElement);
  const figures = byId('empty-state-figures', HTMLElement);
  let drawn = '';

  return (state) => {
    const emptyState = emptyStateOf(state);
    const text = JSON.stringify(emptyState);
    if (text === drawn) return;
    drawn = text;
    section.hidden = emptyState === null;
    setText(byId('empty-state-title', HTMLElement), emptyState?.title ?? '');
    setText(byId('empty-state-text', HTMLElement), emptyState?.text ?? '');
    figures.hidden = !emptyState?.figures.length;
    figures.replaceChildren(...(emptyState?.figures ?? []).map(figure));
  };
}

function figure([name, value]: readonly [name: string, value: string]): HTMLElement {
  const group = document.createElement('div');
  const term = document.createElement('dt');
  const description = document.createElement('dd');
  term.textContent = name;
  description.textContent = value;
  group.append(term, description);
  return group;
}
