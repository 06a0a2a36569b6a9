import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { operations } from '../../shared/api/operations.ts';
import type { Order, ReplenishmentList } from '../answers.ts';
import { type CsvValue, csvOf, fileName, saveCsv } from '../share/save.ts';
import { isTransient } from '../state/problem.ts';
import { addressOf } from '../stream/api.ts';
import { useReading } from './hooks.ts';
import type { Page } from './page.ts';

/** What to order after a day, of every product in every store. */
export interface Orders {
  readonly runId: string;
  /** 1 for the first. */
  readonly day: number;
  readonly date: string;
  readonly items: readonly Order[];
}

/** Days of history without which nothing can be recommended. */
const LEAST_DAYS = 24;

/**
 * What to order after a day, read while an element is in sight. All pairs of store and product are computed from their forecasts,
 * which takes seconds: while days pass, nothing is read.
 */
export function useOrders(
  { clicks, store, missing, isMissingKnown }: Page,
  near: RefObject<Element | null>,
  wantedDay: ReadonlySignal<number | null>,
): ReadonlySignal<Orders | null> {
  const orders = useSignal<Orders | null>(null);
  const wanted = useComputed(() => {
    const { status, play } = store.state.value;
    const day = wantedDay.value;
    const runId = status?.run_id ?? null;
    const hasStock = isMissingKnown.value && !missing.value.has('inventory_level');
    const isLongEnough = day !== null && day >= LEAST_DAYS;
    return runId !== null && hasStock && isLongEnough && !play.isPlaying ? { runId, day } : null;
  });
  useReading(near, wanted, {
    async load({ runId, day }, signal) {
      const path = addressOf(operations.readReplenishment, { day });
      const answer = await clicks.api.read<ReplenishmentList>(path, signal);
      if (signal.aborted || wanted.peek()?.runId !== runId) return 'complete';
      // More pairs than one request covers, or too short a history: the orders are in Explore, store by store.
      if ('problem' in answer) return isTransient(answer.problem) ? 'incomplete' : 'complete';
      orders.value = { runId, day, date: answer.body.analysis_up_to_day, items: answer.body.items };
      return 'complete';
    },
    forget() {
      // While days pass, the last orders are of a day that isn't shown any more.
    },
  });
  return useComputed(() => {
    const known = orders.value;
    const isOfThis = known?.runId === store.state.value.status?.run_id && known?.day === wantedDay.value;
    return isOfThis ? known : null;
  });
}

/** The order of a product in a store; null if it isn't known. */
export function orderOf(
  items: readonly Order[],
  pair: { readonly store_id: string | null; readonly product_id: string | null },
): Order | null {
  return (
    items.find(({ store_id, product_id }) => store_id === pair.store_id && product_id === pair.product_id) ??
    null
  );
}

/** Days that the stock on hand lasts at the expected demand until the delivery after the next. Null if nothing is expected to sell. */
export function coverOf(
  { on_hand, expected_demand }: Pick<Order, 'on_hand' | 'expected_demand'>,
  days: number,
): number | null {
  return expected_demand > 0 ? (on_hand / expected_demand) * days : null;
}

/** Lets the browser save orders as CSV, one line for each product in each store. @param days Lead time and review period. */
export function saveOrders(items: readonly Order[], date: string, days: number): void {
  const header: CsvValue[] = [
    'date',
    'store_id',
    'product_id',
    'order_quantity',
    'on_hand',
    'on_order',
    'days_of_cover',
    'order_up_to',
    'expected_demand',
    'safety_stock',
  ];
  const rows = items.map((item): CsvValue[] => {
    const cover = coverOf(item, days);
    return [
      date,
      item.store_id,
      item.product_id,
      item.order_quantity,
      item.on_hand,
      item.on_order,
      cover === null ? null : Math.round(cover * 10) / 10,
      item.order_up_to,
      item.expected_demand,
      item.safety_stock,
    ];
  });
  saveCsv(fileName('orders', date), csvOf([header, ...rows]));
}
