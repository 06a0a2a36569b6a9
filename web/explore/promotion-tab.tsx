import { type Signal, signal, useComputed } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { PromotionAnswer } from '../answers.ts';
import { ChartBox, ChartKey } from '../charts/chart.tsx';
import { formatChance, formatDecimal, formatInteger, signedPercent } from '../format.ts';
import { addressOf } from '../stream/api.ts';
import type { MissingColumns } from '../stream/data-set.ts';
import { DataTable, type Fact, Facts, Slider, type TableLine } from './parts.tsx';
import { promotionChart, promotionView } from './promotion-chart.ts';
import type { ExploreTab, TabTools } from './tabs.tsx';

/** Nothing is requested while the slider moves, only this long (ms) after it has stopped. */
const SETTLED_MS = 120;

/** What a promotion and a discount do to a product, in all stores: the regression's verdict first, the original's figures folded away. */
export const promotionTab: ExploreTab = {
  id: 'promotion',
  label: 'Promotion',
  operations: [operations.simulatePromotions],
  needs: { days: 1, shows: 'what to expect of a discount on this product' },
  unanswerable: (missing) =>
    missing.has('discount') && missing.has('is_holiday_promo')
      ? 'The data set has neither promotions nor discounts, so the effect of a discount can’t be known.'
      : null,
  create: ({ api, reload }) => {
    const discount = signal(10);
    const known = signal<Known | null>(null);
    return {
      load: async ({ store_id, product_id, day }, abort) => {
        const parameters = { product_id, discount_pct: discount.peek(), day };
        const read = await api.read<PromotionAnswer>(
          addressOf(operations.simulatePromotions, parameters),
          abort,
        );
        if ('problem' in read) return read;
        return {
          show: () => {
            known.value = { answer: read.body, storeId: store_id };
          },
        };
      },
      Content: ({ missing }) => (
        <Content known={known} discount={discount} missing={missing} reload={reload} />
      ),
    };
  },
};

interface Known {
  readonly answer: PromotionAnswer;
  /** The selected store. */
  readonly storeId: string;
}

interface ContentProps extends Pick<TabTools, 'reload'> {
  readonly known: Signal<Known | null>;
  readonly discount: Signal<number>;
  readonly missing: MissingColumns;
}

function Content({ known, discount, missing, reload }: ContentProps) {
  const view = useComputed(() => known.value && promotionView(known.value.answer)).value;
  const { answer, storeId = '' } = known.value ?? {};
  const knowsDiscounts = !missing.has('discount');
  return (
    <>
      <div class="explore-chart" hidden={!knowsDiscounts}>
        <Slider
          id="explore-discount"
          label="Discount"
          min={0}
          max={50}
          step={1}
          value={discount.value}
          text={`${discount.value} %`}
          spoken={`${discount.value} percent`}
          onSlide={(value) => {
            discount.value = value;
            reload(SETTLED_MS);
          }}
        />
        <ChartBox definition={promotionChart} series={answer?.product_id} view={view} />
        <ChartKey
          entries={[
            ['column', 'mean units a day at a discount, in all stores'],
            ['column-nearest', 'the discount nearest to yours, which the projection comes from'],
          ]}
        />
      </div>
      <div class="explore-side">
        <p class="recommendation">{answer?.promotion_verdict}</p>
        {answer && <Facts facts={effectFacts(answer, knowsDiscounts)} />}
        <details class="legacy" hidden={!knowsDiscounts}>
          <summary>Days with and without promotion, the legacy measure</summary>
          {answer && <Facts facts={legacyFacts(answer)} />}
          <p class="quiet">The legacy verdict, which ignores chance and prices: “{answer?.recommendation}”</p>
          <p class="warning" hidden={!answer?.warning}>
            {answer?.warning}
          </p>
        </details>
      </div>
      <div class="explore-wide" hidden={answer?.total_promo_days === 0}>
        <h3>Days with promotion against days without, by store</h3>
        <DataTable
          caption="Promotions in each store"
          columns={COLUMNS}
          lines={answer ? answer.per_store.map((store) => lineOf(store, storeId)) : []}
        />
      </div>
    </>
  );
}

/** What a promotion does at the same price, and what the discount sells; without known discounts the first alone. */
function effectFacts(answer: PromotionAnswer, knowsDiscounts: boolean): Fact[] {
  const {
    promotion_effect: effect,
    uplift_vs_no_discount_pct: uplift,
    baseline_net_revenue: without,
  } = answer;
  const ofPromotion = {
    name: 'Effect of a promotion',
    value: effect ? signedPercent(effect.uplift_pct) : '–',
    note: effect
      ? `95 %: ${signedPercent(effect.interval_95.low)} to ${signedPercent(effect.interval_95.high)}`
      : 'the data can’t tell',
  };
  if (!knowsDiscounts) return [ofPromotion];
  return [
    ofPromotion,
    {
      name: 'Projected',
      value: `${formatDecimal(answer.projected_units, 2)} units`,
      note:
        uplift === null
          ? 'mean at the nearest discount, of a store and day'
          : `of a store and day, ${signedPercent(uplift)} on sales without a discount`,
    },
    {
      name: 'Net revenue',
      value: formatInteger(answer.projected_net_revenue),
      note: without === null ? 'every sale had a discount' : `${formatInteger(without)} without a discount`,
    },
  ];
}

function legacyFacts(answer: PromotionAnswer): Fact[] {
  const { uplift_test: test, projected_uplift_pct: uplift, historical_uplift_pct: past } = answer;
  return [
    {
      name: 'Projected uplift',
      value: signedPercent(uplift),
      note: `on ${answer.total_promo_days === 0 ? 'the mean' : 'days without promotion'} (${formatDecimal(answer.baseline_avg_units, 2)})`,
    },
    answer.total_promo_days === 0
      ? { name: 'Past promotions', value: '–', note: 'no sale is known to have been promoted' }
      : {
          name: 'Past promotions',
          value: signedPercent(past),
          note: `${formatInteger(answer.total_promo_days)} sales with, ${formatInteger(answer.total_non_promo_days)} without`,
        },
    ...(test
      ? [
          {
            name: test.differs_from_zero ? 'More than chance' : 'May be chance',
            value: `${formatDecimal(test.difference_units, 2)} units`,
            note: `95 %: ${formatDecimal(test.difference_interval_95.low, 2)} to ${formatDecimal(test.difference_interval_95.high, 2)}, ${formatChance(test.p_value)} (Welch)`,
          },
        ]
      : []),
  ];
}

const COLUMNS = [
  { title: 'Store' },
  { title: 'Without', className: 'number', hint: 'Mean units on days without promotion' },
  { title: 'With', className: 'number', hint: 'Mean units on days with promotion' },
  { title: 'Uplift', className: 'number' },
  { title: '95 % interval', className: 'number', hint: 'Of the uplift; – with too few days' },
] as const;

function lineOf(store: PromotionAnswer['per_store'][number], chosen: string): TableLine {
  const interval = store.uplift_test?.uplift_pct_interval_95;
  return {
    key: store.store_id,
    isMarked: store.store_id === chosen,
    cells: [
      store.store_id,
      formatDecimal(store.baseline_avg_units, 2),
      formatDecimal(store.promo_avg_units, 2),
      signedPercent(store.historical_uplift_pct),
      interval ? `${signedPercent(interval.low)} to ${signedPercent(interval.high)}` : '–',
    ],
  };
}
