import { formatDecimal, formatInteger } from '../format.ts';
import { addressOf, PRICE } from '../stream/endpoints.ts';
import { element } from '../views/dom.ts';
import type { PriceAnswer } from './answers.ts';
import { bucketView, createBucketChart } from './bucket-chart.ts';
import { chance, chartKey, type Figure, showFigures, signedPercent } from './figures.ts';
import type { ExploreTab } from './tabs.ts';

/** How the units of a product go with its price, in all stores: the original's figure beside the one to rely on. */
export const priceTab: ExploreTab = {
  id: 'price',
  label: 'Price',
  endpoints: [PRICE],
  needs: { days: 1, shows: 'how demand goes with the price' },
  create: (body, { api }) => {
    const draw = build(body);
    return async ({ product_id, day }, signal) => {
      const answer = await api.read<PriceAnswer>(addressOf(PRICE, { product_id, day }), signal);
      return 'problem' in answer ? answer : { draw: () => draw(answer.body) };
    };
  },
};

function build(body: HTMLElement): (answer: PriceAnswer) => void {
  const host = element('div', { class: 'chart' });
  const regression = element('dl', { class: 'figures' });
  const buckets = element('dl', { class: 'figures' });
  const interpretation = element('p', { class: 'quiet' });
  const warning = element('p', { class: 'warning' });
  const key = chartKey([
    ['dot-bucket', 'mean units at a price, in all stores; the larger, the more sales'],
    ['line-forecast', 'log-log regression'],
  ]);
  body.append(
    element('div', { class: 'explore-chart' }, element('h3', {}, 'Demand by price, all stores'), host, key),
    element(
      'div',
      { class: 'explore-side' },
      element('h3', {}, 'Log-log regression'),
      regression,
      element('h3', {}, 'Price buckets, the older measure'),
      buckets,
      interpretation,
      warning,
    ),
  );
  const drawChart = createBucketChart(host);
  return (answer) => {
    drawChart(bucketView(answer));
    showFigures(regression, regressionFigures(answer));
    showFigures(buckets, bucketFigures(answer));
    interpretation.textContent = answer.interpretation;
    warning.textContent = answer.elasticity_warning;
    warning.hidden = answer.elasticity_warning === null;
  };
}

function regressionFigures({ log_log_regression: fit, competitor_price_gap: gap }: PriceAnswer): Figure[] {
  const interval = fit?.interval_95;
  const line: Figure = fit
    ? {
        name: 'Elasticity',
        value: formatDecimal(fit.elasticity, 2),
        note: interval ? `95 %: ${formatDecimal(interval.low, 2)} to ${formatDecimal(interval.high, 2)}` : '',
      }
    : { name: 'Elasticity', value: '–', note: 'needs 3 sales at different prices' };
  const fitted: Figure[] = fit
    ? [
        {
          name: 'Variance explained',
          value: fit.r_squared === null ? '–' : `${formatDecimal(fit.r_squared * 100, 1)} %`,
          note: `${formatInteger(fit.records)} sales${fit.p_value === null ? '' : `, ${chance(fit.p_value)}`}`,
        },
      ]
    : [];
  const competitor: Figure[] = gap
    ? [
        {
          name: 'Against competitors',
          value: signedPercent(gap.mean_gap_pct),
          note: `cheaper in ${formatDecimal(gap.cheaper_share * 100, 0)} % of the sales`,
        },
      ]
    : [];
  return [line, ...fitted, ...competitor];
}

function bucketFigures({
  elasticity,
  correlation,
  price_range,
  avg_units_sold,
  total_records,
}: PriceAnswer): Figure[] {
  const { min, max, mean } = price_range;
  return [
    {
      name: 'Elasticity',
      value: formatDecimal(elasticity, 2),
      note: `mean of the steps between prices; correlation ${formatDecimal(correlation, 2)}`,
    },
    {
      name: 'Prices',
      value: `${formatDecimal(min, 2)} to ${formatDecimal(max, 2)}`,
      note: `mean ${formatDecimal(mean, 2)}`,
    },
    {
      name: 'Mean demand',
      value: `${formatDecimal(avg_units_sold, 2)} units`,
      note: `${formatInteger(total_records)} sales`,
    },
  ];
}
