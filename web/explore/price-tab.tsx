import { type Signal, signal, useComputed } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { PriceAnswer } from '../answers.ts';
import { ChartBox, ChartKey } from '../charts/chart.tsx';
import { formatChance, formatDecimal, formatInteger, signedPercent } from '../format.ts';
import { addressOf } from '../stream/operations.ts';
import { bucketChart, bucketView } from './bucket-chart.ts';
import { type Fact, Facts } from './parts.tsx';
import type { ExploreTab } from './tab.ts';

/** How the units of a product depend on its price, in all stores: the original's figure beside the more reliable one. */
export const priceTab: ExploreTab = {
  id: 'price',
  label: 'Price',
  operations: [operations.readPriceSensitivity],
  needs: { days: 1, shows: 'how demand depends on the price' },
  create: ({ api }) => {
    const answer = signal<PriceAnswer | null>(null);
    return {
      load: async ({ product_id, day }, abort) => {
        const read = await api.read<PriceAnswer>(
          addressOf(operations.readPriceSensitivity, { product_id, day }),
          abort,
        );
        if ('problem' in read) return read;
        return {
          show: () => {
            answer.value = read.body;
          },
        };
      },
      Content: () => <Content answer={answer} />,
    };
  },
};

function Content({ answer }: { answer: Signal<PriceAnswer | null> }) {
  const known = answer.value;
  const view = useComputed(() => answer.value && bucketView(answer.value)).value;
  return (
    <>
      <div class="explore-chart">
        <h3>Demand by price, all stores</h3>
        <ChartBox definition={bucketChart} view={view} />
        <ChartKey
          entries={[
            ['dot-bucket', 'mean units at a price, in all stores; the larger, the more sales'],
            ['line-forecast', 'log-log regression'],
          ]}
        />
      </div>
      <div class="explore-side">
        <h3>Log-log regression</h3>
        {known && <Facts facts={regressionFacts(known)} />}
        <h3>Price buckets, the older measure</h3>
        {known && <Facts facts={bucketFacts(known)} />}
        <p class="quiet">{known?.interpretation}</p>
        <p class="warning" hidden={!known?.elasticity_warning}>
          {known?.elasticity_warning}
        </p>
      </div>
    </>
  );
}

function regressionFacts({ log_log_regression: fit, competitor_price_gap: gap }: PriceAnswer): Fact[] {
  const interval = fit?.interval_95;
  const line: Fact = fit
    ? {
        name: 'Elasticity',
        value: formatDecimal(fit.elasticity, 2),
        note: interval ? `95 %: ${formatDecimal(interval.low, 2)} to ${formatDecimal(interval.high, 2)}` : '',
      }
    : { name: 'Elasticity', value: '–', note: 'needs 3 sales at different prices' };
  const fitted: Fact[] = fit
    ? [
        {
          name: 'Variance explained',
          value: fit.r_squared === null ? '–' : `${formatDecimal(fit.r_squared * 100, 1)} %`,
          note: `${formatInteger(fit.records)} sales${fit.p_value === null ? '' : `, ${formatChance(fit.p_value)}`}`,
        },
      ]
    : [];
  const competitor: Fact[] = gap
    ? [
        {
          name: 'Against competitors',
          value: signedPercent(gap.mean_gap_pct),
          note: `our list price against theirs; we were cheaper in ${formatDecimal(gap.cheaper_share * 100, 0)} % of sales`,
        },
      ]
    : [];
  return [line, ...fitted, ...competitor];
}

function bucketFacts({
  elasticity,
  correlation,
  price_range,
  avg_units_sold,
  total_records,
}: PriceAnswer): Fact[] {
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
