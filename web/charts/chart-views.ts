import type { PageState } from '../state/state.ts';
import type { ReadSummary } from '../stream/history.ts';
import { createClimateView } from './climate-view.ts';
import { createDaysView } from './days-view.ts';
import { createPriceView } from './price-view.ts';

/** The views that need a chart or ask the API: they come after the first view of the page. */
export function createChartViews(ask: ReadSummary): ((state: PageState, now: number) => void)[] {
  return [createDaysView(), createClimateView(ask), createPriceView(ask)];
}
