import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { StatusMessage } from '../../shared/api/live.ts';
import { newestCompleteDay, type Run, runBreakdown } from '../state/state.ts';
import type { Breakdown, DaySummary, SumsByKey } from '../state/sums.ts';
import { useInSight } from '../views/hooks.ts';
import type { Page } from '../views/page.ts';
import { forecastTab } from './forecast-tab.tsx';
import { optimizeTab } from './optimize-tab.tsx';
import { LabelledSelect } from './parts.tsx';
import { priceTab } from './price-tab.tsx';
import { promotionTab } from './promotion-tab.tsx';
import { replenishmentTab } from './replenishment-tab.tsx';
import { createTabFrame, type Scope, TabPanel } from './tab-frame.tsx';
import type { ExploreTab } from './tabs.tsx';
import { TabList } from './tabs.tsx';

const TABS: readonly ExploreTab[] = [forecastTab, priceTab, promotionTab, replenishmentTab, optimizeTab];

/** Queries the API for a store and a product, in several ways. */
export function ExplorePanel({ page, section }: { page: Page; section: RefObject<Element | null> }) {
  const status = useComputed(() => page.store.state.value.status);
  const stores = useNames(page, (breakdown) => breakdown.stores);
  const products = useNames(page, (breakdown) => breakdown.products);
  const { address } = page;
  const store = useSignal(address.peek().storeId ?? '');
  const product = useSignal(address.peek().productId ?? '');
  const chosen = useSignal(tabOf(address.peek().tab));
  const isInSight = useInSight(section);
  const past = useComputed(() => {
    const { day, isPast } = page.looking.value;
    return isPast ? day : null;
  });
  const scope = useComputed(() => {
    const current = scopeOf(status.value, past.value, store.value, product.value);
    return current && { ...current, missing: page.missing.value };
  });
  const frames = useMemo(
    () =>
      TABS.map((tab) =>
        createTabFrame(
          tab,
          page.clicks.api,
          () => scope.peek(),
          () => isInSight.peek() && document.visibilityState === 'visible' && chosen.peek() === tab.id,
        ),
      ),
    [],
  );
  const resume = () => {
    for (const frame of frames) frame.resume();
  };

  useSignalEffect(() => {
    if (stores.value && !stores.value.includes(store.peek())) store.value = stores.value[0] ?? '';
    if (products.value && !products.value.includes(product.peek())) product.value = products.value[0] ?? '';
  });
  // A link, or the browser's Back, leads to a store, a product and a tab.
  useSignalEffect(() => {
    const { storeId, productId, tab } = address.value;
    chosen.value = tabOf(tab);
    if (storeId !== null && storeId !== store.peek()) choose(store, storeId);
    if (productId !== null && productId !== product.peek()) choose(product, productId);
  });
  const runId = useRef<string | null>(null);
  useSignalEffect(() => {
    void scope.value;
    const current = status.value?.run_id ?? null;
    const isNewRun = current !== runId.current;
    runId.current = current;
    for (const frame of frames) {
      if (isNewRun) frame.forget();
      frame.update(false);
    }
  });
  useSignalEffect(() => {
    void isInSight.value;
    void chosen.value;
    resume();
  });
  useEffect(() => {
    document.addEventListener('visibilitychange', resume);
    return () => document.removeEventListener('visibilitychange', resume);
  }, []);

  /** A change by the user is loaded at once, not at the pace at which a tab follows the simulation. */
  function choose(select: typeof store, value: string): void {
    if (value === select.peek()) return;
    select.value = value;
    for (const frame of frames) frame.update(frame.tab.id === chosen.value);
  }

  return (
    <>
      <div class="explore-head">
        <LabelledSelect
          id="explore-store"
          label="Store"
          {...optionsOf(stores.value)}
          value={stores.value ? store.value : ''}
          onChoose={(value) => page.go({ storeId: value })}
        />
        <LabelledSelect
          id="explore-product"
          label="Product"
          {...optionsOf(products.value)}
          value={products.value ? product.value : ''}
          onChoose={(value) => page.go({ productId: value })}
        />
        <TabList
          label="Analyses"
          tabs={TABS}
          chosen={chosen.value}
          onChoose={(id) => {
            chosen.value = id;
            page.go({ tab: id });
          }}
        />
      </div>
      {frames.map((frame) => (
        <TabPanel
          key={frame.tab.id}
          frame={frame}
          scope={scope.value}
          isChosen={frame.tab.id === chosen.value}
        />
      ))}
    </>
  );
}

/** The tab of an address; the first if it names none. */
function tabOf(name: string | null): string {
  return (TABS.find(({ id }) => id === name) ?? TABS[0])?.id ?? '';
}

/** What the tabs are about: history up to a past day that is looked at, or else up to the current day. */
function scopeOf(
  status: StatusMessage | null,
  past: DaySummary | null,
  store_id: string,
  product_id: string,
): Omit<Scope, 'missing'> | null {
  if (!status?.current_day) return null;
  const { dayIndex, date } = past ?? { dayIndex: status.day_index, date: status.current_day };
  return { store_id, product_id, day: dayIndex + 1, date, totalDays: status.total_days };
}

function optionsOf(names: readonly string[] | null) {
  const options: readonly (readonly [string, string])[] = names
    ? names.map((name) => [name, name] as const)
    : [['', '–']];
  return { options, disabled: names === null };
}

/** The names of a run's stores or products, known without a request; the same list while days pass. Null until they are known. */
function useNames({ store }: Page, of: (breakdown: Breakdown) => SumsByKey) {
  const joined = useComputed(() => soldNames(store.state.value.run, of).join('\n'));
  return useComputed(() => (joined.value === '' ? null : joined.value.split('\n')));
}

/** What a run has sold under, sorted. Empty until its history and a whole day are known: a part of the first day lacks some. */
export function soldNames(run: Run, of: (breakdown: Breakdown) => SumsByKey): string[] {
  return newestCompleteDay(run) === null ? [] : [...of(runBreakdown(run)).keys()].sort();
}
