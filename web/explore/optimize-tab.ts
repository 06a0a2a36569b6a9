import { formatDate, formatDecimal, formatInteger } from '../format.ts';
import type { Problem } from '../state/problem.ts';
import { addressOf, OPTIMIZE, TRIALS } from '../stream/endpoints.ts';
import { element, onPress, scrollBox, setPressable, setText, tableOf } from '../views/dom.ts';
import type { DemandOptimization, StoredTrial, TrialList } from './answers.ts';
import { chartKey, showFigures, showRows, signedPercent, type TableLine } from './figures.ts';
import type { ExploreTab, Question } from './tabs.ts';
import { createTrialsChart, rankedTrials } from './trials-chart.ts';

const HISTORY_SHOWN = 200;

/** A search for the moving average that would have forecast best. It is made when asked for, the list of trials follows. */
export const optimizeTab: ExploreTab = {
  id: 'optimize',
  label: 'Optimize',
  endpoints: [OPTIMIZE, TRIALS],
  needs: { days: 20, shows: 'the search for the best moving average, trial by trial' },
  create: (body, { api, refresh, onNewRun }) => {
    const parts = build(body);
    /** The search that the person has asked for and that nobody has made yet. */
    let isAsked = false;
    let searches = createSearchLog<DemandOptimization>();
    onNewRun(() => {
      searches = createSearchLog();
    });
    onPress(parts.search, () => {
      isAsked = true;
      refresh();
    });

    async function search(question: Question): Promise<{ problem: Problem } | { body: DemandOptimization }> {
      // An answer that comes when another run has begun belongs to the log of its own.
      const ofThisRun = searches;
      parts.setBusy(true);
      const answer = await api.post<DemandOptimization>(
        addressOf(OPTIMIZE, { ...question, n_trials: parts.trials.value }),
      );
      parts.setBusy(false);
      // Kept even if the person looks at another pair by now: it is there when they come back.
      if ('body' in answer) ofThisRun.add(question, answer.body);
      return answer;
    }

    return async (question, signal) => {
      const { store_id, product_id } = question;
      const isSearch = isAsked;
      isAsked = false;
      const made = isSearch ? await search(question) : null;
      if (made && 'problem' in made) return made;
      const list = await api.read<TrialList>(
        addressOf(TRIALS, { store_id, product_id, limit: HISTORY_SHOWN }),
        signal,
      );
      if ('problem' in list) return list;
      return {
        draw: () => {
          parts.drawSearch(searches.newest(question));
          parts.drawHistory(list.body);
        },
      };
    };
  },
};

function build(body: HTMLElement) {
  const { field, ...form } = searchForm();
  const host = element('div', { class: 'chart' });
  const figures = element('dl', { class: 'figures' });
  const said = element('p', { class: 'quiet', role: 'status' });
  const table = tableOf('Trials of this run, newest first', COLUMNS);
  const listed = element('p', { class: 'quiet' });
  const key = chartKey([
    ['dot-best', 'best trial'],
    ['dot-leading', 'ranks 2 to 5'],
    ['dot', 'others'],
    ['line-forecast', 'best so far'],
  ]);
  body.append(
    element('div', { class: 'explore-chart' }, field, host, key),
    element('div', { class: 'explore-side' }, said, figures),
    element(
      'div',
      { class: 'explore-wide' },
      element('h3', {}, 'Trials of this run'),
      listed,
      scrollBox('Trials of this run', table),
    ),
  );
  const drawChart = createTrialsChart(host);

  function drawSearch(answer: DemandOptimization | null): void {
    drawChart(answer && rankedTrials(answer.optimization.all_trials));
    figures.hidden = answer === null;
    setText(said, answer ? outcome(answer) : '');
    if (answer) showFigures(figures, figuresOf(answer));
  }

  function drawHistory({ best_trial: best, trials: stored }: TrialList): void {
    listed.textContent = best
      ? `The newest ${formatInteger(stored.length)}; the best of them has RMSE ${formatDecimal(best.rmse, 4)} with window ${best.window}.`
      : 'No trials yet. Press Search: each is stored and listed here.';
    table.hidden = stored.length === 0;
    showRows(
      table,
      stored.map((trial) => rowOf(trial, best?.rmse)),
    );
  }
  return { ...form, drawSearch, drawHistory };
}

function searchForm() {
  const bounds = { min: '5', max: '50', step: '5', value: '20' };
  const trials = element('input', { type: 'range', id: 'explore-trials', ...bounds });
  const output = element('output', { for: 'explore-trials' });
  const search = element('button', { type: 'button', class: 'primary' }, 'Search');
  const tell = () => {
    output.textContent = trials.value;
  };
  trials.addEventListener('input', tell);
  tell();
  const label = element('label', { for: 'explore-trials' }, 'Trials');
  const field = element('div', { class: 'slider' }, label, trials, output, search);
  const setBusy = (busy: boolean) => {
    setPressable(search, !busy);
    search.textContent = busy ? 'Searching …' : 'Search';
  };
  return { field, trials, search, setBusy };
}

function outcome({ optimization, analysis_up_to_day }: DemandOptimization): string {
  const upTo =
    analysis_up_to_day === 'all' ? 'all history' : `history up to ${formatDate(analysis_up_to_day)}`;
  return `${optimization.n_trials} trials over ${upTo}: best RMSE ${formatDecimal(optimization.best_rmse, 4)}.`;
}

function figuresOf({ optimization, forecast }: DemandOptimization) {
  const { best_params: best, best_rmse, first_trial_rmse, improvement_pct } = optimization;
  return [
    {
      name: 'Best error',
      value: `${formatDecimal(best_rmse, 4)} units`,
      note: `${formatDecimal(improvement_pct, 1)} % less than the first trial (${formatDecimal(first_trial_rmse, 4)})`,
    },
    {
      name: 'Best window',
      value: `${best.window} days`,
      note: `min. periods ${best.min_periods}, trend window ${best.trend_window}`,
    },
    {
      name: 'Forecast with it',
      value: `${formatDecimal(forecast.forecast_next_day, 2)} units`,
      note: `trend ${forecast.trend}, ${signedPercent(forecast.trend_pct)}`,
    },
  ];
}

const COLUMNS = [
  { title: 'Stored (UTC)' },
  { title: 'Trial', className: 'number' },
  { title: 'Window', className: 'number' },
  { title: 'Min. periods', className: 'number' },
  { title: 'Trend', className: 'number' },
  { title: 'RMSE', className: 'number' },
] as const;

function rowOf(trial: StoredTrial, best: number | undefined): TableLine {
  return {
    isMarked: trial.rmse === best,
    cells: [
      [trial.completed_at.slice(0, 19).replace('T', ' ')],
      [String(trial.trial_number + 1), 'number'],
      [String(trial._window), 'number'],
      [String(trial.min_periods), 'number'],
      [String(trial.trend_window), 'number'],
      [formatDecimal(trial.rmse, 4), 'number'],
    ],
  };
}

/** The newest search of each store and product in one run. */
export interface SearchLog<Search> {
  add(question: Question, search: Search): void;
  /** Null if none has been made. */
  newest(question: Question): Search | null;
}

export function createSearchLog<Search>(): SearchLog<Search> {
  const searches = new Map<string, Search>();
  const keyOf = ({ store_id, product_id }: Question) => `${store_id} ${product_id}`;

  return {
    add: (question, search) => void searches.set(keyOf(question), search),
    newest: (question) => searches.get(keyOf(question)) ?? null,
  };
}
