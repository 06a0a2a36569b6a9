import { formatDate, formatDecimal } from '../format.ts';
import { addressOf, BACKTEST, FORECAST, PREDICT } from '../stream/endpoints.ts';
import { element, scrollBox, tableOf } from '../views/dom.ts';
import type { DemandPrediction, ForecastAnswer, ProductBacktest } from './answers.ts';
import {
  chartKey,
  type Figure,
  labelledSelect,
  showFigures,
  showRows,
  signedPercent,
  type TableLine,
} from './figures.ts';
import { createForecastChart, forecastView, modelName } from './forecast-chart.ts';
import type { ExploreTab } from './tabs.ts';

const HISTORY_DAYS = 56;
const HORIZONS = [7, 14, 28] as const;

/** What a store will sell of a product: the path with its intervals, and how far to trust it. */
export const forecastTab: ExploreTab = {
  id: 'forecast',
  label: 'Forecast',
  endpoints: [FORECAST, BACKTEST, PREDICT],
  needs: { days: 20, shows: 'the next days of this store and product with their 80 and 95 % intervals' },
  create: (body, { api, refresh }) => {
    const parts = build(body);
    parts.horizon.addEventListener('change', () => refresh());
    return async ({ store_id, product_id, day }, signal) => {
      const pair = { store_id, product_id, day };
      const horizon = parts.horizon.value;
      const [forecast, backtest, average] = await Promise.all([
        api.read<ForecastAnswer>(addressOf(FORECAST, { ...pair, horizon, history: HISTORY_DAYS }), signal),
        api.read<ProductBacktest>(addressOf(BACKTEST, { product_id, day }), signal),
        api.read<DemandPrediction>(addressOf(PREDICT, pair), signal),
      ]);
      if ('problem' in forecast) return forecast;
      if ('problem' in backtest) return backtest;
      if ('problem' in average) return average;
      return { draw: () => parts.draw(forecast.body, backtest.body, average.body) };
    };
  },
};

function build(body: HTMLElement) {
  const options = HORIZONS.map((days) => [String(days), `${days} days`] as const);
  const { field, select: horizon } = labelledSelect('explore-horizon', 'Ahead', options, '14');
  const host = element('div', { class: 'chart' });
  const figures = element('dl', { class: 'figures' });
  const table = tableOf('Backtest of every model', COLUMNS);
  const about = element('p', { class: 'quiet' });
  const key = chartKey([
    ['line-sold', 'sold'],
    ['line-forecast', 'forecast'],
    ['band-80', '80 % interval'],
    ['band-95', '95 % interval'],
    ['line-average', 'moving average of 7 days'],
  ]);
  body.append(
    element(
      'div',
      { class: 'explore-chart' },
      element('div', { class: 'explore-row' }, element('h3', {}, 'History and forecast'), field),
      host,
      key,
    ),
    element('div', { class: 'explore-side' }, figures),
    element(
      'div',
      { class: 'explore-wide' },
      element('h3', {}, 'Backtest'),
      about,
      scrollBox('Backtest of every model', table),
    ),
  );
  const drawChart = createForecastChart(host);

  function draw(forecast: ForecastAnswer, backtest: ProductBacktest, average: DemandPrediction): void {
    drawChart(forecastView(forecast, average.forecast_next_day));
    showFigures(figures, figuresOf(forecast, average));
    const { windows, horizon: ahead } = forecast.backtest;
    about.textContent = `Every model forecast ${ahead} days from each of ${windows} days in the past; the marked one did best here.`;
    showRows(table, rowsOf(forecast, backtest));
  }
  return { horizon, draw };
}

function figuresOf(
  { forecast, model, baseline, history_days_used }: ForecastAnswer,
  average: DemandPrediction,
): Figure[] {
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
    { name: `All ${forecast.length} days`, value: `${formatDecimal(sum, 0)} units` },
    {
      name: 'Model',
      value: modelName(model),
      note: `learnt from ${history_days_used} days${improvement(baseline)}`,
    },
    {
      name: `Moving average of ${average.moving_avg_window} days`,
      value: `${formatDecimal(average.forecast_next_day, 2)} units`,
      note: `trend ${average.trend}, ${signedPercent(average.trend_pct)} on the week before`,
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

function rowsOf({ model: chosen, backtest }: ForecastAnswer, everywhere: ProductBacktest): TableLine[] {
  const errorEverywhere = new Map(everywhere.models.map(({ model, rmsse }) => [model, rmsse]));
  return backtest.models.map(({ model, rmsse, mase, smape, bias, coverage }) => ({
    isMarked: model === chosen,
    cells: [
      [modelName(model)],
      [formatDecimal(rmsse, 3), 'number'],
      [formatDecimal(errorEverywhere.get(model) ?? null, 3), 'number'],
      [formatDecimal(mase, 3), 'number'],
      [formatDecimal(smape, 1), 'number'],
      [formatDecimal(bias, 2), 'number'],
      ...coverage.map(
        ({ covered_pct: share }) =>
          [share === null ? '–' : `${formatDecimal(share, 1)} %`, 'number'] as const,
      ),
    ],
  }));
}
