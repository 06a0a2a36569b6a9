import { type Signal, signal, useComputed } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { BacktestAnswer, DemandPrediction, ForecastAnswer } from '../answers.ts';
import { ChartBox, ChartKey } from '../charts/chart.tsx';
import { formatDate, formatDays, formatDecimal, formatTrend } from '../format.ts';
import { addressOf } from '../stream/api.ts';
import type { MissingColumns } from '../stream/data-set.ts';
import { forecastChart, forecastView, modelName } from './forecast-chart.ts';
import { DataTable, type Fact, Facts, LabelledSelect, type TableLine } from './parts.tsx';
import { NO_PLAN, type Plan, PlanFields, PlanWarnings, planFact, plannedDays } from './plan-fields.tsx';
import type { ExploreTab, TabQuery, TabTools } from './tabs.tsx';

const HISTORY_DAYS = 56;
/** Milliseconds after the last keystroke until the answer is requested. */
const SETTLED_MS = 250;
const HORIZONS = ['7', '14', '28'].map((days) => [days, `${days} days`] as const);

/** The forecast of a product in a store: the path with its intervals, and how reliable it is. */
export const forecastTab: ExploreTab = {
  id: 'forecast',
  label: 'Forecast',
  operations: [
    operations.forecastDemand,
    operations.forecastPlan,
    operations.backtestDemand,
    operations.predictDemand,
  ],
  needs: { days: 20, shows: 'the next days of this store and product with their 80 and 95 % intervals' },
  create: ({ api, reload }) => {
    const horizon = signal('14');
    const answers = signal<Answers | null>(null);
    const plan = signal(NO_PLAN);

    /** The forecast under the plan, and that of the same model without it; null if nothing is planned. */
    async function underPlan(query: TabQuery, offer: ForecastAnswer, abort: AbortSignal) {
      const days = plannedDays(plan.peek(), offer.forecast);
      if (days.length === 0) return { body: null };
      const parameters = { ...query, horizon: days.length, model: 'regression' };
      const [planned, asBefore] = await Promise.all([
        api.query<ForecastAnswer>(addressOf(operations.forecastPlan, parameters), { days }, abort),
        api.read<ForecastAnswer>(addressOf(operations.forecastDemand, parameters), abort),
      ]);
      if ('problem' in planned) return planned;
      return 'problem' in asBefore ? asBefore : { body: { planned: planned.body, asBefore: asBefore.body } };
    }

    return {
      load: async ({ store_id, product_id, day }, abort) => {
        const pair = { store_id, product_id, day };
        const path = { ...pair, horizon: horizon.peek(), history: HISTORY_DAYS };
        const [forecast, backtest, average] = await Promise.all([
          api.read<ForecastAnswer>(addressOf(operations.forecastDemand, path), abort),
          api.read<BacktestAnswer>(addressOf(operations.backtestDemand, { product_id, day }), abort),
          api.read<DemandPrediction>(addressOf(operations.predictDemand, pair), abort),
        ]);
        if ('problem' in forecast) return forecast;
        if ('problem' in backtest) return backtest;
        if ('problem' in average) return average;
        const planned = await underPlan(pair, forecast.body, abort);
        if ('problem' in planned) return planned;
        const known = {
          ...{ forecast: forecast.body, backtest: backtest.body, average: average.body },
          plan: planned.body,
        };
        return {
          show: () => {
            answers.value = known;
          },
        };
      },
      Content: ({ missing }) => (
        <Content answers={answers} horizon={horizon} plan={plan} missing={missing} reload={reload} />
      ),
    };
  },
};

interface Answers {
  readonly forecast: ForecastAnswer;
  readonly backtest: BacktestAnswer;
  readonly average: DemandPrediction;
  /** By one model, with the plan and with the last known offer; null if nothing is planned. */
  readonly plan: { readonly planned: ForecastAnswer; readonly asBefore: ForecastAnswer } | null;
}

interface ContentProps extends Pick<TabTools, 'reload'> {
  readonly answers: Signal<Answers | null>;
  readonly horizon: Signal<string>;
  readonly plan: Signal<Plan>;
  readonly missing: MissingColumns;
}

function Content({ answers, horizon, plan, missing, reload }: ContentProps) {
  const known = answers.value;
  const view = useComputed(
    () =>
      answers.value &&
      forecastView(
        answers.value.forecast,
        answers.value.average.forecast_next_day,
        answers.value.plan?.planned,
      ),
  ).value;
  return (
    <>
      <div class="explore-chart">
        <div class="explore-row">
          <h3>History and forecast</h3>
          <LabelledSelect
            id="explore-horizon"
            label="Ahead"
            options={HORIZONS}
            value={horizon.value}
            onChoose={(days) => {
              horizon.value = days;
              reload();
            }}
          />
        </div>
        <ChartBox definition={forecastChart} series={seriesOf(known?.forecast)} view={view} />
        <ChartKey
          entries={[
            ['line-sold', 'sold'],
            ['line-forecast', 'forecast'],
            ['band-80', '80 % interval'],
            ['band-95', '95 % interval'],
            ['line-average', 'moving average of 7 days'],
            ...(known?.plan ? ([['line-plan', 'under your plan']] as const) : []),
          ]}
        />
      </div>
      <div class="explore-side">
        {known && <Facts facts={factsOf(known.forecast, known.average)} />}
        {known && (
          <PlanFields
            plan={plan.value}
            lastPrice={known.forecast.forecast[0]?.offer?.net_price ?? null}
            missing={missing}
            change={(part) => {
              plan.value = { ...plan.peek(), ...part };
              reload(SETTLED_MS);
            }}
          />
        )}
        {known?.plan && <Facts facts={[planFact(known.plan.planned, known.plan.asBefore)]} />}
        <PlanWarnings answer={known?.plan?.planned ?? null} />
      </div>
      <div class="explore-wide">
        <h3>Backtest</h3>
        <p class="quiet">{known && backtestText(known.forecast)}</p>
        <DataTable
          caption="Backtest of every model"
          columns={COLUMNS}
          lines={known ? linesOf(known.forecast, known.backtest) : []}
        />
      </div>
    </>
  );
}

/** The ids of what is forecast, for the name of a file. */
function seriesOf(answer: ForecastAnswer | undefined): string {
  return [answer?.store_id, answer?.product_id].filter((id) => id != null).join(' ');
}

function backtestText({ backtest: { windows, horizon } }: ForecastAnswer): string {
  return `Every model forecast ${formatDays(horizon)} from each of ${formatDays(windows)} in the past; the marked one did best here.`;
}

function factsOf(
  { forecast, model, baseline, history_days_used }: ForecastAnswer,
  average: DemandPrediction,
): Fact[] {
  const [tomorrow] = forecast;
  const intervals = tomorrow?.intervals.map(
    ({ level, lower, upper }) => `${level} %: ${formatDecimal(lower, 2)} to ${formatDecimal(upper, 2)}`,
  );
  const sum = forecast.reduce((total, { forecast_units }) => total + forecast_units, 0);
  return [
    {
      name: tomorrow ? formatDate(tomorrow.date) : 'Next day',
      value: `${formatDecimal(tomorrow?.forecast_units ?? null, 2)} units`,
      note: intervals?.join('\n') ?? '',
    },
    { name: `All ${formatDays(forecast.length)}`, value: `${formatDecimal(sum, 0)} units` },
    {
      name: 'Model',
      value: modelName(model),
      note: `fitted to ${formatDays(history_days_used)}${improvement(baseline)}`,
    },
    {
      name: `Moving average of ${formatDays(average.moving_avg_window)}`,
      value: `${formatDecimal(average.forecast_next_day, 2)} units`,
      note: formatTrend(average.trend, average.trend_pct),
    },
  ];
}

function improvement({ model, improvement_pct: percent }: ForecastAnswer['baseline']): string {
  if (percent === null) return '';
  if (percent === 0) return `; as good as ${modelName(model).toLowerCase()}`;
  const word = percent > 0 ? 'less' : 'more';
  return `; ${formatDecimal(Math.abs(percent), 1)} % ${word} error than ${modelName(model).toLowerCase()}`;
}

const COLUMNS = [
  { title: 'Model' },
  { title: 'RMSSE', className: 'number', hint: 'Root mean squared error; 1 is as good as “as yesterday”' },
  { title: 'All stores', className: 'number', hint: 'RMSSE, mean over the stores' },
  { title: 'MASE', className: 'number', hint: 'Mean absolute error; 1 is as good as “as a week ago”' },
  { title: 'sMAPE', className: 'number', hint: 'Symmetric mean absolute percentage error, 0 to 200' },
  { title: 'Bias', className: 'number', hint: 'Forecast minus actual, in units' },
  { title: 'In 80 %', className: 'number', hint: 'Share of actual values within the 80 % interval' },
  {
    title: 'In 95 %',
    className: 'number',
    hint: 'Share of actual values within the 95 % interval; – while the past is too short',
  },
] as const;

function linesOf({ model: chosen, backtest }: ForecastAnswer, everywhere: BacktestAnswer): TableLine[] {
  const errorEverywhere = new Map(everywhere.models.map(({ model, rmsse }) => [model, rmsse]));
  return backtest.models.map(({ model, rmsse, mase, smape, bias, coverage }) => ({
    key: model,
    isMarked: model === chosen,
    cells: [
      modelName(model),
      formatDecimal(rmsse, 3),
      formatDecimal(errorEverywhere.get(model) ?? null, 3),
      formatDecimal(mase, 3),
      formatDecimal(smape, 1),
      formatDecimal(bias, 2),
      ...coverage.map(({ covered_pct: share }) => (share === null ? '–' : `${formatDecimal(share, 1)} %`)),
    ],
  }));
}
