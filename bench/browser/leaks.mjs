// What a page still holds after it was used for long, and whether it is still quick.

import { open, visitor } from './chromium.mjs';

const NAVIGATIONS = 200;
const MESSAGES = 5_000;
/** Of what was there before, in percent. */
const MOST_GROWTH = 10;
/** Messages that are said at a time. */
const STEP = 100;
/** How long to go on, in milliseconds; and how much slower the last ones may be than the first. */
const PATIENCE = 180_000;
const MOST_SLOWER = 2;
/** The longest task of a page while it scrolls through a long list, in milliseconds. */
const MOST_BLOCKED = 200;

/** What is held after everything that can be thrown away was. */
async function held(protocol) {
  for (let i = 0; i < 3; i += 1) await protocol.send('HeapProfiler.collectGarbage');
  const { metrics } = await protocol.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
}

function grown(report, what, before, after) {
  for (const name of Object.keys(before)) {
    report.add(`% more ${name}, ${what}`, (after[name] / before[name] - 1) * 100, { at_most: MOST_GROWTH });
  }
}

export async function navigations(browser, world, report) {
  const { context, page, protocol } = await visitor(browser, world, world.token);
  await protocol.send('Performance.enable');
  await open(page, `${world.url}/`);
  await page.evaluate(() => {
    globalThis.benchSame = true;
  });
  let before;
  for (let n = 0; n < NAVIGATIONS; n += 1) {
    const path = ['/meals', '/chat', '/me', '/'][n % 4];
    await page.locator(`nav.nav a.nav__item[href="${path}"]`).click();
    await page.waitForURL(world.url + path);
    await page.locator(`nav.nav a.nav__item[href="${path}"][aria-current]`).waitFor();
    // What is kept once for each page is there by then.
    if (n === NAVIGATIONS / 4 - 1) before = await held(protocol);
  }
  grown(report, `${NAVIGATIONS} navigations`, before, await held(protocol));
  if (!(await page.evaluate(() => globalThis.benchSame))) throw new Error('a navigation loaded a new document');
  await context.close();
}

export async function messages(browser, world, report) {
  const { context, page, protocol } = await visitor(browser, world, world.token);
  await protocol.send('Performance.enable');
  await open(page, `${world.url}/chat/${world.room}`);
  await page.locator('html[data-live]').waitFor();
  await said(world, page, STEP);
  const before = await held(protocol);
  const [until, each] = [Date.now() + PATIENCE, []];
  // Step by step, so that the page gets all of them: one that falls behind is told only the newest.
  while (each.length * STEP < MESSAGES && Date.now() < until) each.push(await said(world, page, STEP));
  const after = await held(protocol);
  const heard = each.length * STEP;
  report.add(`messages shown of ${MESSAGES}`, heard, { at_least: MESSAGES });
  report.add(`ms a message, first ${STEP}`, each[0]);
  report.add(`ms a message, last ${STEP}`, each.at(-1));
  report.add('slower at the end, times', each.at(-1) / each[0], { at_most: MOST_SLOWER });
  const more = await page.evaluate(() => document.querySelectorAll('main *').length);
  report.add('bytes of heap more for each', (after.heap - before.heap) / heard);
  report.add('elements of the room after them', more);
  await responsive(page, report);
  await context.close();
}

/** Milliseconds that each of so many messages takes until it stands on the page. */
async function said(world, page, count) {
  const begun = Date.now();
  const last = `${await world.talk(count)}번째로 말해요`;
  await page.getByText(last, { exact: true }).waitFor({ state: 'attached', timeout: PATIENCE });
  return (Date.now() - begun) / count;
}

/** Scrolls through the log and types, and sees for how long the page was busy at a time. */
async function responsive(page, report) {
  await page.evaluate(() => {
    globalThis.benchLongest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.benchLongest = Math.max(globalThis.benchLongest, duration);
    }).observe({ type: 'longtask' });
  });
  await page.mouse.move(195, 400);
  for (let n = 0; n < 20; n += 1) {
    await page.mouse.wheel(0, n % 2 ? 3_000 : -3_000);
    await page.waitForTimeout(50);
  }
  await page.locator('#say').fill('아직 빨라요');
  await page.waitForTimeout(200);
  report.add('ms, longest task in a long room', await page.evaluate(() => globalThis.benchLongest), { at_most: MOST_BLOCKED });
}
