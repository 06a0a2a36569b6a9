import type { SaleMessage } from '../../shared/api/live.ts';
import { formatInteger } from '../format.ts';
import { FEED_LENGTH, initialState, type PageState } from '../state/state.ts';
import { byId, setOptions, setText } from './dom.ts';
import { createFeedRows, filterFeed } from './feed-rows.ts';

const SMALL_SCREEN = '(max-width: 760px)';

/** Why the feed stands still. */
interface Pauses {
  button: boolean;
  pointer: boolean;
}

/**
 * Draws the newest sales, one a row, the newest on top. While somebody reads, it stands still: when it is paused, under
 * the pointer, and when it is scrolled.
 */
export function createFeedView(): (state: PageState) => void {
  const panel = byId('feed-panel', HTMLDetailsElement);
  const scroll = byId('feed-scroll', HTMLElement);
  const store = byId('feed-store', HTMLSelectElement);
  const product = byId('feed-product', HTMLSelectElement);
  const button = byId('feed-pause', HTMLButtonElement);
  const drawRows = createFeedRows(byId('feed', HTMLTableElement), scroll);
  const pauses: Pauses = { button: false, pointer: false };
  let state = initialState;
  /** The feed as it was when it was stopped. */
  let stopped: readonly SaleMessage[] | null = null;

  function draw(): void {
    const isStill = pauses.button || pauses.pointer || scroll.scrollTop > 0;
    // Of another run nothing is kept, whoever reads it.
    stopped = isStill && state.feed.length > 0 ? (stopped ?? state.feed) : null;
    const list = filterFeed(stopped ?? state.feed, { store: store.value, product: product.value });
    if (panel.open) drawRows(list, state.run.breakdown.stores, emptyText(state, store.value, product.value));
    setText(byId('feed-state', HTMLElement), stateText(stopped, state.feed));
  }

  function pause(change: Partial<Pauses>): void {
    Object.assign(pauses, change);
    button.setAttribute('aria-pressed', String(pauses.button));
    draw();
  }

  scroll.addEventListener('pointerenter', () => pause({ pointer: true }));
  scroll.addEventListener('pointerleave', () => pause({ pointer: false }));
  button.addEventListener('click', () => pause({ button: !pauses.button }));
  for (const filter of [store, product]) {
    filter.addEventListener('change', () => {
      scroll.scrollTop = 0;
      draw();
    });
  }
  scroll.addEventListener('scroll', draw, { passive: true });
  panel.addEventListener('toggle', draw);
  new ResizeObserver(draw).observe(scroll);
  // What scrolls has to be reached by keyboard.
  scroll.tabIndex = 0;
  panel.open = !matchMedia(SMALL_SCREEN).matches;

  return (next) => {
    if (next.feed === state.feed && next.run.breakdown === state.run.breakdown) return;
    state = next;
    setOptions(store, ['', ...[...state.run.breakdown.stores.keys()].sort()], '');
    setOptions(product, ['', ...[...state.run.breakdown.products.keys()].sort()], '');
    draw();
  };
}

function stateText(stopped: readonly SaleMessage[] | null, feed: readonly SaleMessage[]): string {
  if (!stopped) return '';
  const newest = stopped[0]?.id ?? 0;
  const missed = feed.findIndex(({ id }) => id <= newest);
  const more = missed < 0 ? `${formatInteger(FEED_LENGTH)}+` : formatInteger(missed);
  return `Paused · ${more} new`;
}

function emptyText({ feed }: PageState, store: string, product: string): string {
  if (feed.length === 0) return 'Each sale appears here as it is stored, the newest on top.';
  const wanted = [store, product].filter((text) => text !== '').join(' and ');
  return `None of the newest ${formatInteger(feed.length)} sales is of ${wanted}.`;
}
