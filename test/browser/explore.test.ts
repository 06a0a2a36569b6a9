import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { select } from '../../shared/mysql/connection.ts';
import type {
  DemandOptimization,
  ForecastAnswer,
  PriceAnswer,
  PromotionAnswer,
  ReplenishmentAnswer,
} from '../../web/answers.ts';
import { planFact } from '../../web/explore/plan-fields.tsx';
import { competitorFact } from '../../web/explore/price-tab.tsx';
import { recommendation } from '../../web/explore/replenishment-tab.tsx';
import { formatDecimal, formatInteger } from '../../web/format.ts';
import { eventually } from '../support/eventually.ts';
import { fetchPatiently } from '../support/http-client.ts';
import { expectCompleteDay, PATIENCE_SECONDS, pageFixture, saveScreenshot } from '../support/page-fixture.ts';

const TOKEN = 'open-sesame';
const stage = pageFixture({ days: 40, apiToken: TOKEN });
const TALL = { width: 1280, height: 2_000 };
const PAIR = 'store_id=S001&product_id=P0001';
const WITH_TOKEN = { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } };

/** Opens the page after a number of days has been played, and scrolls to the panel. */
async function askAt(days: number): Promise<Page> {
  if (days > 0) await stage.post(`/simulation/next-day?days=${days}`);
  const page = await stage.openPage({ viewport: TALL });
  if (days > 0) await expectCompleteDay(page, days);
  await page.locator('#explore').scrollIntoViewIfNeeded();
  await page.getByRole('tab', { name: 'Forecast' }).waitFor();
  return page;
}

async function get<Body>(path: string): Promise<Body> {
  return (await fetchPatiently(stage.system.url + path)).json();
}

const panel = (page: Page) => page.getByRole('tabpanel');
const openTab = (page: Page, name: string) => page.getByRole('tab', { name }).click();
const shows = (page: Page, text: string | RegExp) =>
  eventually(async () => expect(await panel(page).textContent()).toMatch(text), PATIENCE_SECONDS);
const moveSlider = (page: Page, name: string, value: number) =>
  page.getByRole('slider', { name, exact: true }).fill(String(value));

describe('the explore panel', () => {
  test('the panel says what will fill it until there is enough history', async () => {
    const page = await askAt(0);
    await shows(page, 'Play 20 days to see the next days');
    await stage.post('/simulation/next-day?days=3');
    await shows(page, 'Play 17 more days');
    await openTab(page, 'Price');
    await shows(page, /Elasticity/);
  });

  test('the panel requests stores and products until it gets them', async () => {
    await stage.post('/simulation/next-day?days=25');
    const page = await stage.openPage({ viewport: TALL, fails: '**/sales/summary?by=*' });
    await shows(page, 'Loading stores and products …');
    await page.unrouteAll();
    await shows(page, 'Holt–Winters');
  });

  test('the forecast equals the API’s, follows the simulation, and changes with the product', async () => {
    const page = await askAt(25);
    const forecast = (day: number, pair = PAIR) =>
      get<ForecastAnswer>(`/demand/forecast?${pair}&horizon=14&day=${day}`);
    const tomorrow = ({ forecast: [first] }: ForecastAnswer) => {
      const [narrow, wide] = first?.intervals ?? [];
      return [first?.forecast_units, narrow?.lower, narrow?.upper, wide?.lower, wide?.upper].map((value) =>
        formatDecimal(value ?? null),
      );
    };
    const expected = await forecast(25);
    await shows(page, 'History up to Tue 25 Jan 2022, day 25');
    const text = await panel(page).textContent();
    for (const figure of tomorrow(expected)) expect(text).toContain(figure);
    const chosen = expected.backtest.models.find(({ model }) => model === expected.model);
    expect(await panel(page).locator('tr[data-marked]').textContent()).toContain(
      formatDecimal(chosen?.rmsse ?? null, 3),
    );
    expect(await panel(page).getByRole('img').getAttribute('aria-label')).toMatch(
      /sold on 25 days, and forecast for 14/,
    );

    await stage.post('/simulation/next-day');
    await shows(page, 'day 26');
    await shows(page, tomorrow(await forecast(26))[0] ?? 'a figure');

    await page.locator('#explore').getByLabel('Product').selectOption('P0007');
    const other = await forecast(26, 'store_id=S001&product_id=P0007');
    await shows(page, formatDecimal(other.forecast[0]?.forecast_units ?? null));
    expect(stage.errors).toEqual([]);
    expect(stage.foreignRequests).toEqual([]);
  });

  test('the price tab shows the figures of the API and the database', async () => {
    const page = await askAt(22);
    await openTab(page, 'Price');
    const price = await get<PriceAnswer>('/price/sensitivity?product_id=P0001&day=22');
    const [row] = await select<{ units: number; sales: number }>(
      stage.system.pool,
      `SELECT AVG(units_sold) AS units, COUNT(*) AS sales FROM kafka_events
        WHERE product_id = 'P0001' AND run_id = (SELECT run_id FROM kafka_events ORDER BY id DESC LIMIT 1)`,
    );
    expect(row?.sales).toBe(110);
    await shows(page, `${formatDecimal(Number(row?.units))} units`);
    const text = await panel(page).textContent();
    for (const figure of [
      formatDecimal(price.log_log_regression?.elasticity ?? null),
      formatDecimal(price.log_log_regression?.interval_95?.low ?? null),
      formatDecimal(price.elasticity),
      price.regression.verdict,
      formatDecimal(price.regression.elasticity),
      competitorFact(
        price.competitor_price_gap ?? { mean_gap: 0, mean_gap_pct: 0, cheaper_share: 0, records: 0 },
      ).value,
      price.elasticity_warning ?? '',
      price.interpretation,
    ]) {
      expect(text).toContain(figure);
    }
    // The verdict that contradicts it is folded away, and called what it is.
    expect(await panel(page).getByText(price.regression.verdict).isVisible()).toBe(true);
    expect(await panel(page).getByText(price.interpretation).isVisible()).toBe(false);
    await panel(page).getByText('the legacy measure').click();
    expect(
      await panel(page)
        .getByText(/^The legacy verdict/)
        .isVisible(),
    ).toBe(true);
    await saveScreenshot(page, 'price-tab');
  });

  test('a planned price is forecast by the API’s regression, beside the forecast without it', async () => {
    const page = await askAt(35);
    await shows(page, 'Plan the days ahead');
    await page.getByRole('spinbutton', { name: 'Price' }).fill('10');
    await page.getByLabel('Discount %').fill('20');
    await shows(page, 'Your plan, 14 days');
    const body = (dates: readonly string[]) =>
      JSON.stringify({
        days: dates.map((date) => ({
          date,
          price: 10,
          discount: 20,
          promotion: lastOffer?.promotion ?? false,
        })),
      });
    const path = `/demand/forecast?${PAIR}&horizon=14&day=35&model=regression`;
    const before = await get<ForecastAnswer>(path);
    const lastOffer = before.forecast[0]?.offer;
    const response = await fetch(stage.system.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: body(before.forecast.map(({ date }) => date)),
    });
    const planned: ForecastAnswer = await response.json();
    expect(planned.forecast[0]?.offer).toMatchObject({ net_price: 8, planned: true });
    await shows(page, planFact(planned, before).value);
    await shows(page, 'against the last offer');
    await saveScreenshot(page, 'plan');
    await page.getByRole('spinbutton', { name: 'Price' }).fill('');
    await page.getByLabel('Discount %').fill('');
    await eventually(
      async () => expect(await panel(page).textContent()).not.toMatch(/Your plan, 14/),
      PATIENCE_SECONDS,
    );
    expect(stage.errors).toEqual([]);
  });

  test('a planned price far outside those of the past is called extrapolated, in plain sight', async () => {
    const page = await askAt(35);
    await shows(page, 'Plan the days ahead');
    await page.getByRole('spinbutton', { name: 'Price' }).fill('9999');
    await shows(page, 'is above all that were seen');
    const warning = panel(page).locator('.plan-warnings .warning');
    expect(await warning.isVisible()).toBe(true);
    await page.getByRole('spinbutton', { name: 'Price' }).fill('');
    await eventually(async () => expect(await warning.count()).toBe(0), PATIENCE_SECONDS);
  });

  test('a planned number can begin with 0, and a discount that the API refuses is not cut', async () => {
    const page = await askAt(35);
    await shows(page, 'Plan the days ahead');
    const price = page.getByRole('spinbutton', { name: 'Price' });
    await price.pressSequentially('0.5', { delay: 50 });
    expect(await price.inputValue()).toBe('0.5');
    await shows(page, 'Your plan, 14 days');
    expect(await price.inputValue()).toBe('0.5');

    const discount = page.getByLabel('Discount %');
    await discount.pressSequentially('150');
    await shows(page, 'A discount can be at most 99 %');
    await eventually(
      async () => expect(await panel(page).textContent()).not.toMatch(/Your plan, 14/),
      PATIENCE_SECONDS,
    );
    expect(await discount.inputValue()).toBe('150');
    await discount.fill('0');
    await shows(page, 'Empty fields keep the current offer.');
    await shows(page, 'Your plan, 14 days');
    expect(await discount.inputValue()).toBe('0');
    expect(stage.errors).toEqual([]);
  });

  test('a planned forecast without an answer is called unreachable, not a change of the simulation', async () => {
    const page = await askAt(35);
    await shows(page, 'Plan the days ahead');
    await page.route('**/demand/forecast*', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await page.getByRole('spinbutton', { name: 'Price' }).fill('10');
    await shows(page, 'server_unreachable');
    expect(await panel(page).textContent()).not.toContain('no_answer');
  });

  test('the replenishment tab shows the order of the API, for a policy or for costs', async () => {
    const page = await askAt(35);
    await openTab(page, 'Replenishment');
    const order = (policy: string) => get<ReplenishmentAnswer>(`/replenishment?${PAIR}&day=35&${policy}`);
    const figures = (answer: ReplenishmentAnswer) => [
      recommendation(answer),
      `order-up-to level ${formatInteger(answer.order_up_to)}`,
      `${formatDecimal(answer.safety_stock, 1)} units`,
      `${formatDecimal(answer.expected_shortage)} units`,
      `${formatInteger(answer.on_hand)} on hand`,
    ];
    const first = await order('service_level=95');
    await shows(page, first.assumptions[0] ?? '');
    for (const figure of figures(first)) expect(await panel(page).textContent()).toContain(figure);

    await moveSlider(page, 'Lead time', 5);
    await moveSlider(page, 'Review period', 3);
    await moveSlider(page, 'Service level', 80);
    const other = await order('lead_time_days=5&review_days=3&service_level=80');
    await shows(page, other.assumptions[0] ?? '');
    for (const figure of figures(other)) await shows(page, figure);

    await page.getByLabel('Cost per unit short').fill('9');
    await page.getByLabel('Cost per unit left over').fill('1');
    const costly = await order('lead_time_days=5&review_days=3&underage_cost=9&overage_cost=1');
    await shows(page, 'These costs imply a service level of 90.0 %.');
    await shows(page, formatDecimal(costly.expected_cost));
    for (const figure of figures(costly)) await shows(page, figure);
    await saveScreenshot(page, 'replenishment');
    expect(stage.errors).toEqual([]);
  });

  test('the panel works by keyboard: one stop for the tabs, arrows choose', async () => {
    const page = await askAt(22);
    const chosen = () =>
      page.evaluate(() => [document.activeElement?.textContent, document.activeElement?.role]);
    await page.getByRole('tab', { name: 'Forecast' }).focus();
    for (const [key, name] of [
      ['ArrowRight', 'Price'],
      ['End', 'Optimize'],
      ['ArrowRight', 'Forecast'],
      ['ArrowLeft', 'Optimize'],
      ['Home', 'Forecast'],
      ['ArrowRight', 'Price'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await chosen()).toEqual([name, 'tab']);
      expect(await page.getByRole('tab', { selected: true }).textContent()).toBe(name);
      expect(await page.getByRole('tabpanel', { name }).isVisible()).toBe(true);
      expect(await page.getByRole('tabpanel').count()).toBe(1);
    }
    await shows(page, 'History up to');
    await page.keyboard.press('Tab');
    expect((await chosen())[1]).not.toBe('tab');
    // None of the keys has played a day.
    expect(await get<object>('/simulation/status')).toMatchObject({ day_index: 21 });
  });

  test('the promotion tab shows the last discount that was set, whichever answer arrives last', async () => {
    const page = await askAt(22);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const answers = { held: false };
    await page.route('**/promotions/simulate?*discount_pct=20&*', async (route) => {
      answers.held = true;
      await held;
      await route.continue().catch(() => undefined);
    });
    await openTab(page, 'Promotion');
    await shows(page, 'A 10.0% discount');
    await moveSlider(page, 'Discount', 20);
    await eventually(() => expect(answers.held).toBe(true));
    await moveSlider(page, 'Discount', 5);
    const { projected_units, per_store, promotion_verdict } = await get<PromotionAnswer>(
      '/promotions/simulate?product_id=P0001&discount_pct=5&day=22',
    );
    await shows(page, 'A 5.0% discount');
    release();
    await page.unrouteAll({ behavior: 'wait' });
    const text = await panel(page).textContent();
    expect(text).toContain('A 5.0% discount');
    expect(text).toContain(`${formatDecimal(projected_units)} units`);
    expect(await panel(page).locator('.recommendation').textContent()).toBe(promotion_verdict);
    expect(await panel(page).locator('tbody tr').count()).toBe(per_store.length);
  });

  test('a problem is shown with its code and remedy above the last good answer, and can be retried', async () => {
    const page = await askAt(22);
    await openTab(page, 'Price');
    await shows(page, 'Elasticity');
    const problem = {
      code: 'dependency_unavailable',
      title: 'A server does not answer',
      detail: 'MySQL.',
      status: 503,
    };
    let isAway = true;
    await page.route('**/price/sensitivity*', (route) =>
      isAway ? route.fulfill({ status: 503, json: problem }) : route.continue(),
    );
    await stage.post('/simulation/next-day');
    await shows(page, 'dependency_unavailable');
    await shows(page, 'Wait a few seconds');
    await shows(page, 'History up to Sat 22 Jan 2022, day 22');
    expect(await panel(page).getByText('Log-log regression').first().isVisible()).toBe(true);
    // From here on the simulation doesn't advance, so only the button can cause another request, once the one is over that
    // the day's last sales cause within a second or two.
    await expectCompleteDay(page, 23);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
    await eventually(
      async () => expect(await panel(page).getAttribute('aria-busy')).toBe('false'),
      PATIENCE_SECONDS,
    );
    isAway = false;
    await page.getByRole('button', { name: 'Try again' }).dispatchEvent('click');
    await shows(page, 'day 23');
    expect(await panel(page).textContent()).not.toContain('dependency_unavailable');
  });

  test('a search asks for the token once, and lists every stored trial', async () => {
    const page = await askAt(30);
    await openTab(page, 'Optimize');
    await shows(page, 'No trials yet');
    await moveSlider(page, 'Trials', 10);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByLabel('Token', { exact: true }).fill(TOKEN);
    await page.keyboard.press('Enter');
    await shows(page, /10 trials over history up to Sun 30 Jan 2022/);
    const search = `/optimize/demand?${PAIR}&n_trials=10&day=30`;
    const { optimization }: DemandOptimization = await (
      await fetch(stage.system.url + search, WITH_TOKEN)
    ).json();
    expect(await panel(page).textContent()).toContain(formatDecimal(optimization.best_rmse, 4));
    expect(await panel(page).getByRole('img').getAttribute('aria-label')).toMatch(/^Errors of 10 trials/);

    await moveSlider(page, 'Trials', 5);
    await page.getByRole('button', { name: 'Search' }).click();
    await shows(page, /5 trials over history/);
    const [stored] = await select<{ trials: number }>(
      stage.system.pool,
      `SELECT COUNT(*) AS trials FROM optuna_trials
        WHERE run_id = (SELECT run_id FROM kafka_events ORDER BY id DESC LIMIT 1)`,
    );
    expect(stored?.trials).toBe(25);
    await panel(page).locator('tbody tr').nth(24).waitFor();
    expect(await panel(page).locator('tbody tr').count()).toBe(25);
    expect(await panel(page).locator('tr[data-marked]').first().textContent()).toContain(
      formatDecimal(optimization.best_rmse, 4),
    );
    // The search is still there after a look at another product.
    await page.locator('#explore').getByLabel('Product').selectOption('P0007');
    await shows(page, 'No trials yet');
    await page.locator('#explore').getByLabel('Product').selectOption('P0001');
    await shows(page, /5 trials over history/);
    // Another run has no trials and no search, though it reaches the same day.
    await stage.post('/simulation/reset');
    await stage.post('/simulation/next-day?days=30');
    await shows(page, 'No trials yet');
    expect(await panel(page).textContent()).not.toMatch(/5 trials over history/);
  });

  test.each([
    ['Forecast', 'GET /demand/backtest', 'forecast-backtestDemand'],
    ['Optimize', 'POST /optimize/demand', 'optimize-optimizeDemand'],
  ])('each endpoint of %s links to its operation in the documentation', async (tab, endpoint, operation) => {
    const page = await askAt(22);
    await openTab(page, tab);
    await shows(page, endpoint);
    await panel(page).getByRole('link', { name: endpoint }).click();
    await page.locator(`#operations-${operation}.is-open`).waitFor();
    expect(await page.locator('.opblock.is-open').count()).toBe(1);
  });
});
