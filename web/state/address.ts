import { type ReadonlySignal, signal } from '@preact/signals';
import type { StatusMessage } from '../../shared/api/live.ts';
import type { RecentSale } from '../../shared/api/sales.ts';
import { type PageState, shownDay } from './state.ts';
import { type Breakdown, type DaySummary, EMPTY_BREAKDOWN, isComplete } from './sums.ts';

/** What the page's address says to look at, so that it can be shared and reloaded. */
export interface Address {
  /** A past day, 1 for the first; null to follow the run. */
  readonly day: number | null;
  /** What Explore shows; null for what it chooses itself. */
  readonly tab: string | null;
  readonly storeId: string | null;
  readonly productId: string | null;
  /** Whether the page is on a wall: it plays by itself, without controls. */
  readonly isKiosk?: boolean;
}

export interface AddressBar {
  readonly address: ReadonlySignal<Address>;
  /**
   * Changes parts of the address. The browser's Back returns to the earlier one, unless it is replaced: many steps in a row would
   * fill the history.
   */
  go(change: Partial<Address>, how?: 'add' | 'replace'): void;
}

/** The part of a window that an address bar needs. */
interface AddressWindow {
  readonly location: Pick<Location, 'search' | 'pathname'>;
  readonly history: Pick<History, 'pushState' | 'replaceState'>;
  addEventListener(type: 'popstate', listener: () => void): void;
}

/** The address of a window, and its changes by Back and Forward. */
export function openAddressBar(window: AddressWindow): AddressBar {
  const address = signal(readAddress(window.location.search));
  window.addEventListener('popstate', () => {
    address.value = readAddress(window.location.search);
  });
  return {
    address,
    go(change, how = 'add') {
      const next = withoutDay({ ...address.peek(), ...change });
      const query = addressQuery(next, window.location.search);
      if (query === window.location.search) return;
      const url = `${window.location.pathname}${query}`;
      if (how === 'add') window.history.pushState(null, '', url);
      else window.history.replaceState(null, '', url);
      address.value = next;
    },
  };
}

/** A day that is no positive integer counts as none: the address is written by people, too. */
export function readAddress(query: string): Address {
  const parameters = new URLSearchParams(query);
  const day = parameters.get('day') ?? '';
  return withoutDay({
    day: /^[1-9]\d{0,4}$/.test(day) ? Number(day) : null,
    tab: parameters.get('tab'),
    storeId: parameters.get('store_id'),
    productId: parameters.get('product_id'),
    ...(parameters.has('kiosk') && { isKiosk: true }),
  });
}

/** A kiosk always follows the run, because nobody could make it return from a past day. */
function withoutDay(address: Address): Address {
  return address.isKiosk ? { ...address, day: null } : address;
}

/** The query of an address; parameters that are not the page's own stay. */
export function addressQuery({ day, tab, storeId, productId }: Address, before: string): string {
  const parameters = new URLSearchParams(before);
  const own = { day: day === null ? null : String(day), tab, store_id: storeId, product_id: productId };
  for (const [name, value] of Object.entries(own)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}

/** A past day that this page looks at while the run goes on. */
export interface PastDay {
  readonly dayIndex: number;
  /** Its sales, newest first, and their sums; null until they are known. */
  readonly sales: readonly RecentSale[] | null;
  readonly breakdown: Breakdown;
}

/** What the panels of one day are about. */
export interface Looking {
  /** Null before the first day, and until the days before this page was opened are known. */
  readonly day: DaySummary | null;
  /** Sums of that day alone. */
  readonly breakdown: Breakdown;
  /** Whether it is a past day that was chosen, not the newest. */
  readonly isPast: boolean;
}

/** The index of the day that an address names, if it has been played; otherwise null: the run is followed. */
export function pastDayIndex(
  day: number | null,
  { status }: { readonly status: Pick<StatusMessage, 'day_index'> | null },
): number | null {
  return day !== null && status !== null && day <= status.day_index + 1 ? day - 1 : null;
}

/** The day that the page shows: a past one, or else the newest. */
export function lookingAt(state: PageState, past: PastDay | null): Looking {
  if (past) {
    return { day: state.run.days.get(past.dayIndex) ?? null, breakdown: past.breakdown, isPast: true };
  }
  const day = shownDay(state);
  const breakdown = state.run.newestDays.get(day?.dayIndex ?? -1) ?? EMPTY_BREAKDOWN;
  return { day, breakdown, isPast: false };
}

/**
 * The number (1 for the first) of the day before or after the shown one, as far as it has been played.
 *
 * @returns Null if that is the run's own day, which is followed; `none` if there is no such day.
 */
export function dayAfter(
  { day, isPast }: Looking,
  days: -1 | 1,
  status: Pick<StatusMessage, 'day_index'> | null,
): number | null | 'none' {
  if (!day || !status || (days > 0 && !isPast)) return 'none';
  const to = day.dayIndex + days;
  if (to < 0) return 'none';
  return to >= status.day_index ? null : to + 1;
}

/** The number (1 for the first) of the day whose insights are shown: that day, once it is complete, or else the one before it. */
export function insightDay({ day }: Looking): number | null {
  if (!day) return null;
  const number = isComplete(day) ? day.dayIndex + 1 : day.dayIndex;
  return number >= 1 ? number : null;
}
