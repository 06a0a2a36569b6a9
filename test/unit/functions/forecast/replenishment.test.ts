import { beforeEach, describe, expect, it } from 'vitest';
import { forecastApi } from '../../../../functions/forecast/api.ts';
import { replenishmentApi } from '../../../../functions/forecast/replenishment.ts';
import { createApiHandler } from '../../../../shared/http/api-handler.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { goldenHistory } from '../../../support/golden-history.ts';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const golden = goldenHistory();
const PRODUCTS = Array.from({ length: 20 }, (_, index) => `P${String(index + 1).padStart(4, '0')}`);

/** What MySQL counts: how many pairs the data set has, and how many of them each store. */
let [pairs, pairsOfStore, storesOfProduct] = [100, 20, 5];
const countPairs = async (
  limit: number,
  of: { storeId?: string | undefined; productId?: string | undefined } = {},
) => {
  if (of.productId !== undefined) return Math.min(limit, storesOfProduct);
  return Math.min(limit, of.storeId === undefined ? pairs : pairsOfStore);
};
let stateReads = 0;
let [productsRead, storesRead] = [0, new Set<string | undefined>()];
let [readsUnderWay, mostReadsUnderWay] = [0, 0];

/** A product of which twice as much is sold at half the price. */
const ELASTIC = 'P9000';
/** The same, at a price that lasts a week: what a shelf shows on day 200 it shows for five days more. */
const LASTING = 'P9001';
/** A product of a data set without orders. */
const UNORDERED = 'P9002';
/** A product that sold on every ninth of the first 60 days alone, and has no rows for the other days. */
const RARE = 'P9003';
const LASTING_PRICES = [20, 60, 35, 80, 45];
const history = {
  product: async (id: string, storeId?: string) => {
    productsRead += 1;
    storesRead.add(storeId);
    const isOwn = id === ELASTIC || id === LASTING;
    readsUnderWay += 1;
    mostReadsUnderWay = Math.max(mostReadsUnderWay, readsUnderWay);
    const known = await golden.product(isOwn || id === UNORDERED || id === RARE ? 'P0001' : id);
    readsUnderWay -= 1;
    if (id === UNORDERED) return { ...known, sales: known.sales.map((sale) => ({ ...sale, ordered: null })) };
    if (id === RARE) return { ...known, sales: known.sales.filter(({ date }) => isRareDay(date)) };
    if (!isOwn) return known;
    const sales = known.sales.map((sale) => {
      const day = golden.dataSet.dates.indexOf(sale.date);
      const offer =
        id === ELASTIC
          ? { price: sale.price, discount: sale.discount }
          : { price: Number(LASTING_PRICES[Math.floor((day + 4) / 7) % LASTING_PRICES.length]), discount: 0 };
      const units = Math.round(4_000 / (offer.price * (1 - Number(offer.discount) / 100)));
      return { ...sale, ...offer, units, inventory: units + 40 };
    });
    return { ...known, sales };
  },
};

function isRareDay(date: string): boolean {
  const day = golden.dataSet.dates.indexOf(date);
  return day < 60 && day % 9 === 0;
}

let get: (target: string) => ReturnType<typeof ask>;
let getForecast: (target: string) => ReturnType<typeof ask>;
beforeEach(async () => {
  const store = memorySimulationStore();
  await store.register({ dates: golden.dataSet.dates });
  [pairs, pairsOfStore, storesOfProduct, stateReads] = [100, 20, 5, 0];
  const counted = {
    ...store,
    readState: () => {
      stateReads += 1;
      return store.readState();
    },
  };
  const routes = replenishmentApi({
    history,
    store: counted,
    readProducts: async () => PRODUCTS,
    countPairs,
  });
  const handler = createApiHandler({ routes, log: recordingLog().log });
  get = (target) => ask(handler, apiEvent(`GET ${target}`));
  const forecasts = createApiHandler({
    routes: forecastApi({ history, store, readProducts: async () => PRODUCTS, countPairs }),
    log: recordingLog().log,
  });
  getForecast = (target) => ask(forecasts, apiEvent(`GET ${target}`));
});

const PAIR = '/replenishment?store_id=S001&product_id=P0001&day=90';

describe('a recommended order', () => {
  it('an order is the difference between the order-up-to level and what is on hand and on order', async () => {
    const { json, statusCode } = await get(PAIR);
    const { sales } = await golden.product('P0001');
    const ofStore = sales.filter(({ storeId }) => storeId === 'S001').slice(0, 90);
    const last = ofStore.at(-1);
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({
      store_id: 'S001',
      product_id: 'P0001',
      analysis_up_to_day: '2022-03-31',
      lead_time_days: 2,
      review_days: 1,
      service_level: 95,
      on_hand: Number(last?.inventory) - Number(last?.units),
      on_order: Number(ofStore.at(-2)?.ordered) + Number(ofStore.at(-3)?.ordered),
      expected_cost: null,
    });
    expect(json.inventory_position).toBe(json.on_hand + json.on_order);
    expect(json.order_quantity).toBe(Math.max(json.order_up_to - json.inventory_position, 0));
    expect(json.safety_stock).toBeCloseTo(json.order_up_to - json.expected_demand, 1);
    expect(json.assumptions.length).toBeGreaterThan(2);
  });

  it('without orders in the data set nothing is on order, and the assumptions say so', async () => {
    const { json } = await get(`/replenishment?store_id=S001&product_id=${UNORDERED}&day=90`);
    expect(json.on_order).toBe(0);
    expect(json.assumptions).toContain('The data set has no orders, so nothing counts as on order.');
    expect(json.assumptions.join()).not.toContain('units_ordered');
    expect((await get(PAIR)).json.assumptions.join()).toContain('units_ordered');
  });

  it('days since a pair last sold count as days without sales, and what was ordered before them was delivered', async () => {
    const rare = `/replenishment?store_id=S001&product_id=${RARE}`;
    const sales = (await golden.product('P0001')).sales.filter(
      ({ storeId, date }) => storeId === 'S001' && isRareDay(date),
    );
    const last = sales.at(-1);
    const onHand = Number(last?.inventory) - Number(last?.units);
    const [then, next, later] = await Promise.all([55, 56, 90].map((day) => get(`${rare}&day=${day}`)));
    expect(then?.json).toMatchObject({ on_hand: onHand, on_order: 0, history_days_used: 55 });
    expect(next?.json).toMatchObject({ on_hand: onHand, on_order: last?.ordered });
    expect(later?.json).toMatchObject({
      analysis_up_to_day: golden.dataSet.dates[89],
      on_hand: onHand + Number(last?.ordered),
      on_order: 0,
      history_days_used: 90,
    });
    expect(later?.json.expected_demand).toBeLessThan(then?.json.expected_demand);
  });

  it('a higher service level and a longer lead time order up to more', async () => {
    const [usual, lower, longer] = await Promise.all(
      ['', '&service_level=60', '&lead_time_days=6'].map((extra) => get(`${PAIR}${extra}`)),
    );
    expect(lower?.json.order_up_to).toBeLessThan(usual?.json.order_up_to);
    expect(longer?.json.order_up_to).toBeGreaterThan(usual?.json.order_up_to);
  });

  it('a planned price or promotion changes the order, and what was never seen is warned of', async () => {
    const elastic = `/replenishment?store_id=S001&product_id=${ELASTIC}&day=200`;
    const [usual, cheap, dear, promoted] = await Promise.all(
      ['', '&price=40&discount=10', '&price=5000', '&promotion=true'].map((extra) =>
        get(`${elastic}${extra}`),
      ),
    );
    expect(usual?.json.warnings).toBeUndefined();
    expect(cheap?.json).toMatchObject({ model: 'regression', warnings: [] });
    expect(cheap?.json.assumptions.at(-1)).toMatch(/net price is 36\.00 every day/);
    expect(Math.abs(cheap?.json.expected_demand / ((3 * 4_000) / 36) - 1)).toBeLessThan(0.1);
    expect(dear?.json.warnings).toEqual([
      expect.stringMatching(/^A planned net price, 5000\.00, is above all/),
    ]);
    expect(dear?.json.order_up_to).toBeLessThan(usual?.json.order_up_to);
    expect(promoted?.json.model).toBe('regression');
  });

  it('an order without a plan comes from the model of the forecast without one, at the last known price', async () => {
    const pair = `store_id=S001&product_id=${LASTING}&day=200`;
    const [order, forecast] = await Promise.all([
      get(`/replenishment?${pair}`),
      getForecast(`/demand/forecast?${pair}&horizon=3`),
    ]);
    expect(forecast.json.model).toBe('regression');
    expect(order.json).toMatchObject({ model: 'regression' });
    expect(order.json.warnings).toBeUndefined();
    const units = forecast.json.forecast.map((step: { forecast_units: number }) => step.forecast_units);
    const expected = units.reduce((sum: number, each: number) => sum + each, 0);
    expect(Math.abs(order.json.expected_demand / expected - 1)).toBeLessThan(0.25);
  });

  it('a plan that no model can use is said to change nothing', async () => {
    const { json } = await get(`${PAIR}&price=40`);
    expect(json.warnings).toEqual([expect.stringMatching(/^The plan doesn’t change this forecast/)]);
  });

  it('costs decide the service level, unless one is given', async () => {
    const decided = await get(`${PAIR}&underage_cost=3&overage_cost=1`);
    expect(decided.json.service_level).toBe(75);
    expect(decided.json.expected_cost).toBeGreaterThan(0);
    const given = await get(`${PAIR}&underage_cost=3&overage_cost=1&service_level=95`);
    expect(given.json.service_level).toBe(95);
    expect(given.json.expected_cost).toBeGreaterThan(0);
  });

  it('without ids the answer has an item for every pair, ascending, equal to the pair’s own answer', async () => {
    const [{ json: all }, { json: one }] = [await get('/replenishment?day=90'), await get(PAIR)];
    const keys = all.items.map((item: { store_id: string; product_id: string }) => {
      return `${item.store_id} ${item.product_id}`;
    });
    expect(keys).toHaveLength(100);
    expect(keys).toEqual(keys.toSorted());
    expect(one).toMatchObject(all.items[0]);
    const store = await get('/replenishment?day=90&store_id=S002');
    expect(store.json.items).toEqual(all.items.slice(20, 40));
    const product = await get('/replenishment?day=90&product_id=P0007');
    expect(product.json.items).toHaveLength(5);
  });

  it('a request for more pairs than one answer can have is refused with a remedy, before any history is read', async () => {
    [pairs, pairsOfStore] = [10_000, 20];
    expect(await get('/replenishment?day=90')).toMatchObject({
      statusCode: 422,
      json: {
        code: 'invalid_request',
        detail: expect.stringMatching(/more than 500 products in stores.*store_id.*product_id/s),
        errors: [{ field: 'query.product_id' }],
      },
    });
    expect(await get('/replenishment?day=90&store_id=S002')).toMatchObject({ statusCode: 200 });
    pairsOfStore = 501;
    expect(await get('/replenishment?day=90&store_id=S002')).toMatchObject({ statusCode: 422 });
    expect(await get('/replenishment?day=90&product_id=P0007')).toMatchObject({ statusCode: 200 });
    storesOfProduct = 501;
    [productsRead, storesRead] = [0, new Set()];
    expect(await get('/replenishment?day=90&product_id=P0007')).toMatchObject({
      statusCode: 422,
      json: { errors: [{ field: 'query.store_id' }] },
    });
    expect(productsRead).toBe(0);
  });

  it('of one store, only its own histories are read', async () => {
    [productsRead, storesRead] = [0, new Set()];
    expect(await get('/replenishment?day=90&store_id=S002')).toMatchObject({ statusCode: 200 });
    expect(productsRead).toBe(PRODUCTS.length);
    expect([...storesRead]).toEqual(['S002']);
  });

  it('the simulation’s current day is read once, however many products there are', async () => {
    expect(await get('/replenishment')).toMatchObject({ statusCode: 200 });
    expect(stateReads).toBe(1);
  });

  it('the histories of all products are read one after the other, so that memory holds one of them', async () => {
    mostReadsUnderWay = 0;
    expect(await get('/replenishment?day=90')).toMatchObject({ statusCode: 200 });
    expect(mostReadsUnderWay).toBe(1);
  });

  it('a history that is too short, an unknown pair and contradictory parameters are refused', async () => {
    expect(await get('/replenishment?store_id=S001&product_id=P0001&day=23')).toMatchObject({
      statusCode: 404,
      json: { detail: 'Need 24+ days of data, got 23.' },
    });
    expect((await get('/replenishment?day=20')).json).toMatchObject({ items: [], skipped_pairs: 100 });
    expect((await get('/replenishment?store_id=S999&product_id=P0001')).statusCode).toBe(404);
    for (const wrong of [
      'underage_cost=3',
      'lead_time_days=20&review_days=9',
      'service_level=100',
      'service_level=0',
      'review_days=0',
      'discount=10',
      'promotion=yes',
    ])
      expect((await get(`${PAIR}&${wrong}`)).statusCode).toBe(422);
  });
});
