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

/**
 * A visit of somebody with a browser of their own: a phone; signed in with a token. An error when `look` fails, and when the page
 * complained meanwhile: then that is what the error says, because whatever else went wrong may come from it.
 */
export async function visit(browser, world, token, look) {
  const context = await browser.newContext({ locale: 'ko-KR', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const complaints = [];
  let failure;
  try {
    if (token) await context.addCookies([{ name: 'moim_access', value: token, url: world.url }]);
    const page = await context.newPage();
    // Kept until the end: what is thrown here would be thrown at nobody.
    page.on('pageerror', (error) => complaints.push(error.stack ?? String(error)));
    page.on('crash', () => complaints.push('it crashed'));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('response', (answer) => {
      if (answer.status() >= 400) complaints.push(`${answer.url()} was answered with ${answer.status()}`);
    });
    await look({ context, page, protocol: await context.newCDPSession(page) });
  } catch (error) {
    failure = error;
  }
  await context.close();
  if (complaints.length) throw new Error(`a page complains: ${complaints.join('\n')}`, { cause: failure });
  if (failure) throw failure;
}

/** Opens a page and waits until the browser's program has taken it over. */
export async function open(page, url) {
  const answer = await page.goto(url, { waitUntil: 'load' });
  if (answer?.status() !== 200) throw new Error(`${url} was answered with ${answer?.status()}`);
  await page.locator('html[data-ready]').waitFor({ timeout: 30_000 });
}
