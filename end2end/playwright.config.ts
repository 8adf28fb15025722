// The browser tests. `npx playwright test --config end2end` runs all against target/release/moim; `make test` does that too.
//
// Tags in a test's title or `tag`:
//   (none)        runs on the desktop and on the phone
//   @desktop      only on the desktop
//   @mobile       only on the phone
//   @nojs         also without JavaScript
//   @nojs-only    only without JavaScript
//
// From the environment:
//   MOIM_BIN           the server to test (target/release/moim)
//   MOIM_SITE_DIR      what it serves (target/site)
//   MOIM_CHROMIUM      the browser (/usr/bin/chromium)
//   MOIM_E2E_POSTGRES  an admin address: each server gets a fresh database there instead of SQLite

import { defineConfig } from '@playwright/test';

const ci = process.env.CI === 'true';

// What has not been seen to pass yet is left out of `make test` until it has; MOIM_E2E_ALL=1 runs it too. This list and the
// one of files below only ever get shorter.
const all = process.env.MOIM_E2E_ALL === '1';
const UNPROVEN = [
  'that was left stays away until the other writes',
  'shows the newest thirty and older ones by scrolling up',
  'the list and a room meet WCAG in both themes',
  'a conversation is had with the keyboard alone',
  '/chat can be read by members, in both themes',
  'no page is wider than its window',
  'the first press of Tab offers to skip to the content',
  'an order and its form can be read, in both themes',
  'who is removed is told at once where they are',
  'a cancelled order closes its room wherever it is open',
  'a member sees their own 동, widens it and looks elsewhere',
  'a password is changed, and only with the present one',
  'all other devices are signed out at once',
  'signing in leads to no other site',
  'the 동 is changed',
  'two mistakes in a password change are said together',
  'who signs up comes back as well',
];
const PROVEN_WITHOUT_SCRIPT = ['**/smoke.spec.ts', '**/home.spec.ts', '**/errors.spec.ts'];
const PROVEN_ON_PHONES = ['**/smoke.spec.ts'];

/** A pattern of what to leave out: these tags, and what is unproven. */
function except(...tags: string[]): RegExp {
  const titles = all ? [] : UNPROVEN.map((title) => title.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp([...tags, ...titles].join('|'));
}

export default defineConfig({
  testDir: './tests',
  outputDir: '../target/end2end/results',
  fullyParallel: true,
  forbidOnly: ci,
  // A test that passes at its second try has found something.
  retries: 0,
  // A build machine with two cores also runs the server and the browser of each worker.
  workers: Number(process.env.MOIM_E2E_WORKERS ?? (ci ? 1 : 2)),
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['list'], ['json']] : [['list']],
  use: {
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.MOIM_CHROMIUM ?? '/usr/bin/chromium',
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
      grepInvert: except('@mobile', '@nojs-only'),
    },
    {
      name: 'mobile',
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
      grepInvert: except('@desktop', '@nojs-only'),
      ...(all ? {} : { testMatch: PROVEN_ON_PHONES }),
    },
    {
      name: 'no-js',
      use: { viewport: { width: 1280, height: 800 }, javaScriptEnabled: false },
      grep: /@nojs/,
      ...(all ? {} : { testMatch: PROVEN_WITHOUT_SCRIPT }),
    },
  ],
});
