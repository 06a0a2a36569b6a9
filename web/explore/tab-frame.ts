import { formatDate, formatDays, formatInteger } from '../format.ts';
import type { Problem } from '../state/problem.ts';
import type { Api } from '../stream/api.ts';
import { docsLinks } from '../stream/endpoints.ts';
import { createRefresh } from '../stream/refresh.ts';
import { element, setText } from '../views/dom.ts';
import type { ExploreTab, Question, TabTools } from './tabs.ts';

/** While days fly by, the tab that is open follows at this pace. */
const GAP_MS = 1_000;

/** What the panel is about: a question, and the date up to which history is looked at. Store and product are empty until they can be chosen. */
export interface Scope extends Question {
  readonly date: string;
  /** Days of the calendar, which is all that can be played. */
  readonly totalDays: number;
}

/** A tab with its states: nothing to answer from yet, asking, an answer, a problem above the last answer. */
export interface TabFrame {
  readonly panel: HTMLElement;
  /** The question, or the day, may be another one. @param isAsked The person has asked for it by a change of theirs. */
  update(isAsked: boolean): void;
  /** Another run has begun: what is shown is of no use. */
  forget(): void;
  /** Somebody may look at it now. */
  resume(): void;
}

/**
 * @param scopeOf What is asked about now; null before the first day.
 * @param isLookedAt Whether anybody can see this tab.
 */
export function createTabFrame(
  tab: ExploreTab,
  api: Api,
  scopeOf: () => Scope | null,
  isLookedAt: () => boolean,
): TabFrame {
  const parts = buildParts(tab);
  const refresh = createRefresh(load, isLookedAt, GAP_MS);
  /** Made when it is first needed: charts take their colours from the document that they are in. */
  let ask: ReturnType<ExploreTab['create']> | null = null;
  /** What was asked last, and what the answer that is shown was given to. */
  let asked: Scope | null = null;
  let answered: Scope | null = null;
  let problem: Problem | null = null;
  const forgetful: (() => void)[] = [];
  const tools: TabTools = {
    api,
    refresh: (afterMs) => refresh.now(afterMs),
    onNewRun: (forget) => void forgetful.push(forget),
  };

  async function load(signal: AbortSignal): Promise<void> {
    const scope = scopeOf();
    if (!scope || isEmpty(scope)) return;
    asked = scope;
    parts.panel.setAttribute('aria-busy', 'true');
    const { date, totalDays: _, ...question } = scope;
    ask ??= tab.create(parts.body, tools);
    const outcome = await ask(question, signal);
    if (signal.aborted) return;
    parts.panel.removeAttribute('aria-busy');
    problem = 'problem' in outcome ? outcome.problem : null;
    if ('draw' in outcome) {
      answered = scope;
      setText(parts.upTo, `History up to ${formatDate(date)}, day ${formatInteger(scope.day)}`);
      outcome.draw();
    }
    showState();
  }

  const isEmpty = ({ day, store_id }: Scope) => day < tab.needs.days || store_id === '';

  function showState(): void {
    const scope = scopeOf();
    const nothing = !scope || isEmpty(scope);
    parts.empty.hidden = !nothing;
    if (nothing) setText(parts.empty, emptyText(tab, scope));
    // The answer for another product must not stand below the problem of this one.
    const isOfOther = problem !== null && (!answered || !isSamePair(answered, asked));
    parts.body.hidden = nothing || isOfOther;
    parts.foot.hidden = nothing;
    showProblem(parts, nothing ? null : problem);
  }

  parts.again.addEventListener('click', () => refresh.now());
  showState();
  return {
    panel: parts.panel,
    update: (isAsked) => {
      const scope = scopeOf();
      showState();
      if (!scope || isEmpty(scope)) return;
      if (isAsked) refresh.now();
      else if (problem || !isSame(scope, asked)) refresh.soon();
    },
    forget: () => {
      for (const forget of forgetful) forget();
      asked = null;
      answered = null;
      problem = null;
      showState();
    },
    resume: () => refresh.resume(),
  };
}

/** What will fill a tab that has nothing to answer from yet. */
export function emptyText(
  { needs }: Pick<ExploreTab, 'needs'>,
  scope: Pick<Scope, 'day' | 'totalDays'> | null,
): string {
  if (scope && scope.totalDays < needs.days)
    return `This needs ${needs.days} days of history, and the calendar has ${formatDays(scope.totalDays)}.`;
  const left = needs.days - (scope?.day ?? 0);
  if (left <= 0) return 'The stores and products are being read.';
  const when = left === 1 ? 'Press Next day' : `Play ${formatInteger(left)} ${scope ? 'more ' : ''}days`;
  const why = needs.days === 1 ? '' : ` It needs ${needs.days} days of history.`;
  return `${when}: then this shows ${needs.shows}.${why}`;
}

function isSamePair(one: Question, other: Question | null): boolean {
  return one.store_id === other?.store_id && one.product_id === other.product_id;
}

function isSame(one: Scope, other: Scope | null): boolean {
  return isSamePair(one, other) && one.day === other?.day;
}

function buildParts({ endpoints }: ExploreTab) {
  const empty = element('p', { class: 'explore-empty quiet' });
  const title = element('strong');
  const code = element('code');
  const detail = element('p');
  const remedy = element('p', { class: 'quiet' });
  const again = element('button', { type: 'button' }, 'Try again');
  const texts = element('div', {}, element('p', {}, title, ' ', code), detail, remedy);
  const banner = element('div', { class: 'banner', role: 'alert', hidden: true }, texts, again);
  const body = element('div', { class: 'explore-body' });
  const upTo = element('span');
  const foot = element(
    'p',
    { class: 'explore-foot quiet' },
    upTo,
    element('span', {}, 'From ', ...docsLinks(endpoints)),
  );
  return {
    panel: element('div', { class: 'explore-panel' }, empty, banner, body, foot),
    empty,
    banner,
    title,
    code,
    detail,
    remedy,
    again,
    body,
    upTo,
    foot,
  };
}

function showProblem(parts: ReturnType<typeof buildParts>, problem: Problem | null): void {
  parts.banner.hidden = problem === null;
  setText(parts.title, problem?.title ?? '');
  setText(parts.code, problem?.code ?? '');
  setText(parts.detail, problem?.detail ?? '');
  setText(parts.remedy, problem?.remedy ?? '');
}
