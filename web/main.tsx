import { computed, type Signal, signal } from '@preact/signals';
import { render } from 'preact';
import { operations } from '../shared/api/operations.ts';
import type { Proof } from './answers.ts';
import { dayAfter, lookingAt, openAddressBar } from './state/address.ts';
import type { KnownForecasts } from './state/kept-forecasts.ts';
import { dismissByItself, playForEver } from './state/kiosk.ts';
import { partNotLoaded } from './state/problem.ts';
import { createStore } from './state/store.ts';
import { createApi, placed } from './stream/api.ts';
import { sharingOfBrowser } from './stream/browser-tabs.ts';
import { observeClicks } from './stream/click-log.ts';
import { createControls } from './stream/controls.ts';
import { followDataSet } from './stream/data-set.ts';
import { createHistoryLoader, followPastDay, summaryReader } from './stream/history.ts';
import { connectLive } from './stream/live-connection.ts';
import { type BreakablePart, createProofReader } from './stream/pipeline.ts';
import { followStockOuts } from './stream/stock-outs.ts';
import { App } from './views/app.tsx';
import { followRest } from './views/at-rest.ts';
import { createDialogs } from './views/dialogs.tsx';
import type { ChartParts, ExploreParts, Page } from './views/page.ts';

/** How long the charts' code waits for the first status, which a server that isn't reachable doesn't send. */
const CHARTS_WAIT_MS = 1_000;

const store = createStore();
const dialogs = createDialogs();
const requests = signal(0);
const heardAt = signal(Date.now());
const clicks = observeClicks(createApi(dialogs.askForToken), () => {
  requests.value += 1;
});
const charts = signal<ChartParts | null>(null);
const explore = signal<ExploreParts | null>(null);
const readSummary = summaryReader(clicks.api);
const { address, go } = openAddressBar(window);
const past = followPastDay(clicks.api, store, address);
const dataSet = followDataSet(clicks.api, store);
const stockOuts = followStockOuts(readSummary, store);
const readProof = () => clicks.api.read<Proof>(operations.readProof.path);
const proof = createProofReader(readProof, () => {
  const { status } = store.state.peek();
  const { run_id: runId = null, day_index, day_received } = status ?? {};
  return { runId, moved: `${runId} ${day_index} ${day_received}` };
});
const parts = signal<readonly BreakablePart[] | null>(null);
const looking = computed(() => lookingAt(store.state.value, past.value));
const page: Page = {
  address,
  past,
  missing: dataSet.missing,
  isMissingKnown: dataSet.isMissingKnown,
  calendarBegin: dataSet.begin,
  looking,
  look: (day) => go({ day }),
  step: (days) => {
    const { status } = store.state.peek();
    const to = dayAfter(looking.peek(), days, status);
    if (to !== 'none') go({ day: to }, past.peek() === null ? 'add' : 'replace');
  },
  go,
  store,
  dialogs,
  clicks,
  requests,
  heardAt,
  proof: proof.known,
  readProof: proof.read,
  keptForecasts: { known: signal<KnownForecasts | null>(null), turn: Promise.resolve() },
  parts,
  hasFault: computed(() => parts.value?.some(({ fault }) => fault !== null) ?? false),
  charts,
  explore,
  loadExplore: () => load(explore, 'The Explore panel', () => import('./explore/panel.tsx')),
  readSummary,
  stockOuts: stockOuts.days,
  controls: createControls(clicks.api, store, dialogs.askForReset, address.peek().isKiosk),
  connection: connectLive(
    placed(operations.streamEvents.path),
    store.dispatch,
    () => {
      // Once a second is enough to detect silence.
      if (Date.now() - heardAt.peek() >= 1_000) heardAt.value = Date.now();
    },
    sharingOfBrowser(placed(operations.streamEvents.path), () => store.state.peek().play.isPlaying),
  ),
};

followRest(store, window);
if (address.peek().isKiosk) {
  document.body.dataset.kiosk = '';
  playForEver(store, page.controls);
  dismissByItself(store);
}
render(<App page={page} />, document.body);
store.state.subscribe(createHistoryLoader(stockOuts.readHistory, store.dispatch));
window.addEventListener('online', () => page.connection.retryNow());
void loadCharts();

/**
 * Loads the code of the charts, the largest part of the page, once Next day can be pressed: before that it would compete with
 * the first view. Without a status there is nothing to draw yet, but the panels say what will fill them.
 */
async function loadCharts(): Promise<void> {
  await firstStatus(CHARTS_WAIT_MS);
  await load(charts, 'The charts', () => import('./charts/chart-views.ts'));
}

/** Resolves when the first status is shown, or after a while without one. */
async function firstStatus(atMostMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const limit = setTimeout(resolve, atMostMs);
  const unsubscribe = store.state.subscribe(({ status }) => status !== null && resolve());
  await promise;
  clearTimeout(limit);
  unsubscribe();
}

async function load<Part>(
  part: Signal<Part | null>,
  name: string,
  importPart: () => Promise<Part>,
): Promise<void> {
  try {
    part.value = await importPart();
  } catch {
    store.dispatch({ type: 'problem', problem: partNotLoaded(name) });
  }
}
