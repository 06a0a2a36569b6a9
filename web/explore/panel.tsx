import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { StatusMessage } from '../../shared/api/live.ts';
import { operations } from '../../shared/api/operations.ts';
import type { Summary } from '../answers.ts';
import type { DaySummary } from '../state/sums.ts';
import type { Api } from '../stream/api.ts';
import { addressOf } from '../stream/operations.ts';
import { useInSight } from '../views/hooks.ts';
import type { Page } from '../views/page.ts';
import { forecastTab } from './forecast-tab.tsx';
import { optimizeTab } from './optimize-tab.tsx';
import { LabelledSelect } from './parts.tsx';
import { priceTab } from './price-tab.tsx';
import { promotionTab } from './promotion-tab.tsx';
import { replenishmentTab } from './replenishment-tab.tsx';
import type { ExploreTab } from './tab.ts';
import { createTabFrame, type Scope, TabPanel } from './tab-frame.tsx';
import { TabList } from './tabs.tsx';

const RETRY_MS = 2_000;

const TABS: readonly ExploreTab[] = [forecastTab, priceTab, promotionTab, replenishmentTab, optimizeTab];

/** Queries the API for a store and a product, in several ways. */
export function ExplorePanel({ page, section }: { page: Page; section: RefObject<Element | null> }) {
  const status = useComputed(() => page.store.state.value.status);
  const choices = useChoices(page, status);
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
    const { stores, products } = choices.value ?? { stores: [], products: [] };
    if (choices.value && !stores.includes(store.peek())) store.value = stores[0] ?? '';
    if (choices.value && !products.includes(product.peek())) product.value = products[0] ?? '';
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

  /** A change by the person is loaded at once, not at the pace at which a tab follows the simulation. */
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
          {...optionsOf(choices.value?.stores)}
          value={store.value}
          onChoose={(value) => page.go({ storeId: value })}
        />
        <LabelledSelect
          id="explore-product"
          label="Product"
          {...optionsOf(choices.value?.products)}
          value={product.value}
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

function optionsOf(names: readonly string[] | undefined) {
  const options: readonly (readonly [string, string])[] = names
    ? names.map((name) => [name, name] as const)
    : [['', '–']];
  return { options, disabled: names === undefined };
}

/** Stores and products of the current run. */
interface Choices {
  readonly stores: readonly string[];
  readonly products: readonly string[];
}

/** They hardly change after the first day, so they are requested once per run, and again after a failure. */
function useChoices({ clicks: { api } }: Page, status: { readonly value: StatusMessage | null }) {
  const choices = useSignal<Choices | null>(null);
  /** The run whose choices are known or being requested. */
  const requestedFor = useSignal<string | null>(null);

  async function load(runId: string): Promise<void> {
    const answer = await readChoices(api);
    if (requestedFor.peek() !== runId) return;
    if (answer) choices.value = answer;
    else
      setTimeout(() => {
        if (requestedFor.peek() === runId) requestedFor.value = null;
      }, RETRY_MS);
  }

  useSignalEffect(() => {
    const current = status.value;
    if (!current?.run_id || requestedFor.value === current.run_id || !hasCompleteDay(current)) return;
    requestedFor.value = current.run_id;
    void load(current.run_id);
  });
  return choices;
}

/** Whether a complete day is stored: while the first one is incomplete, some stores or products would be missing. */
export function hasCompleteDay({
  day_index,
  day_received,
  day_total,
}: Pick<StatusMessage, 'day_index' | 'day_received' | 'day_total'>): boolean {
  return day_index > 0 || (day_index === 0 && day_received >= day_total);
}

/** Reads the choices; null if they can't be read just now, or nothing is stored yet. */
async function readChoices(api: Api): Promise<Choices | null> {
  const [stores, products] = await Promise.all([
    api.read<Summary>(addressOf(operations.summarizeSales, { by: 'store' })),
    api.read<Summary>(addressOf(operations.summarizeSales, { by: 'product' })),
  ]);
  if ('problem' in stores || 'problem' in products) return null;
  const names = ({ groups }: Summary) => groups.flatMap(({ group }) => group ?? []);
  const choices = { stores: names(stores.body), products: names(products.body) };
  return choices.stores.length > 0 && choices.products.length > 0 ? choices : null;
}
