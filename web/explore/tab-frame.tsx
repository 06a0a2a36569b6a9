import { type ReadonlySignal, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { formatDate, formatDays, formatInteger } from '../format.ts';
import type { Problem } from '../state/problem.ts';
import type { Api } from '../stream/api.ts';
import type { MissingColumns } from '../stream/data-set.ts';
import { createRefresh } from '../stream/refresh.ts';
import { DocsLinks } from '../views/docs-links.tsx';
import type { ExploreTab, TabQuery } from './tabs.tsx';
import { panelId, tabId } from './tabs.tsx';

/** Shortest time (ms) between reloads of the open tab while days pass quickly. */
const GAP_MS = 1_000;

/** What the panel is about: a query, and the date up to which history counts. Store and product are empty until they can be chosen. */
export interface Scope extends TabQuery {
  readonly date: string;
  /** Days in the calendar: no more can be played. */
  readonly totalDays: number;
  /** Columns that the data set lacks. */
  readonly missing: MissingColumns;
}

/** The state of a tab's query. */
interface Progress {
  readonly isBusy: boolean;
  /** The last query, and the query whose answer is shown. */
  readonly requested: Scope | null;
  readonly answered: Scope | null;
  readonly problem: Problem | null;
}

/** A tab with its states: not enough history, loading, an answer, a problem above the last answer. */
export interface TabFrame {
  readonly tab: ExploreTab;
  readonly progress: ReadonlySignal<Progress>;
  /** A component: the content of the tab. */
  Content(props: { readonly missing: MissingColumns }): ComponentChildren;
  /** The query or the day may have changed. @param isRequested The user changed it. */
  update(isRequested: boolean): void;
  retry(): void;
  /** Another run has begun: the shown answer no longer applies. */
  forget(): void;
  /** The tab may be visible now. */
  resume(): void;
}

const IDLE: Progress = { isBusy: false, requested: null, answered: null, problem: null };

/**
 * @param scopeOf What the panel is about now; null before the first day.
 * @param isLookedAt Whether this tab is visible.
 */
export function createTabFrame(
  tab: ExploreTab,
  api: Api,
  scopeOf: () => Scope | null,
  isLookedAt: () => boolean,
): TabFrame {
  const progress = signal(IDLE);
  const refresh = createRefresh(load, isLookedAt, GAP_MS);
  const forgetful: (() => void)[] = [];
  const content = tab.create({
    api,
    reload: (afterMs) => refresh.now(afterMs),
    onNewRun: (forget) => void forgetful.push(forget),
  });
  const set = (change: Partial<Progress>) => {
    progress.value = { ...progress.peek(), ...change };
  };

  async function load(abort: AbortSignal): Promise<void> {
    const scope = scopeOf();
    if (!isAnswerable(tab, scope)) return;
    set({ requested: scope, isBusy: true });
    const { store_id, product_id, day } = scope;
    const outcome = await content.load({ store_id, product_id, day }, abort);
    if (abort.aborted) return;
    if ('problem' in outcome) return set({ isBusy: false, problem: outcome.problem });
    outcome.show();
    set({ isBusy: false, problem: null, answered: scope });
  }

  return {
    tab,
    progress,
    Content: content.Content,
    update: (isRequested) => {
      const scope = scopeOf();
      if (!isAnswerable(tab, scope)) return;
      const { problem, requested } = progress.peek();
      if (isRequested) refresh.now();
      else if (problem || !isSame(scope, requested)) refresh.soon();
    },
    retry: () => refresh.now(),
    forget: () => {
      for (const forget of forgetful) forget();
      progress.value = IDLE;
    },
    resume: () => refresh.resume(),
  };
}

interface TabPanelProps {
  readonly frame: TabFrame;
  readonly scope: Scope | null;
  readonly isChosen: boolean;
}

/** The panel of one tab: its answer, or why there is none. It stays in the document while another tab is chosen. */
export function TabPanel({ frame, scope, isChosen }: TabPanelProps) {
  const { tab, progress, Content } = frame;
  const { isBusy, requested, answered, problem } = progress.value;
  const hasAnswer = isAnswerable(tab, scope);
  // The answer for another product must not be shown below the problem of this one.
  const isOfOther = problem !== null && (!answered || !isSamePair(answered, requested));
  return (
    <div
      id={panelId(tab.id)}
      class="explore-panel"
      role="tabpanel"
      tabIndex={-1}
      aria-labelledby={tabId(tab.id)}
      aria-busy={isBusy}
      hidden={!isChosen}
    >
      <p class="explore-empty quiet" hidden={hasAnswer}>
        {(scope && tab.unanswerable?.(scope.missing)) ?? emptyText(tab, scope)}
      </p>
      <TabProblem problem={hasAnswer ? problem : null} retry={frame.retry} />
      <div class="explore-body" hidden={!hasAnswer || isOfOther}>
        {requested && <Content missing={(scope ?? requested).missing} />}
      </div>
      <p class="explore-foot quiet" hidden={!hasAnswer}>
        <span>
          {answered && `History up to ${formatDate(answered.date)}, day ${formatInteger(answered.day)}`}
        </span>
        <span>
          From <DocsLinks operations={tab.operations} />
        </span>
      </p>
    </div>
  );
}

function TabProblem({ problem, retry }: { problem: Problem | null; retry(): void }) {
  return (
    <div class="banner" role="alert" hidden={problem === null}>
      <div>
        <p>
          <strong>{problem?.title}</strong> <code>{problem?.code}</code>
        </p>
        <p>{problem?.detail}</p>
        <p class="quiet">{problem?.remedy}</p>
      </div>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

function isAnswerable(tab: ExploreTab, scope: Scope | null): scope is Scope {
  return (
    scope !== null &&
    scope.day >= tab.needs.days &&
    scope.store_id !== '' &&
    (tab.unanswerable?.(scope.missing) ?? null) === null
  );
}

/** Says what will fill a tab that has no answer yet. */
export function emptyText(
  { needs }: Pick<ExploreTab, 'needs'>,
  scope: Pick<Scope, 'day' | 'totalDays'> | null,
): string {
  if (scope && scope.totalDays < needs.days)
    return `This needs ${needs.days} days of history, and the calendar has ${formatDays(scope.totalDays)}.`;
  const left = needs.days - (scope?.day ?? 0);
  if (left <= 0) return 'Loading stores and products …';
  const when = left === 1 ? 'Press Next day' : `Play ${formatInteger(left)} ${scope ? 'more ' : ''}days`;
  const why = needs.days === 1 ? '' : ` It needs ${needs.days} days of history.`;
  return `${when} to see ${needs.shows}.${why}`;
}

function isSamePair(one: TabQuery, other: TabQuery | null): boolean {
  return one.store_id === other?.store_id && one.product_id === other.product_id;
}

function isSame(one: Scope, other: Scope | null): boolean {
  return isSamePair(one, other) && one.day === other?.day;
}
