// What a visit transfers: the first one with nothing kept, and the second.

import { open, visit } from './chromium.mjs';

export async function bytes(browser, world, pages, report) {
  for (const [name, path, token] of pages) {
    await visit(browser, world, token, async ({ page, protocol }) => {
      await protocol.send('Network.enable');
      let sum = 0;
      protocol.on('Network.loadingFinished', ({ encodedDataLength }) => {
        sum += encodedDataLength;
      });
      for (const [turn, budget] of [['first', 300], ['second', 20]]) {
        sum = 0;
        await open(page, world.url + path);
        await page.waitForLoadState('networkidle');
        report.add(`KB, ${turn} visit: ${name}`, sum / 1_000, { at_most: budget });
        // Away and back: what a page keeps in itself is gone, what the browser keeps is not.
        await page.goto('about:blank');
      }
    });
  }
}
