import { type Signal, signal, useComputed } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { PriceAnswer } from '../answers.ts';
import { ChartBox, ChartKey } from '../charts/chart.tsx';
import { formatChance, formatCount, formatDecimal } from '../format.ts';
import { addressOf } from '../stream/api.ts';
import type { MissingColumns } from '../stream/data-set.ts';
import { bucketChart, bucketView } from './bucket-chart.ts';
import { type Fact, Facts } from './parts.tsx';
import type { ExploreTab } from './tabs.tsx';

/** How the units of a product depend on its price, in all stores: the regression's verdict first, the original's figures folded away. */
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
      Content: ({ missing }) => <Content answer={answer} missing={missing} />,
    };
  },
};

interface ContentProps {
  readonly answer: Signal<PriceAnswer | null>;
  readonly missing: MissingColumns;
}

function Content({ answer, missing }: ContentProps) {
  const known = answer.value;
  const view = useComputed(() => answer.value && bucketView(answer.value)).value;
  return (
    <>
      <div class="explore-chart">
        <h3>Demand by price, all stores</h3>
        <ChartBox definition={bucketChart} series={known?.product_id} view={view} />
        <ChartKey
          entries={[
            [
              'dot-bucket',
              'mean units at a price, rounded to a whole number, in all stores; the larger, the more sales',
            ],
            ['line-forecast', 'log-log regression'],
          ]}
        />
      </div>
      <div class="explore-side">
        <p class="recommendation">{known?.regression.verdict}</p>
        {known && <Facts facts={verdictFacts(known)} />}
        <p class="quiet">{known && heldEqual(known, missing)}</p>
        <h3>Log-log regression, the line in the chart</h3>
        {known && <Facts facts={lineFacts(known)} />}
        <details class="legacy">
          <summary>Price buckets, the legacy measure</summary>
          {known && <Facts facts={bucketFacts(known)} />}
          <p class="quiet">
            The legacy verdict, which ignores chance and discounts: “{known?.interpretation}”
          </p>
          <p class="warning" hidden={!known?.elasticity_warning}>
            {known?.elasticity_warning}
          </p>
        </details>
      </div>
    </>
  );
}

/** What the verdict stands on, and who is cheaper. */
function verdictFacts({ regression: fit, competitor_price_gap: gap }: PriceAnswer): Fact[] {
  const interval = fit.interval_95;
  const elasticity: Fact = {
    name: 'Elasticity of the net price',
    value: formatDecimal(fit.elasticity, 2),
    note: interval
      ? `95 %: ${formatDecimal(interval.low, 2)} to ${formatDecimal(interval.high, 2)}`
      : 'the data can’t tell',
  };
  return gap ? [elasticity, competitorFact(gap)] : [elasticity];
}

/** Who is cheaper, and how often. */
export function competitorFact({
  mean_gap_pct: gap,
  cheaper_share: cheaper,
}: NonNullable<PriceAnswer['competitor_price_gap']>): Fact {
  const size = formatDecimal(Math.abs(gap), 1);
  const value = size === '0.0' ? 'the same on average' : `${size} % ${gap > 0 ? 'above' : 'below'} theirs`;
  return {
    name: 'Our list price',
    value,
    note: `We were cheaper than the competitor in ${formatDecimal(cheaper * 100, 0)} % of sales.`,
  };
}

/** What can't vary because the data set lacks it isn't held equal. */
function heldEqual({ regression: { effects, records } }: PriceAnswer, missing: MissingColumns): string {
  const known = effects
    .filter((effect) => !(effect === 'weather' && missing.has('weather_condition')))
    .filter((effect) => !(effect === 'promotion' && missing.has('is_holiday_promo')));
  const others = known.length > 0 ? `, with ${known.join(', ')} held equal` : '';
  return `From ${formatCount(records, 'sale')}${others}. An association: prices were not set by chance.`;
}

function lineFacts({ log_log_regression: fit }: PriceAnswer): Fact[] {
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
          note: `${formatCount(fit.records, 'sale')}${fit.p_value === null ? '' : `, ${formatChance(fit.p_value)}`}`,
        },
      ]
    : [];
  return [line, ...fitted];
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
      note: formatCount(total_records, 'sale'),
    },
  ];
}
