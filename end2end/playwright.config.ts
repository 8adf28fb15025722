// The browser tests. `npx playwright test --config end2end` runs all against target/release/moim; `make test` does that too.
//
// Tags in a test's title or `tag`:
//   (none)        runs on the desktop and on the phone
//   @desktop      not on the phone: what it shows is the same in a small window
//   @mobile       only on the phone
//   @nojs         also without JavaScript, in a wide window
//   @nojs-only    only without JavaScript
//
// From the environment:
//   MOIM_BIN           the server to test (target/release/moim)
//   MOIM_SITE_DIR      what it serves (target/site)
//   MOIM_CHROMIUM      the browser (/usr/bin/chromium-headless-shell; Chromium itself takes twice as long)
//   MOIM_E2E_POSTGRES  an admin address: each server gets a fresh database there instead of SQLite

import { defineConfig } from '@playwright/test';

const ci = process.env.CI === 'true';

export default defineConfig({
  testDir: './tests',
  outputDir: '../target/end2end/results',
  fullyParallel: true,
  forbidOnly: ci,
  // A test that passes at its second try has found something: scripts/test.sh names it at the end.
  retries: ci ? 1 : 0,
  // Each has a server and a browser besides; more than two were not faster on two cores.
  workers: Number(process.env.MOIM_E2E_WORKERS ?? 2),
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['list'], ['json']] : [['list']],
  use: {
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    // Keeping one costs a sixth of the time: on a build machine only what failed once is traced.
    trace: ci ? 'on-first-retry' : 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.MOIM_CHROMIUM ?? '/usr/bin/chromium-headless-shell',
      args: [
        '--no-sandbox', // the tests may run as root in a container
        '--disable-gpu',
        // Nothing but the pages under test talks to the network.
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
  projects: [
    {
      name: 'desktop',
      use: { viewport: { width: 1280, height: 800 } },
      grepInvert: /@mobile|@nojs-only/,
    },
    {
      name: 'mobile',
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
      grepInvert: /@desktop|@nojs-only/,
    },
    {
      name: 'no-js',
      use: { viewport: { width: 1280, height: 800 }, javaScriptEnabled: false },
      grep: /@nojs/,
    },
  ],
});
