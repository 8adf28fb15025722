// Whether the built program starts in a browser at all. What it then can do is the other specs' matter.

import { expect, open, test } from '../fixtures.ts';

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
  await page.goto('/');
  await server.kill9();
  await server.start();
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
});
