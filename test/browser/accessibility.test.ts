import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cellOf } from '../support/calendar-cells.ts';
import {
  eventuallyOnPage,
  expectCompleteDay,
  expectText,
  pageFixture,
  pressNextDay,
} from '../support/page-fixture.ts';

const stage = pageFixture({ days: 25 });

/** What axe-core finds serious or critical on a page in its current state. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: typeof axe };
    return (await checker.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** Records every violation of the policy, starting before the page's own scripts run. */
async function openWatched(): Promise<{ page: Page; reports: () => Promise<string[]> }> {
  const page = await stage.openPage();
  await page.addInitScript(() => {
    const reports: string[] = [];
    Object.assign(window, { policyReports: reports });
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      reports.push(effectiveDirective);
    });
  });
  await page.reload();
  const reports = () => page.evaluate(() => (window as unknown as { policyReports: string[] }).policyReports);
  return { page, reports };
}

test('drawings remain distinguishable with forced colours', async () => {
  const page = await stage.openPage({ forcedColors: 'active' });
  await pressNextDay(page);
  await expectCompleteDay(page, 1);
  const background = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((each) => getComputedStyle(each).backgroundColor);
  expect(await background('#progress-fill')).not.toBe(await background('#progress'));
  await page.locator('#stores .bar-cell span').first().waitFor();
  const bars = [
    background('#stores .bar-cell span'),
    background('#stores'),
    background('#products .bar-cell span'),
  ];
  expect(new Set(await Promise.all(bars)).size).toBe(3);
  // The calendar is drawn in the frame after the texts.
  await eventuallyOnPage(async () => {
    const cells = [await cellOf(page, 1, 25), await cellOf(page, 25, 25)].map(({ left, top }) => [left, top]);
    const colours = await page
      .locator('#timeline-canvas')
      .evaluate(
        (canvas: HTMLCanvasElement, points) =>
          points.map(([left = 0, top = 0]) =>
            canvas.getContext('2d')?.getImageData(left, top, 1, 1).data.join(),
          ),
        cells,
      );
    expect(new Set(colours).size).toBe(2);
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test('axe-core finds nothing serious before and on the first day, nor in the dialogs', async () => {
    const page = await stage.openPage({ colorScheme, viewport: { width: 1280, height: 1600 } });
    await expectText(page, 'date', 'Before the first day');
    expect(await findings(page)).toEqual([]);
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await eventuallyOnPage(async () =>
      expect(await page.locator('#price-chart canvas').isVisible()).toBe(true),
    );
    expect(await findings(page)).toEqual([]);
    for (const [opens, closes] of [
      ['Keys and help', 'Close'],
      ['Reset', 'Cancel'],
    ] as const) {
      await page.getByRole('button', { name: opens }).click();
      expect(await findings(page)).toEqual([]);
      await page.locator('dialog[open]').getByRole('button', { name: closes }).click();
    }
  });

  test('axe-core finds nothing serious on a small screen, in any tab, with the run complete and everything open', async () => {
    await stage.post('/simulation/next-day?days=25');
    const page = await stage.openPage({ colorScheme, viewport: { width: 360, height: 4_000 } });
    await expectText(page, 'empty-state', /All 25 days have been played/);
    await page.getByText('What is measured').click();
    await page.getByText('Live sales').click();
    for (const [tab, shows] of [
      ['Forecast', 'Backtest'],
      ['Price', 'Elasticity'],
      ['Promotion', 'Days with promotion'],
      ['Replenishment', 'Assumptions'],
      ['Optimize', 'No trials yet'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel').getByText(shows).first().waitFor();
      expect(await findings(page)).toEqual([]);
    }
  });
});

describe('the Content-Security-Policy', () => {
  test('the page never violates its policy, and requests nothing from elsewhere', async () => {
    const { page, reports } = await openWatched();
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await eventuallyOnPage(async () =>
      expect(await page.locator('#price-chart canvas').isVisible()).toBe(true),
    );
    expect(await reports()).toEqual([]);
    expect(stage.foreignRequests).toEqual([]);
    expect(stage.errors).toEqual([]);
  });

  test('an injected inline script is reported and does not run', async () => {
    const { page, reports } = await openWatched();
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.append('window.injected = true');
      document.body.append(script);
    });
    await eventuallyOnPage(async () => expect((await reports()).length).toBeGreaterThan(0));
    expect(await page.evaluate(() => 'injected' in window)).toBe(false);
  });
});

describe('on any screen', () => {
  test('nothing is wider than a screen of 320 px in any tab, with every panel drawn', async () => {
    await stage.post('/simulation/next-day?days=25');
    const page = await stage.openPage({ viewport: { width: 320, height: 4_000 } });
    await expectText(page, 'empty-state', /All 25 days have been played/);
    await page.getByText('Live sales').click();
    await eventuallyOnPage(async () =>
      expect(await page.locator('#price-chart canvas').isVisible()).toBe(true),
    );
    const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    for (const [tab, shows] of [
      ['Forecast', 'Backtest'],
      ['Price', 'Elasticity'],
      ['Promotion', 'Days with promotion'],
      ['Replenishment', 'Assumptions'],
      ['Optimize', 'No trials yet'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel').getByText(shows).first().waitFor();
      expect(await beyond()).toBeLessThanOrEqual(0);
    }
  });

  test.each([360, 768, 1024, 1280, 1920, 2560, 3840])(
    'nothing is wider than a screen of %i px',
    async (width) => {
      const page = await stage.openPage({ viewport: { width, height: 900 } });
      await pressNextDay(page);
      await expectCompleteDay(page, 1);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(beyond).toBeLessThanOrEqual(0);
    },
  );

  test.each([360, 1280, 2560])(
    'on a screen of %i px nothing moves when figures arrive or a speed is chosen',
    async (width) => {
      const page = await stage.openPage({ viewport: { width, height: 1600 } });
      await page.addInitScript(() => {
        Object.assign(window, { shifted: 0 });
        new PerformanceObserver((list) => {
          const scores = list.getEntries().map((entry) => ('value' in entry ? Number(entry.value) : 0));
          const known = window as unknown as { shifted: number };
          known.shifted += scores.reduce((sum, score) => sum + score, 0);
        }).observe({ type: 'layout-shift', buffered: true });
      });
      await page.reload();
      await expectText(page, 'date', 'Before the first day');
      await stage.post('/simulation/next-day');
      await expectCompleteDay(page, 1);
      await stage.post('/simulation/next-day?days=2');
      await expectCompleteDay(page, 3);
      for (const name of ['½ day per second', '10 days per second']) {
        await page.getByRole('radio', { name }).check();
      }
      // Google rates up to 0.1 as good.
      expect(await page.evaluate(() => (window as unknown as { shifted: number }).shifted)).toBeLessThan(
        0.02,
      );
    },
  );

  test('the trace does not move when its times arrive or are unavailable', async () => {
    const page = await stage.openPage({ viewport: { width: 1280, height: 3_000 } });
    const begin = () =>
      page
        .locator('#trace li')
        .first()
        .evaluate((each) => each.getBoundingClientRect().left);
    await expectText(page, 'trace-about', /Available after/);
    const before = await begin();
    await page.route('**/metrics', (route) => route.abort());
    await pressNextDay(page);
    await expectText(page, 'trace-about', /^Unavailable/);
    expect(await begin()).toBe(before);
    await page.unrouteAll();
    await expectText(page, 'trace-about', /day 1$/);
    expect(await begin()).toBe(before);
  });

  test('the handles of the brush are large enough for a finger', async () => {
    const page = await stage.openPage();
    await stage.post('/simulation/next-day?days=10');
    await expectCompleteDay(page, 10);
    for (const id of ['brush-from', 'brush-to']) {
      await eventuallyOnPage(async () => {
        const hit = await page.locator(`#${id}`).evaluate((handle) => {
          // A point beyond the edge of the screen belongs to no element.
          handle.scrollIntoView({ block: 'center' });
          const { x, y, width, height } = handle.getBoundingClientRect();
          const [middle, centre] = [x + width / 2, y + height / 2];
          return [-11, 11].map((aside) => document.elementFromPoint(middle + aside, centre)?.id);
        });
        expect(hit).toEqual([id, id]);
      });
    }
  });

  test('nothing is animated with reduced motion', async () => {
    const page = await stage.openPage({ reducedMotion: 'reduce' });
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});
