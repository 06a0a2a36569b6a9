import type { StatusMessage } from '../shared/api/live.ts';
import { partNotLoaded } from './state/problem.ts';
import { type Message, reduce } from './state/reduce.ts';
import { initialState, type PageState } from './state/state.ts';
import { type Api, createApi } from './stream/api.ts';
import { observeClicks } from './stream/click-log.ts';
import { createHistoryLoader, summaryReader } from './stream/history.ts';
import { connectLive } from './stream/live-connection.ts';
import { createBanner, createEmptyState } from './views/banner.ts';
import { createControls } from './views/controls.ts';
import { askForToken } from './views/dialogs.ts';
import { byId } from './views/dom.ts';
import { createFeedView } from './views/feed-view.ts';
import { createAnnouncer, createHeaderView, createProgressView } from './views/header-view.ts';
import { createCellsView } from './views/heat-table.ts';
import { createSummaryView } from './views/kpi-view.ts';
import { createRankingView } from './views/ranking-view.ts';
import { createTimelineView } from './views/timeline-view.ts';
import { createTraceView } from './views/trace-view.ts';

/** Messages change the state at once; it is drawn once a frame, however many came. */
let state = initialState;
let isDrawDue = false;

function dispatch(message: Message): void {
  state = reduce(state, message);
  drawSoon();
}

function drawSoon(): void {
  if (isDrawDue) return;
  isDrawDue = true;
  requestAnimationFrame(draw);
}

const clicks = observeClicks(createApi(askForToken), drawSoon);
const { api } = clicks;
const readSummary = summaryReader(api);
const controls = createControls(api, dispatch);
const connection = connectLive('/stream/events', dispatch);
const views: ((current: typeof state, now: number) => void)[] = [
  createHeaderView(() => connection.retryNow()),
  createProgressView(),
  createTimelineView((days) => void controls.travel(days)),
  controls.draw,
  createBanner(() => dispatch({ type: 'problem', problem: null })),
  createEmptyState(),
  createSummaryView(),
  createRankingView(),
  createCellsView(),
  createFeedView(),
  createAnnouncer(),
  createHistoryLoader(readSummary, dispatch),
  createExploreView(api, dispatch),
  createTraceView(clicks),
];

/** What the first view doesn't need comes when that stands. */
async function addCharts(): Promise<void> {
  try {
    const { createChartViews } = await import('./charts/chart-views.ts');
    views.push(...createChartViews(readSummary));
    draw();
  } catch {
    dispatch({ type: 'problem', problem: partNotLoaded('The charts') });
  }
}

function draw(): void {
  isDrawDue = false;
  const now = Date.now();
  for (const view of views) view(state, now);
}

void addCharts();
// What the header says of the connection depends on the time as well.
setInterval(draw, 1_000);
window.addEventListener('online', () => connection.retryNow());

/** Shows the section that asks the API; its code comes when the section is near the screen for the first time. */
export function createExploreView(
  api: Api,
  dispatch: (message: Message) => void,
): (state: PageState) => void {
  const section = byId('explore', HTMLElement);
  let show: ((status: StatusMessage) => void) | null = null;
  let status: StatusMessage | null = null;

  async function load(): Promise<void> {
    try {
      const { createExplorePanel } = await import('./explore/panel.ts');
      show = createExplorePanel(section, api);
      if (status) show(status);
    } catch {
      dispatch({ type: 'problem', problem: partNotLoaded('The questions') });
    }
  }

  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      void load();
    },
    { rootMargin: '400px' },
  );
  observer.observe(section);

  return (state) => {
    status = state.status;
    section.hidden = status?.total_days === 0;
    if (status) show?.(status);
  };
}
