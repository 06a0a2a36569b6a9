import type { JSHandle, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  dayOf,
  eventuallyOnPage,
  expectCompleteDay,
  expectShown,
  expectText,
  pageFixture,
  pressNextDay,
  textOf,
  waitUntilReady,
} from '../support/page-fixture.ts';

const NEXT_DAY = '**/simulation/next-day*';
const stage = pageFixture({ days: 60, ownProcess: true, process: { chaos: true } });

const isShown = (page: Page, id: string) => page.locator(`#${id}`).isVisible();
const isBusy = (page: Page) => page.locator('#next-day').getAttribute('aria-busy');

/** Records what elements show from now on, by their id: the text of each change, empty while one is hidden. */
function recordTexts(page: Page, ...ids: readonly string[]): Promise<JSHandle<string[]>> {
  return page.evaluateHandle((watched) => {
    const texts: string[] = [];
    for (const id of watched) {
      const element = document.getElementById(id);
      if (element === null) throw new Error(`No element ${id}`);
      const note = () => texts.push(element.hidden ? '' : (element.textContent ?? ''));
      note();
      const changes = { attributes: true, characterData: true, childList: true, subtree: true };
      new MutationObserver(note).observe(element, changes);
    }
    return texts;
  }, ids);
}

async function simulationDay(): Promise<number> {
  const { day_index } = await (await fetch(`${stage.system.url}/simulation/status`)).json();
  return day_index;
}

describe('a request of the page', () => {
  test('a request that hangs shows on its button, is given up with an unknown outcome, and is forgotten with the next day', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    await page.route(NEXT_DAY, () => undefined);
    await pressNextDay(page);
    await eventuallyOnPage(async () => expect(await isBusy(page)).toBe('true'));
    expect(await isShown(page, 'banner')).toBe(false);
    await expectText(page, 'banner-title', 'The outcome of your request isn’t known');
    await expectText(page, 'banner-detail', /within 10 seconds/);
    // The message and the button are drawn one after the other.
    await eventuallyOnPage(async () => expect(await isBusy(page)).toBe('false'));
    // The message is about the request alone: the stream lives.
    await expectText(page, 'connection-text', /^Live$/);
    await stage.post('/simulation/next-day');
    await expectCompleteDay(page, 1);
    await expectShown(page, 'banner', false);
  });

  test('a request that fails says so at once, and its message goes when a later one works', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    await page.route(NEXT_DAY, (route) => route.abort());
    await pressNextDay(page);
    await expectText(page, 'banner-code', 'no_answer');
    await expectText(page, 'connection-text', /^Live$/);
    await page.unrouteAll();
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    // The stream may show the day before the answer has arrived.
    await expectShown(page, 'banner', false);
  });

  test('a request whose answer is lost is no problem once the stream has shown its effect', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    const { promise: isLost, resolve: lose } = Promise.withResolvers<void>();
    await page.route(NEXT_DAY, async (route) => {
      await route.fetch();
      await isLost;
      await route.abort();
    });
    const lost = page.waitForEvent('requestfailed');
    const banners = await recordTexts(page, 'banner');
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    // A button is busy only after a moment.
    await eventuallyOnPage(async () => expect(await isBusy(page)).toBe('true'));
    lose();
    await lost;
    await eventuallyOnPage(async () => expect(await isBusy(page)).toBe('false'));
    // The page draws its state at least once a second, a banner too.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_100)));
    expect((await banners.jsonValue()).filter((banner) => banner !== '')).toEqual([]);
  });

  test('a request that an offline device could not send says so, and the next one works', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    await page.context().setOffline(true);
    await pressNextDay(page);
    // The server may be on the same machine, so the request was tried nevertheless.
    await expectText(page, 'banner-title', 'The outcome of your request isn’t known');
    await page.context().setOffline(false);
    await waitUntilReady(page);
    expect(await simulationDay()).toBe(-1);
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await expectShown(page, 'banner', false);
  });
});

describe('a page of this machine', () => {
  test('a device without a network plays on with a server of its own', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    await page.evaluate(() => Object.defineProperty(navigator, 'onLine', { value: false }));
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    expect(await isShown(page, 'banner')).toBe(false);
  });
});

describe('another viewer', () => {
  test('a reset by another viewer is announced, ends playback, and stays announced while the new run begins', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    // A request accepted after the reset would begin the new run: only the first leaves the page.
    let sent = 0;
    await page.route(NEXT_DAY, async (route) => {
      sent += 1;
      if (sent === 1) await route.continue();
    });
    await page.getByRole('radio', { name: '½ day per second' }).check();
    await page.getByRole('button', { name: 'Play' }).click();
    await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThan(0));
    await stage.post('/simulation/reset');
    await expectText(page, 'notice-title', 'Another viewer started the run again');
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await stage.post('/simulation/next-day');
    await expectCompleteDay(page, 1);
    expect(await isShown(page, 'notice')).toBe(true);
    // A request that hangs has a message of its own after a while.
    await page.locator('#notice').getByRole('button', { name: 'Dismiss' }).click();
    await expectShown(page, 'notice', false);
  });

  test('a reset of this page is not announced', async () => {
    const page = await stage.openPage();
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.locator('#reset-dialog').getByRole('button', { name: 'Reset' }).click();
    await expectText(page, 'date', 'Before the first day');
    expect(await isShown(page, 'notice')).toBe(false);
  });

  test('a far advance is announced to the other viewer, not to the one who made it', async () => {
    const [own, other] = [await stage.openPage(), await stage.openPage()];
    for (const page of [own, other]) await waitUntilReady(page);
    await own.getByRole('slider', { name: 'Days of the calendar' }).focus();
    await own.keyboard.press('End');
    await own.keyboard.press('Enter');
    await own.getByRole('button', { name: 'Advance', exact: true }).click();
    await expectText(other, 'connection-text', /^Live · by another viewer \+\d+ days$/);
    await expectCompleteDay(own, 60);
    await eventuallyOnPage(async () => expect(await dayOf(own)).toBe(await dayOf(other)));
    await expectText(own, 'connection-text', /^Live$/);
  });
});

describe('a pipeline that stands still', () => {
  test('playback waits for a paused consumer, the page counts what is under way, and playback goes on by itself', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    const body = JSON.stringify({ action: 'pause', seconds: 30 });
    const paused = await fetch(`${stage.system.url}/chaos/consumer`, { method: 'POST', body });
    expect(paused.status).toBe(202);
    await page.getByRole('radio', { name: '5 days per second' }).check();
    await page.getByRole('button', { name: 'Play' }).click();
    await expectText(page, 'progress-text', /^0 of \d+ days? stored · [\d,]+ sales? under way · waiting$/);
    // In this time playback would request 50 days. At most five wait, and those of one request more.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 10_000)));
    const waiting = await simulationDay();
    expect(waiting + 1).toBeLessThanOrEqual(10);
    expect(await textOf(page, 'play-text')).toBe('Pause');
    await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThan(waiting + 1));
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    expect(await isShown(page, 'banner')).toBe(false);
  });

  test('a person who breaks the consumer from the first view sees it at once, what waits in Kafka, and that nothing is lost', async () => {
    await stage.post('/simulation/next-day');
    const page = await stage.openPage();
    await expectCompleteDay(page, 1);
    // Longer than the page asks for, so that a busy machine has the time to look at it.
    await page.route('**/chaos/consumer', (route) =>
      route.continue({ postData: JSON.stringify({ action: 'pause', seconds: 30 }) }),
    );
    await page.getByRole('link', { name: 'Break it' }).click();
    // Recorded, because a busy machine may look only when the consumer goes on.
    const [trace, proof] = [await recordTexts(page, 'trace'), await recordTexts(page, 'resilience')];
    await page.getByRole('button', { name: 'pause Consumer' }).click();
    await eventuallyOnPage(async () =>
      expect((await proof.jsonValue()).join('\n')).toMatch(/Consumer paused, \d+ s left/),
    );
    await page.keyboard.press('ArrowRight');
    await expectCompleteDay(page, 2);
    const traces = (await trace.jsonValue()).join('\n');
    expect(traces).toMatch(/100 of 200 stored, 0 lost, 0 doubled/);
    expect(traces).toMatch(/lag 100\D/);
    expect((await proof.jsonValue()).join('\n')).toMatch(/under way100lost/);
    await expectText(page, 'resilience', /published200stored200distinct200under way0lost0doubled0/);
    await expectText(page, 'trace', /lag 0.*200 of 200 stored, 0 lost, 0 doubled/);
    await eventuallyOnPage(async () =>
      expect(await textOf(page, 'resilience')).not.toMatch(/paused|going on/),
    );

    // The proof of a run that another viewer ended doesn't stay.
    await stage.post('/simulation/reset');
    await expectText(page, 'trace-proof', /^0 of 0 stored, 0 lost, 0 doubled$/);
    await expectText(page, 'proof-published', /^0$/);
  });

  test('the light is no longer green 15 seconds after the server froze, and is again when it is back', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    const lamp = () => page.locator('#connection').getAttribute('data-state');
    expect(await lamp()).toBe('live');
    // By the page's own clock: how long the test needs to notice is no delay of the page.
    await page.locator('#connection').evaluate((connection) => {
      new MutationObserver((_, observer) => {
        if (connection.getAttribute('data-state') === 'live') return;
        observer.disconnect();
        Object.assign(window, { darkAt: Date.now() });
      }).observe(connection, { attributeFilter: ['data-state'] });
    });
    const { pid } = stage.system;
    process.kill(pid, 'SIGSTOP');
    const frozenAt = await page.evaluate(() => Date.now());
    try {
      await eventuallyOnPage(async () => expect(await lamp()).not.toBe('live'));
      const darkAt = await page.evaluate(() => ('darkAt' in window ? Number(window.darkAt) : Number.NaN));
      expect(darkAt - frozenAt).toBeLessThan(15_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await eventuallyOnPage(async () => expect(await lamp()).toBe('live'));
  });
});
