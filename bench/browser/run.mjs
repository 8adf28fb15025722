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

async function measure(world, rounds) {
  // What each is called, where it is, and who looks.
  const pages = [
    ['home', '/'],
    ['list', `/meals?region=${world.region}`],
    ['order', `/meals/${world.party}`],
    ['sign-in', '/sign-in'],
    ['about', '/about'],
    ['chats', '/chat', world.token],
    ['room', `/chat/${world.room}`, world.token],
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

const world = await start(process.argv[2]);
try {
  const rounds = Math.min(Math.max(Number(process.env.BENCH_ROUNDS ?? 5), 1), 50);
  process.exitCode = (await measure(world, rounds)) ? 0 : 1;
} catch (error) {
  console.error(`failed: ${error.stack ?? error}`);
  process.exitCode = 2;
} finally {
  world.stop();
}
