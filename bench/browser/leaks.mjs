// What a page still holds after it was used for long, and whether it is still quick.

import { open, visit } from './chromium.mjs';

const NAVIGATIONS = 200;
/** Those after which all that is kept once for each page is there. */
const WARM = 56;
const MESSAGES = 5_000;
/**
 * Messages after those, over which the program's own memory is measured. It never gives any back, and as long as its size is not found,
 * what is allocated and freed leaves holes in it: what the program holds was the same after 500 and after 7,000 messages, and its memory
 * grew from 6.0 to 6.9 MB with the first 5,000, by 0.1 MB with the next 2,000 and by nothing after that.
 */
const SETTLED = MESSAGES;
/** Of what was there before, in percent. */
const MOST_GROWTH = 10;
/** Messages that are said at a time. */
const STEP = 100;
/** After so many a room shows no more than it did before: the oldest go as the newest come. */
const FULL = 600;
/** How long to go on, in milliseconds; and how much slower the last ones may be than the first. */
const PATIENCE = 180_000;
const MOST_SLOWER = 2;
/**
 * Bytes that may be held for each message that is shown no more, in the browser's heap and in the program's own memory. It should be none.
 * Some come and go with what the browser makes of code that runs often; but the text and the author of a message take 200 in the
 * program, and the elements of its line more than that in the heap.
 */
const MOST_KEPT = 100;
/** The same of elements and texts, and of listeners. A line has more than ten, and one. */
const MOST_NODES_KEPT = 0.1;
/** What is said. */
const SAID = /^(\d+)번째로 말해요$/;
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

/** Finds the memory of the browser's program, which is not a part of the heap, as the program is started. */
const MEMORY = () => {
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const make = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const made = await make.apply(WebAssembly, args);
      globalThis.benchMemory ??= Object.values((made.instance ?? made).exports).find((it) => it instanceof WebAssembly.Memory);
      return made;
    };
  }
};

/** From page to page, through everything that opens and closes something: an order, a room with its socket, and back. */
function way(page, world) {
  const rail = (path) => async () => {
    await page.locator(`nav.nav a.nav__item[href="${path}"]`).click();
    await page.waitForURL(world.url + path);
    await page.locator(`nav.nav a.nav__item[href="${path}"][aria-current]`).waitFor();
  };
  const into = (link, arrived) => async () => {
    await page.locator(link).first().click();
    await page.locator(arrived).first().waitFor();
  };
  const back = (arrived) => async () => {
    await page.goBack();
    await page.locator(arrived).first().waitFor();
  };
  const [order, room] = ['main h3 a.cover[href^="/meals/"]', `main a[href="/chat/${world.room}"]`];
  return [
    rail('/meals'),
    into(order, 'main a[href$="/comments"]'),
    back(order),
    rail('/chat'),
    into(room, '#say'),
    back(room),
    rail('/me'),
    rail('/'),
  ];
}

export async function navigations(browser, world, report) {
  await visit(browser, world, world.token, async ({ page, protocol }) => {
    await page.addInitScript(MEMORY);
    await protocol.send('Performance.enable');
    await open(page, `${world.url}/`);
    await page.evaluate(() => {
      globalThis.benchSame = true;
    });
    const steps = way(page, world);
    let before;
    for (let n = 0; n < NAVIGATIONS; n += 1) {
      if (n === WARM) before = await inAll(page, protocol);
      await steps[n % steps.length]();
    }
    grown(report, `${NAVIGATIONS} navigations`, before, await inAll(page, protocol));
    if (!(await page.evaluate(() => globalThis.benchSame))) throw new Error('a navigation loaded a new document');
  });
}

export async function messages(browser, world, report) {
  await visit(browser, world, world.token, async ({ context, page, protocol }) => {
    await page.addInitScript(MEMORY);
    await protocol.send('Performance.enable');
    await open(page, `${world.url}/chat/${world.room}`);
    await page.locator('html[data-live]').waitFor();
    const [each, seen] = [[], new Set()];
    let last = 0;
    let before;
    const hear = async (count) => {
      const begun = Date.now();
      last = await said(world, page, count);
      each.push((Date.now() - begun) / count);
      const numbers = await shown(page, last);
      numbers.forEach((number) => seen.add(number));
      return numbers.length;
    };
    // A room grows to twice what it keeps of its log and falls back again: only like is compared with like.
    const alike = async () => {
      for (let more = 0; (await shown(page, last)).length !== before.lines; more += 1) {
        if (more > FULL) throw new Error(`the page does not show ${before.lines} messages again`);
        await hear(1);
      }
      return { last, ...(await inAll(page, protocol)) };
    };
    // Step by step, so that the page gets all of them: one that falls behind is told only the newest.
    let until = Date.now() + PATIENCE;
    while (last < MESSAGES && Date.now() < until) {
      const lines = await hear(STEP);
      if (last === FULL) before = { last, lines, ...(await inAll(page, protocol)) };
    }
    if (!before) throw new Error(`the page has shown only ${last} messages in ${PATIENCE / 1_000} s`);
    const [steps, heard] = [each.slice(), seen.size];
    const after = await alike();
    until = Date.now() + PATIENCE;
    while (last < after.last + SETTLED && Date.now() < until) await hear(STEP);
    const settled = await alike();
    if (settled.last < after.last + SETTLED) throw new Error(`the page has shown only ${settled.last} messages in ${PATIENCE / 1_000} s`);
    await logged(context, world, last);
    const kept = (what) => (after[what] - before[what]) / (after.last - before.last);
    report.add(`messages shown of ${MESSAGES}`, heard, { at_least: MESSAGES });
    // The very first also wait for code that is used for the first time.
    report.add(`ms a message, first ${STEP}`, steps[1]);
    report.add(`ms a message, last ${STEP}`, steps.at(-1));
    report.add('slower at the end, times', steps.at(-1) / steps[1], { at_most: MOST_SLOWER });
    report.add('bytes of heap kept of a message', kept('heap'), { at_most: MOST_KEPT });
    report.add('bytes of the program kept of a message', (settled.program - after.program) / (settled.last - after.last), { at_most: MOST_KEPT });
    report.add('MB of the program after them', settled.program / 1_000_000);
    report.add('elements and texts kept of a message', kept('nodes'), { at_most: MOST_NODES_KEPT });
    report.add('listeners kept of a message', kept('listeners'), { at_most: MOST_NODES_KEPT });
    report.add('elements of the room after them', await page.evaluate(() => document.querySelectorAll('main *').length));
    await responsive(page, report);
  });
}

/** What the page holds, with the memory of its program. */
async function inAll(page, protocol) {
  const program = await page.evaluate(() => globalThis.benchMemory?.buffer.byteLength);
  if (!program) throw new Error('the memory of the program was not found');
  return { ...(await held(protocol)), program };
}

/** Lets so many be said, and waits until they stand on the page; the number of the last. */
async function said(world, page, count) {
  const last = await world.talk(count);
  await page.getByText(`${last}번째로 말해요`, { exact: true }).waitFor({ state: 'attached', timeout: PATIENCE });
  return last;
}

/** The numbers of the messages on the page: an error unless they are those up to the last, each once, as the log has them. */
async function shown(page, last) {
  const lines = await page.locator('ol.msgs li[id^="m"]').evaluateAll((all) =>
    all.map((line) => ({ seq: Number(line.id.slice(1)), text: line.querySelector('.bubble')?.textContent ?? '' })),
  );
  const numbers = lines.map(({ text }) => Number(SAID.exec(text)?.[1]));
  const first = last - lines.length + 1;
  const wrong = lines.findIndex(({ seq }, at) => numbers[at] !== first + at || seq !== lines[0].seq + at);
  if (!lines.length || wrong >= 0) {
    throw new Error(`the page should show ${first} to ${last}, but line ${wrong} says "${lines[wrong]?.text}" as entry ${lines[wrong]?.seq}`);
  }
  return numbers;
}

/** Reads the whole log from the server: an error unless it has so many messages, each once and in the order in which they were said. */
async function logged(context, world, count) {
  const numbers = [];
  let before = Number.MAX_SAFE_INTEGER;
  for (let more = true; more;) {
    const answer = await context.request.get(`${world.url}/api/chat_history?room=${world.room}&before=${before}`);
    if (answer.status() !== 200) throw new Error(`the log was answered with ${answer.status()}`);
    const { messages: part, older } = await answer.json();
    numbers.unshift(...part.map(({ content }) => Number(SAID.exec(content.text?.text)?.[1])));
    before = part[0]?.seq;
    more = older;
  }
  const wrong = numbers.findIndex((number, at) => number !== at + 1);
  if (wrong >= 0 || numbers.length !== count) {
    throw new Error(`the log has ${numbers.length} of ${count} messages; ${wrong < 0 ? 'they' : `up to the ${wrong}th they`} are in order`);
  }
}

/** Scrolls through the log and types, and sees for how long the page was busy at a time. */
async function responsive(page, report) {
  await page.evaluate(() => {
    globalThis.benchLongest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.benchLongest = Math.max(globalThis.benchLongest, duration);
    }).observe({ type: 'longtask' });
    // A task that is long on purpose, which has to be noticed.
    setTimeout(() => {
      for (const begun = performance.now(); performance.now() - begun < 80;);
    });
  });
  await page.waitForFunction(() => globalThis.benchLongest >= 50);
  await page.evaluate(() => {
    globalThis.benchLongest = 0;
  });
  await page.mouse.move(195, 400);
  const places = new Set();
  for (let n = 0; n < 20; n += 1) {
    await page.mouse.wheel(0, n % 2 ? 3_000 : -3_000);
    await page.waitForTimeout(50);
    places.add(await page.locator('.pane__scroll[role="log"]').evaluate(({ scrollTop }) => scrollTop));
  }
  if (places.size < 2) throw new Error('the room does not scroll');
  await page.locator('#say').fill('아직 빨라요');
  await page.waitForTimeout(200);
  report.add('ms, longest task in a long room', await page.evaluate(() => globalThis.benchLongest), { at_most: MOST_BLOCKED });
}
