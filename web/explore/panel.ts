import type { PageState } from '../state/state.ts';
import type { Api } from '../stream/api.ts';
import { element, setOptions } from '../views/dom.ts';
import type { Summary } from './answers.ts';
import { labelledSelect } from './figures.ts';
import { forecastTab } from './forecast-tab.ts';
import { optimizeTab } from './optimize-tab.ts';
import { priceTab } from './price-tab.ts';
import { promotionTab } from './promotion-tab.ts';
import { createTabFrame, type Scope } from './tab-frame.ts';
import { createTabs, type ExploreTab } from './tabs.ts';

type Status = NonNullable<PageState['status']>;

const RETRY_MS = 2_000;
const NOTHING_YET = [['', '–']] as const;

const TABS: readonly ExploreTab[] = [forecastTab, priceTab, promotionTab, optimizeTab];

/** Fills the section that asks the API about a store and a product. The result takes what the stream says of the simulation. */
export function createExplorePanel(section: HTMLElement, api: Api): (status: Status) => void {
  const store = labelledSelect('explore-store', 'Store', NOTHING_YET, '');
  const product = labelledSelect('explore-product', 'Product', NOTHING_YET, '');
  let status: Status | null = null;
  let chosen = '';
  let isInSight = false;
  /** The run whose stores and products are offered. */
  let offeredFor: string | null = null;
  let isOffering = false;

  function scopeOf(): Scope | null {
    if (!status?.current_day) return null;
    const pair = { store_id: store.select.value, product_id: product.select.value };
    const { day_index: dayIndex, current_day: date, total_days: totalDays } = status;
    return { ...pair, day: dayIndex + 1, date, totalDays };
  }

  const frames = TABS.map((tab) => ({
    tab,
    frame: createTabFrame(
      tab,
      api,
      scopeOf,
      () => isInSight && document.visibilityState === 'visible' && chosen === tab.id,
    ),
  }));
  const update = (isAsked: boolean) => {
    for (const { tab, frame } of frames) frame.update(isAsked && tab.id === chosen);
  };
  const resume = () => {
    for (const { frame } of frames) frame.resume();
  };

  /** After the first day a click changes them a little at most: they are asked for once a run, again after a failure. */
  async function offerChoices(current: Status): Promise<void> {
    const { run_id } = current;
    if (isOffering || offeredFor === run_id || !hasWholeDay(current)) return;
    isOffering = true;
    const choices = await readChoices(api);
    if (!choices) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    isOffering = false;
    if (!choices || status?.run_id !== run_id) {
      if (status) void offerChoices(status);
      return;
    }
    offeredFor = run_id;
    offer(store.select, choices.stores);
    offer(product.select, choices.products);
    update(false);
  }

  const panels = frames.map(({ tab: { id, label }, frame: { panel } }) => ({ id, label, panel }));
  const tabs = createTabs('Ways to ask', panels, (id) => {
    chosen = id;
    resume();
  });
  for (const { select } of [store, product]) {
    select.disabled = true;
    select.addEventListener('change', () => update(true));
  }
  section.append(
    element('div', { class: 'explore-head' }, store.field, product.field, tabs),
    ...panels.map(({ panel }) => panel),
  );
  document.addEventListener('visibilitychange', resume);
  new IntersectionObserver((entries) => {
    isInSight = entries.at(-1)?.isIntersecting ?? false;
    resume();
  }).observe(section);

  return (next) => {
    if (next === status) return;
    const isOtherRun = status !== null && next.run_id !== status.run_id;
    status = next;
    if (isOtherRun) for (const { frame } of frames) frame.forget();
    update(false);
    void offerChoices(next);
  };
}

function offer(select: HTMLSelectElement, names: readonly string[]): void {
  setOptions(select, names, names[0]);
  select.disabled = false;
}

/** What the current run has sold, and where. */
export interface Choices {
  readonly stores: readonly string[];
  readonly products: readonly string[];
}

/** Whether a whole day is stored: with a part of the first one some stores or products would be missing. */
export function hasWholeDay({
  day_index,
  day_received,
  day_total,
}: Pick<NonNullable<PageState['status']>, 'day_index' | 'day_received' | 'day_total'>): boolean {
  return day_index > 0 || (day_index === 0 && day_received >= day_total);
}

/** Reads the choices; null if they can't be told just now, or nothing is stored yet. */
export async function readChoices(api: Api): Promise<Choices | null> {
  const [stores, products] = await Promise.all([
    api.read<Summary>('/sales/summary?by=store'),
    api.read<Summary>('/sales/summary?by=product'),
  ]);
  if ('problem' in stores || 'problem' in products) return null;
  const names = ({ groups }: Summary) => groups.map(({ group }) => group);
  const choices = { stores: names(stores.body), products: names(products.body) };
  return choices.stores.length > 0 && choices.products.length > 0 ? choices : null;
}
