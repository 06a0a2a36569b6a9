import type { Api } from '../api.ts';
import type { PageState } from '../state.ts';
import type { Summary } from './answers.ts';

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
