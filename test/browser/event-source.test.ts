import { expect, test } from 'vitest';
import { faultsOf, serveQuietStream } from '../clients/quiet-stream.ts';
import { openBrowser } from '../support/browser.ts';

test("the browser's own EventSource receives every sale once over reconnections, and no empty message", async () => {
  const stream = await serveQuietStream();
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(stream.url);
    expect(faultsOf(await stream.reported, stream.saleIds)).toEqual([]);
    expect(stream.connections()).toBeGreaterThan(2);
  } finally {
    await browser.close();
    await stream.close();
  }
});
