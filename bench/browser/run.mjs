// The bar in the browser: bytes, first click, Lighthouse, what is held after long use. `scripts/bench.sh browser` calls it.

import { createServer } from 'node:net';
import { bytes } from './bytes.mjs';
import { launch } from './chromium.mjs';
import { click } from './click.mjs';
import { messages, navigations } from './leaks.mjs';
import { look } from './lighthouse.mjs';
import { Report } from './report.mjs';
import { start } from './world.mjs';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Measures everything; with what the program ends. */
async function measure(world, rounds) {
  // What each is called, where it is, who looks, and whether search engines are to pass it by.
  const pages = [
    ['home', '/'],
    ['list', `/meals?region=${world.region}`],
    ['order', `/meals/${world.party}`],
    ['sign-in', '/sign-in'],
    ['about', '/about'],
    ['chats', '/chat', world.token],
    ['room', `/chat/${world.room}`, world.token],
  ];
  // The others, which are measured once.
  const others = [
    ['comments', `/meals/${world.party}/comments`, null, 'unlisted'],
    ['profile', `/users/${encodeURIComponent(world.nickname)}`, null, 'unlisted'],
    ['sign-up', '/sign-up'],
    ['forgot', '/forgot'],
    ['terms', '/terms'],
    ['privacy', '/privacy'],
    ['new order', '/meals/new', world.token],
    ['edit', `/meals/${world.party}/edit`, world.token],
    ['bill', `/meals/${world.party}/bill`, world.token],
    ['suggestions', '/meals/suggestions', world.token],
    ['me', '/me', world.token],
    ['my orders', '/me/parties', world.token],
    ['notices', '/me/notices', world.token],
    ['my profile', '/me/profile', world.token],
    ['sessions', '/me/sessions', world.token],
  ];
  const report = new Report('browser', rounds);
  const port = await freePort();
  const browser = await launch(port);
  try {
    for (let round = 0; round < rounds; round += 1) {
      await bytes(browser, world, pages, report);
      await click(browser, world, pages, report);
      await look(port, world, pages, report);
    }
    await bytes(browser, world, others, report);
    await look(port, world, others, report);
    await navigations(browser, world, report);
    await messages(browser, world, report);
  } finally {
    await browser.close();
  }
  return report.finish([
    'a phone of 390 by 844; bytes as they come over the wire, with their headers',
    'first click: from the load event until the program has taken the page over; the click after it stays in the document',
  ]);
}

/** Why it could not be measured. */
function failed(error) {
  console.error(`failed: ${error.stack ?? error}`);
  if (error.cause) console.error(`because of which: ${error.cause.stack ?? error.cause}`);
}

// What nobody waits for ends it too, and not as a missed budget, which is what Node.js' own code would mean here.
process.on('uncaughtException', (error) => {
  failed(error);
  process.exit(2);
});

let world;
try {
  world = await start(process.argv[2]);
  const asked = process.env.BENCH_ROUNDS ?? '5';
  if (!/^\d+$/.test(asked)) throw new Error(`BENCH_ROUNDS must be a number, not "${asked}"`);
  const rounds = Math.min(Math.max(Number(asked), 1), 50);
  process.exitCode = await measure(world, rounds);
} catch (error) {
  failed(error);
  process.exitCode = 2;
} finally {
  world?.stop();
}
