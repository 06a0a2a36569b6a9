import { createClimateView } from './climate-view.ts';
import { createDaysView } from './days-view.ts';
import type { AskSummary } from './history.ts';
import { createPriceView } from './price-view.ts';
import type { PageState } from './state.ts';

/** The views that need a chart or ask the API: they come after the first view of the page. */
export function createChartViews(ask: AskSummary): ((state: PageState, now: number) => void)[] {
  return [createDaysView(), createClimateView(ask), createPriceView(ask)];
}
