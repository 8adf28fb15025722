// How long after a page has loaded a click on it is answered by the browser's program and not by a new document.

import { open, visit } from './chromium.mjs';

/** Milliseconds from the load event until the page was taken over, seen from inside of it. */
const LATER = () => {
  let loaded = 0;
  addEventListener('load', () => {
    loaded = performance.now();
  });
  new MutationObserver(() => {
    if (!document.documentElement.hasAttribute('data-ready') || globalThis.benchReady) return;
    const at = performance.now();
    globalThis.benchReady = {
      after: () => {
        if (!loaded) throw new Error('the page was never loaded');
        // One that is ready before its load event is in time.
        return Math.max(0, at - loaded);
      },
    };
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-ready'] });
};

export async function click(browser, world, pages, report) {
  for (const [name, path, token] of pages) {
    for (const [slower, budget] of [[1, 150], [4, 600]]) {
      await visit(browser, world, token, async ({ page, protocol }) => {
        await page.addInitScript(LATER);
        await protocol.send('Emulation.setCPUThrottlingRate', { rate: slower });
        await open(page, world.url + path);
        const after = await page.evaluate(() => globalThis.benchReady.after());
        report.add(`ms, first click, CPU ÷${slower}: ${name}`, after, { at_most: budget });
        // And it does work: the program answers it within the same document.
        await page.evaluate(() => {
          globalThis.benchSame = true;
        });
        const link = page.locator('a[href^="/"]:not([rel]):not([aria-current]):visible').first();
        const to = await link.getAttribute('href');
        await link.click();
        await page.waitForURL(world.url + to);
        if (!(await page.evaluate(() => globalThis.benchSame))) throw new Error(`a click on ${name} loaded a new document`);
      });
    }
  }
}
