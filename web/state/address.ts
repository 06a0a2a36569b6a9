import { type ReadonlySignal, signal } from '@preact/signals';

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
