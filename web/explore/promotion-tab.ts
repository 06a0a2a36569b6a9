import { formatDecimal, formatInteger } from '../format.ts';
import { addressOf, PROMOTION } from '../stream/endpoints.ts';
import { element, scrollBox, tableOf } from '../views/dom.ts';
import type { PromotionAnswer } from './answers.ts';
import {
  chance,
  chartKey,
  type Figure,
  showFigures,
  showRows,
  signedPercent,
  type TableLine,
} from './figures.ts';
import { createPromotionChart, promotionView } from './promotion-chart.ts';
import type { ExploreTab } from './tabs.ts';

/** While a slider moves nothing is asked; this long after it has stopped it is. */
const SETTLED_MS = 120;

/** What a discount on a product may be expected to do, in all stores. */
export const promotionTab: ExploreTab = {
  id: 'promotion',
  label: 'Promotion',
  endpoints: [PROMOTION],
  needs: { days: 1, shows: 'what a discount on this product may be expected to do' },
  create: (body, { api, refresh }) => {
    const { slider, draw } = build(body);
    slider.addEventListener('input', () => refresh(SETTLED_MS));
    return async ({ store_id, product_id, day }, signal) => {
      const parameters = { product_id, discount_pct: slider.value, day };
      const answer = await api.read<PromotionAnswer>(addressOf(PROMOTION, parameters), signal);
      return 'problem' in answer ? answer : { draw: () => draw(answer.body, store_id) };
    };
  },
};

function build(body: HTMLElement) {
  const { field, slider } = discountSlider();
  const host = element('div', { class: 'chart' });
  const figures = element('dl', { class: 'figures' });
  const sentence = element('p', { class: 'recommendation' });
  const table = tableOf('Promotions in each store', COLUMNS);
  const key = chartKey([
    ['column', 'mean units a day at a discount, in all stores'],
    ['column-nearest', 'the discount nearest to yours, which the projection is taken from'],
  ]);
  body.append(
    element('div', { class: 'explore-chart' }, field, host, key),
    element('div', { class: 'explore-side' }, sentence, figures),
    element(
      'div',
      { class: 'explore-wide' },
      element('h3', {}, 'Days with promotion against days without, by store'),
      scrollBox('Promotions in each store', table),
    ),
  );
  const drawChart = createPromotionChart(host);

  function draw(answer: PromotionAnswer, storeId: string): void {
    drawChart(promotionView(answer));
    sentence.textContent = answer.recommendation;
    showFigures(figures, figuresOf(answer));
    showRows(
      table,
      answer.per_store.map((store) => rowOf(store, storeId)),
    );
  }
  return { slider, draw };
}

function discountSlider(): { readonly field: HTMLElement; readonly slider: HTMLInputElement } {
  const bounds = { min: '0', max: '50', step: '1', value: '10' };
  const slider = element('input', { type: 'range', id: 'explore-discount', ...bounds });
  const output = element('output', { for: 'explore-discount' });
  const tell = () => {
    output.textContent = `${slider.value} %`;
    slider.setAttribute('aria-valuetext', `${slider.value} percent`);
  };
  slider.addEventListener('input', tell);
  tell();
  const label = element('label', { for: 'explore-discount' }, 'Discount');
  return { field: element('div', { class: 'slider' }, label, slider, output), slider };
}

function figuresOf(answer: PromotionAnswer): Figure[] {
  const { uplift_test: test, projected_uplift_pct: uplift, historical_uplift_pct: past } = answer;
  return [
    {
      name: 'Projected',
      value: `${formatDecimal(answer.projected_units, 2)} units`,
      note: `${signedPercent(uplift)} on days without promotion (${formatDecimal(answer.baseline_avg_units, 2)})`,
    },
    {
      name: 'Past promotions',
      value: signedPercent(past),
      note: `${formatInteger(answer.total_promo_days)} sales with, ${formatInteger(answer.total_non_promo_days)} without`,
    },
    ...(test
      ? [
          {
            name: test.differs_from_zero ? 'More than chance' : 'May be chance',
            value: `${formatDecimal(test.difference_units, 2)} units`,
            note: `95 %: ${formatDecimal(test.difference_interval_95.low, 2)} to ${formatDecimal(test.difference_interval_95.high, 2)}, ${chance(test.p_value)} (Welch)`,
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

function rowOf(store: PromotionAnswer['per_store'][number], chosen: string): TableLine {
  const interval = store.uplift_test?.uplift_pct_interval_95;
  return {
    isMarked: store.store_id === chosen,
    cells: [
      [store.store_id],
      [formatDecimal(store.baseline_avg_units, 2), 'number'],
      [formatDecimal(store.promo_avg_units, 2), 'number'],
      [signedPercent(store.historical_uplift_pct), 'number'],
      [interval ? `${signedPercent(interval.low)} to ${signedPercent(interval.high)}` : '–', 'number'],
    ],
  };
}
