import { operations } from '../../shared/api/operations.ts';
import type { Summary, SummaryRow } from '../answers.ts';
import type { Message } from '../state/reduce.ts';
import { type History, historyBefore } from '../state/run.ts';
import type { PageState } from '../state/state.ts';
import { cellKey, type DaySummary, type Sums, type SumsByKey } from '../state/sums.ts';
import type { Api } from './api.ts';

/** Reads groups from `GET /sales/summary`. @param query Such as `by=store`. @throws Error if there is no answer. */
export type ReadSummary = (question: string) => Promise<readonly SummaryRow[]>;

/** Reads what the current run had sold before an id. */
export async function readHistory(ask: ReadSummary, beforeId: number): Promise<History> {
  const [days, stores, products, cells] = await Promise.all(
    ['by=day_index&then_by=day', 'by=store', 'by=product', 'by=category&then_by=region'].map((question) =>
      ask(`${question}&before_id=${beforeId}`),
    ),
  );
  return {
    beforeId,
    days: (days ?? []).map(dayOf),
    breakdown: {
      stores: sumsByKey(stores),
      products: sumsByKey(products),
      cells: sumsByCell(cells),
    },
  };
}

/** Converts a group of the answer to sums. */
function sumsOfGroup({ units, revenue, net_revenue }: SummaryRow): Sums {
  return { units, listCents: Math.round(revenue * 100), netCents: Math.round(net_revenue * 100) };
}

function dayOf(group: SummaryRow): DaySummary {
  return {
    ...sumsOfGroup(group),
    dayIndex: Number(group.group),
    date: group.subgroup ?? '',
    events: group.events,
    // The number stored when the page was opened; a sale that arrives later corrects it.
    total: group.events,
    promoted: Math.round((group.promo_share ?? 0) * group.events),
    completeAt: null,
  };
}

/** Groups without a label belong to none. */
function sumsByKey(groups: readonly SummaryRow[] = []): SumsByKey {
  return new Map(groups.flatMap((each) => (each.group === null ? [] : [[each.group, sumsOfGroup(each)]])));
}

function sumsByCell(groups: readonly SummaryRow[] = []): SumsByKey {
  return new Map(
    groups.flatMap((each) => {
      const { group, subgroup } = each;
      if (group === null && subgroup === null) return [];
      return [[cellKey(group ?? '', subgroup ?? ''), sumsOfGroup(each)]];
    }),
  );
}

const RETRY_MS = 2_000;

/** Reads `GET /sales/summary`. @returns A function that throws an Error with the problem's title. */
export function summaryReader(api: Api): ReadSummary {
  return async (question) => {
    const answer = await api.read<Summary>(`${operations.summarizeSales.path}?${question}`);
    if ('problem' in answer) throw new Error(answer.problem.title);
    return answer.body.groups;
  };
}

/**
 * A page opened in the middle of a run gets the current day from the stream. What was sold before is read once, with
 * retries while that run lasts.
 */
export function createHistoryLoader(
  ask: ReadSummary,
  dispatch: (message: Message) => void,
): (state: PageState) => void {
  let asked: number | null = null;

  async function load(beforeId: number): Promise<void> {
    try {
      dispatch({ type: 'history', history: await readHistory(ask, beforeId) });
    } catch {
      setTimeout(() => void (asked === beforeId && load(beforeId)), RETRY_MS);
    }
  }

  return ({ run }) => {
    const beforeId = historyBefore(run);
    if (beforeId === asked) return;
    asked = beforeId;
    if (asked !== null) void load(asked);
  };
}
