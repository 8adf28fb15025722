// Whether the built program starts in a browser at all. What it then can do is the other specs' matter.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, open, test } from '../fixtures.ts';
import { navigation } from '../pages/accounts.ts';
import { firstWord, Room, Rooms } from '../pages/chat.ts';

const LOCALE = join(import.meta.dirname, '../../locales/ko');
const KEYS = new Set(readdirSync(LOCALE).flatMap((name) => readFileSync(join(LOCALE, name), 'utf8').match(/^[a-z][\w.]+(?= =)/gm) ?? []));

test('the first page is shown without complaints', { tag: '@nojs' }, async ({ page, axe }) => {
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole('main')).toBeVisible();
  await axe(page);
});

test('the program in the browser takes over the page', async ({ page }) => {
  const packages: string[] = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith('/pkg/')) packages.push(`${response.status()} ${pathname} ${response.headers()['content-encoding'] ?? '-'}`);
  });
  await open(page, '/');
  expect(packages.filter((line) => line.includes('.wasm'))).not.toEqual([]);
  // In the directory of its build, and compressed: see scripts/pack.mjs.
  for (const line of packages) expect(line).toMatch(/^200 \/pkg\/[0-9a-f]{16}\/\S+ (br|gzip)$/);
});

test('the server comes back after it was killed', { tag: '@desktop' }, async ({ page, server, complaints }) => {
  // What was under way breaks off, and the browser says so.
  complaints.allow(/net::ERR_|WebSocket/);
  await open(page, '/');
  await server.kill9();
  await server.start();
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
});

test('a part of the program that does not come at first is fetched again', { tag: '@desktop' }, async ({ page, complaints }) => {
  complaints.allow(/net::ERR_FAILED/);
  let refused = 0;
  await page.route('**/page_*.wasm', (route) => {
    refused += 1;
    return refused <= 2 ? route.abort() : route.continue();
  });
  await open(page, '/');
  expect(refused).toBeGreaterThan(2);
});

test('who comes from a page that has most of it already loads the rest alone', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { page } = mina;
  await open(page, `/chat/with/${encodeURIComponent(jun.name)}`);
  const loaded: string[] = [];
  page.on('request', (request) => {
    const file = /(page|part)_\d+\.wasm$/.exec(request.url());
    if (file?.[1]) loaded.push(file[1]);
  });
  await navigation(page).getByRole('link', { name: /^채팅/ }).click();
  await expect(page).toHaveURL('/chat');
  await expect(new Rooms(page).heading).toBeVisible();
  await expect.poll(() => loaded).not.toEqual([]);
  expect(loaded).not.toContain('page');
});

test('who talks fetches a part of the sentences, and the rest with the page that says it', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  complaints.allow(/net::ERR_FAILED/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { page } = mina;
  await firstWord(jun, mina, '안녕, 미나');
  const asked: string[] = [];
  let refused = 0;
  await page.route('**/text/*.txt', (route) => {
    const { pathname } = new URL(route.request().url());
    if (!asked.includes(pathname)) asked.push(pathname);
    if (!pathname.includes('-more-') || refused > 1) return route.continue();
    refused += 1;
    return route.abort();
  });
  // The program writes what it does not know as the key of it.
  const saysItsKeys = async () => {
    const said = await page.evaluate(() => {
      const named = ['aria-label', 'title', 'placeholder'].map((name) => [...document.querySelectorAll(`[${name}]`)].map((found) => found.getAttribute(name)));
      return [document.body.innerText, ...named.flat()].join('\n');
    });
    return (said.match(/\b[a-z_]+(\.[a-z_]+)+\b/g) ?? []).filter((word) => KEYS.has(word));
  };
  expect(KEYS).toContain('meals.open');
  const menu = navigation(page).getByRole('list');
  await open(page, '/me/notices');
  // What comes now is drawn here, and not by the server.
  await menu.getByRole('link', { name: /^채팅/ }).click();
  await new Rooms(page).link(jun.name).click();
  const room = new Room(page);
  await room.say('안녕, 준호');
  await expect(room.message('안녕, 준호')).toBeVisible();
  expect(await saysItsKeys()).toEqual([]);
  expect(asked).toEqual([expect.stringContaining('-first-')]);
  await menu.getByRole('link', { name: '모임' }).click();
  await expect(page).toHaveURL('/meals');
  await expect(page.getByRole('link', { name: '자리 열기' }).first()).toBeVisible();
  expect(await saysItsKeys()).toEqual([]);
  expect([asked.length, refused]).toEqual([2, 2]);
});

test('only a page that says more asks for more before it has begun', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 404/);
  const { page } = await neighbour('미나');
  for (const [path, count] of [['/chat', 0], ['/me/notices', 0], ['/meals', 1], ['/', 1], ['/nowhere', 0]] as const) {
    await page.goto(path);
    await expect(page.locator('link[rel="preload"][href^="/text/"][href*="-first-"]')).toHaveCount(1);
    await expect(page.locator('link[rel="preload"][href^="/text/"][href*="-more-"]')).toHaveCount(count);
  }
});

test('a page whose build is gone loads the present one', { tag: '@desktop' }, async ({ page, complaints }) => {
  complaints.allow(/status of 404/);
  let asked = 0;
  await page.route('**/page_*.wasm', (route) => {
    asked += 1;
    return asked === 1 ? route.fulfill({ status: 404 }) : route.continue();
  });
  // Documents asked for, not loaded: the part may be missed before the first document has loaded.
  let documents = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest()) documents += 1;
  });
  await page.goto('/');
  await expect.poll(() => documents).toBe(2);
  await expect(page.locator('html')).toHaveAttribute('data-ready', '', { timeout: 60_000 });
  await open(page, '/meals');
});

test('a page whose program cannot start works as the server made it', { tag: '@desktop' }, async ({ page, complaints }) => {
  complaints.allow(/net::ERR_FAILED/);
  const text = new Promise((done) => page.route('**/text/**', (route) => route.abort().then(done)));
  await page.goto('/');
  await text;
  await expect(page.locator('html')).not.toHaveAttribute('data-ready');
  await page.getByRole('main').getByRole('link', { name: '빈자리 보기' }).first().click();
  await expect(page).toHaveURL('/meals');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('html')).not.toHaveAttribute('data-ready');
});
