import { createAnnouncer } from './announcer.ts';
import { createApi } from './api.ts';
import { createAskView } from './ask-view.ts';
import { createCellsView } from './cells-view.ts';
import { createControls } from './controls.ts';
import { askForToken } from './dialogs.ts';
import { createFeedView } from './feed-view.ts';
import { createHeaderView } from './header-view.ts';
import { createHistoryLoader, summaryReader } from './history-loader.ts';
import { createInvitationView } from './invitation-view.ts';
import { connectLive } from './live-connection.ts';
import { createNoticeView } from './notice-view.ts';
import { partMissing } from './problem.ts';
import { createProgressView } from './progress-view.ts';
import { createRankingView } from './ranking-view.ts';
import { type Message, reduce } from './reduce.ts';
import { initialState } from './state.ts';
import { createStripView } from './strip-view.ts';
import { createSummaryView } from './summary-view.ts';
import { observeClicks } from './way-source.ts';
import { createWayView } from './way-view.ts';

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
const askSummary = summaryReader(api);
const controls = createControls(api, dispatch);
const connection = connectLive('/stream/events', dispatch);
const views: ((current: typeof state, now: number) => void)[] = [
  createHeaderView(() => connection.retryNow()),
  createProgressView(),
  createStripView((days) => void controls.travel(days)),
  controls.draw,
  createNoticeView(() => dispatch({ type: 'problem', problem: null })),
  createInvitationView(),
  createSummaryView(),
  createRankingView(),
  createCellsView(),
  createFeedView(),
  createAnnouncer(),
  createHistoryLoader(askSummary, dispatch),
  createAskView(api, dispatch),
  createWayView(clicks),
];

/** What the first view doesn't need comes when that stands. */
async function addCharts(): Promise<void> {
  try {
    const { createChartViews } = await import('./chart-views.ts');
    views.push(...createChartViews(askSummary));
    draw();
  } catch {
    dispatch({ type: 'problem', problem: partMissing('The charts') });
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
