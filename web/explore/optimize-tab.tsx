import { type Signal, signal, useComputed } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { DemandOptimization, StoredTrial, TrialList } from '../answers.ts';
import { ChartBox, ChartKey } from '../charts/chart.tsx';
import { formatDate, formatDecimal, formatInteger, formatTrend } from '../format.ts';
import { addressOf } from '../stream/api.ts';
import { Button } from '../views/controls.tsx';
import { DataTable, type Fact, Facts, Slider, type TableLine } from './parts.tsx';
import type { ExploreTab, TabQuery } from './tabs.tsx';
import { rankedTrials, trialsChart } from './trials-chart.ts';

const TRIALS_LISTED = 200;

/** A search for the moving average that would have forecast best. It is made on request, and the list of trials follows. */
export const optimizeTab: ExploreTab = {
  id: 'optimize',
  label: 'Optimize',
  operations: [operations.optimizeDemand, operations.readOptimizationHistory],
  needs: { days: 20, shows: 'the search for the best moving average, trial by trial' },
  create: ({ api, reload, onNewRun }) => {
    const signals = {
      trials: signal(20),
      isSearching: signal(false),
      search: signal<DemandOptimization | null>(null),
      list: signal<TrialList | null>(null),
    };
    /** The user requested a search that has not been made yet. */
    let isRequested = false;
    let searches = createSearchLog<DemandOptimization>();
    onNewRun(() => {
      searches = createSearchLog();
    });

    async function search(query: TabQuery) {
      // An answer that arrives when another run has begun belongs to the log of its own run.
      const ofThisRun = searches;
      signals.isSearching.value = true;
      const answer = await api.post<DemandOptimization>(
        addressOf(operations.optimizeDemand, { ...query, n_trials: signals.trials.peek() }),
      );
      signals.isSearching.value = false;
      // Kept even if the user has moved on to another pair: it is shown when they return.
      if ('body' in answer) ofThisRun.add(query, answer.body);
      return answer;
    }

    return {
      load: async (query, abort) => {
        const { store_id, product_id } = query;
        const isSearch = isRequested;
        isRequested = false;
        const made = isSearch ? await search(query) : null;
        if (made && 'problem' in made) return made;
        const parameters = { store_id, product_id, run_id: 'current', limit: TRIALS_LISTED };
        const list = await api.read<TrialList>(
          addressOf(operations.readOptimizationHistory, parameters),
          abort,
        );
        if ('problem' in list) return list;
        return {
          show: () => {
            signals.search.value = searches.newest(query);
            signals.list.value = list.body;
          },
        };
      },
      Content: () => (
        <Content
          {...signals}
          start={() => {
            isRequested = true;
            reload();
          }}
        />
      ),
    };
  },
};

interface ContentProps {
  readonly trials: Signal<number>;
  readonly isSearching: Signal<boolean>;
  readonly search: Signal<DemandOptimization | null>;
  readonly list: Signal<TrialList | null>;
  start(): void;
}

function Content({ trials, isSearching, search, list, start }: ContentProps) {
  const made = search.value;
  const { best_trial: best, trials: stored = [] } = list.value ?? {};
  const view = useComputed(() => search.value && rankedTrials(search.value.optimization.all_trials)).value;
  return (
    <>
      <div class="explore-chart">
        <Slider
          id="explore-trials"
          label="Trials"
          min={5}
          max={50}
          step={5}
          value={trials.value}
          text={String(trials.value)}
          onSlide={(value) => {
            trials.value = value;
          }}
        >
          <Button class="primary" isPressable={!isSearching.value} onPress={start}>
            {isSearching.value ? 'Searching …' : 'Search'}
          </Button>
        </Slider>
        <ChartBox
          definition={trialsChart}
          series={made ? `${made.store_id} ${made.product_id}` : ''}
          view={view}
        />
        <ChartKey
          entries={[
            ['dot-best', 'best trial'],
            ['dot-leading', 'ranks 2 to 5'],
            ['dot', 'others'],
            ['line-forecast', 'best so far'],
          ]}
        />
      </div>
      <div class="explore-side">
        <p class="quiet" role="status">
          {made && outcome(made)}
        </p>
        {made && <Facts facts={factsOf(made)} />}
      </div>
      <div class="explore-wide">
        <h3>Trials of this run</h3>
        <p class="quiet">{list.value && listText(list.value)}</p>
        <DataTable
          caption="Trials of this run"
          columns={COLUMNS}
          lines={stored.map((trial) => lineOf(trial, best?.rmse))}
          hidden={stored.length === 0}
        />
      </div>
    </>
  );
}

function listText({ best_trial: best, trials }: TrialList): string {
  return best
    ? `The newest ${formatInteger(trials.length)}; the best of them has RMSE ${formatDecimal(best.rmse, 4)} with window ${best.window}.`
    : 'No trials yet. Press Search: each is stored and listed here.';
}

function outcome({ optimization, analysis_up_to_day }: DemandOptimization): string {
  const upTo =
    analysis_up_to_day === 'all' ? 'all history' : `history up to ${formatDate(analysis_up_to_day)}`;
  return `${optimization.n_trials} trials over ${upTo}: best RMSE ${formatDecimal(optimization.best_rmse, 4)}.`;
}

function factsOf({ optimization, forecast }: DemandOptimization): Fact[] {
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
      note: formatTrend(forecast.trend, forecast.trend_pct),
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

function lineOf(trial: StoredTrial, best: number | undefined): TableLine {
  return {
    key: String(trial.id),
    isMarked: trial.rmse === best,
    cells: [
      trial.completed_at.slice(0, 19).replace('T', ' '),
      String(trial.trial_number + 1),
      String(trial._window),
      String(trial.min_periods),
      String(trial.trend_window),
      formatDecimal(trial.rmse, 4),
    ],
  };
}

/** The newest search of each store and product in one run. */
interface SearchLog<Search> {
  add(query: TabQuery, search: Search): void;
  /** Null if none has been made. */
  newest(query: TabQuery): Search | null;
}

/** Creates an empty log. */
export function createSearchLog<Search>(): SearchLog<Search> {
  const searches = new Map<string, Search>();
  const keyOf = ({ store_id, product_id }: TabQuery) => `${store_id} ${product_id}`;

  return {
    add: (query, search) => void searches.set(keyOf(query), search),
    newest: (query) => searches.get(keyOf(query)) ?? null,
  };
}
