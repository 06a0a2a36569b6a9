import { describe, expect, it } from 'vitest';
import { addressQuery, openAddressBar, readAddress } from '../../../../web/state/address.ts';

const NOWHERE = { day: null, tab: null, storeId: null, productId: null };

describe('the page’s address', () => {
  it.each([
    ['', NOWHERE],
    ['?day=410', { ...NOWHERE, day: 410 }],
    [
      '?tab=price&store_id=S%201&product_id=P%26',
      { ...NOWHERE, tab: 'price', storeId: 'S 1', productId: 'P&' },
    ],
    ['?day=0', NOWHERE],
    ['?day=-3', NOWHERE],
    ['?day=1e3', NOWHERE],
    ['?day=', NOWHERE],
    ['?day=123456', NOWHERE],
  ])('%s is read', (query, address) => {
    expect(readAddress(query)).toEqual(address);
  });

  it('a written address is read as the same, and keeps parameters of others', () => {
    const address = { day: 3, tab: 'price', storeId: 'S 1', productId: 'Ä&?' };
    const query = addressQuery(address, '?utm=x&day=9');
    expect(readAddress(query)).toEqual(address);
    expect(new URLSearchParams(query).get('utm')).toBe('x');
    expect(addressQuery(NOWHERE, '?day=9&tab=a')).toBe('');
  });

  it('a change is pushed once, and Back restores the earlier address', () => {
    const pushed: string[] = [];
    const replaced: string[] = [];
    let onPop = () => {};
    const location = { search: '?day=2', pathname: '/stream/live' };
    const bar = openAddressBar({
      location,
      history: {
        pushState: (_state: unknown, _title: string, url: string) => {
          pushed.push(url);
          location.search = url.replace(/^[^?]*/, '');
        },
        replaceState: (_state: unknown, _title: string, url: string) => void replaced.push(url),
      },
      addEventListener: (_type, listener) => {
        onPop = listener;
      },
    });
    bar.go({ day: 5 });
    bar.go({ day: 5 });
    expect(pushed).toEqual(['/stream/live?day=5']);
    expect(bar.address.value.day).toBe(5);
    bar.go({ day: null });
    expect(pushed.at(-1)).toBe('/stream/live');
    location.search = '?day=5';
    onPop();
    expect(bar.address.value.day).toBe(5);
    // One of many steps takes the place of the step before.
    bar.go({ day: 4 }, 'replace');
    expect(replaced).toEqual(['/stream/live?day=4']);
    expect(bar.address.value.day).toBe(4);
    expect(pushed).toHaveLength(2);
  });

  it('a page on a wall follows the run, whatever day its address names or is asked for', () => {
    expect(readAddress('?kiosk&day=3')).toEqual({ ...NOWHERE, isKiosk: true });
    const pushed: string[] = [];
    const bar = openAddressBar({
      location: { search: '?kiosk', pathname: '/stream/live' },
      history: {
        pushState: (_state: unknown, _title: string, url: string) => void pushed.push(url),
        replaceState: () => undefined,
      },
      addEventListener: () => undefined,
    });
    bar.go({ day: 5 });
    expect(bar.address.value.day).toBeNull();
    expect(pushed.filter((url) => url.includes('day='))).toEqual([]);
  });
});
