// The browser, and what its developers' protocol tells.

import { chromium } from '@playwright/test';

const args = [
  '--no-sandbox', // this may run as root in a container
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Starts it; with a port, other programs can drive it too. */
export function launch(port) {
  const executablePath = process.env.MOIM_CHROMIUM ?? '/usr/bin/chromium-headless-shell';
  return chromium.launch({ executablePath, args: port ? [...args, `--remote-debugging-port=${port}`] : args });
}

/** Somebody with a browser of their own: a phone; signed in with a token. */
export async function visitor(browser, world, token) {
  const context = await browser.newContext({ locale: 'ko-KR', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  if (token) await context.addCookies([{ name: 'moim_access', value: token, url: world.url }]);
  const page = await context.newPage();
  const protocol = await context.newCDPSession(page);
  page.on('pageerror', (error) => {
    throw new Error(`a page complains: ${error.stack ?? error}`);
  });
  return { context, page, protocol };
}

/** Opens a page and waits until the browser's program has taken it over. */
export async function open(page, url) {
  const answer = await page.goto(url, { waitUntil: 'load' });
  if (answer?.status() !== 200) throw new Error(`${url} was answered with ${answer?.status()}`);
  await page.locator('html[data-ready]').waitFor({ timeout: 30_000 });
}
