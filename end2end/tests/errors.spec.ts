// Addresses that lead nowhere, and requests that are refused.

import { expect, open, test } from '../fixtures.ts';
import { doIt, openMeal, tryTo } from '../pages/meals.ts';

const NOWHERE = ['/nowhere', '/meals/x', '/meals/01890000-0000-7000-8000-000000000000', '/meals/01890000-0000-7000-8000-000000000000/edit'];

test('an address that leads nowhere says so and leads on', { tag: '@nojs' }, async ({ page, complaints, axe }) => {
  complaints.allow(/status of 404/);
  const answer = await page.goto('/nowhere/at/all');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1, name: '이 자리는 비어 있어요' })).toBeVisible();
  await expect(page).toHaveTitle('이 자리는 비어 있어요 · 모임');
  await axe(page);
  await page.getByRole('main').getByRole('link', { name: '홈으로 가기' }).click();
  await expect(page).toHaveURL('/');
});

test('every wrong address is a 404', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 404/);
  const { page } = await neighbour('미나');
  for (const path of [...NOWHERE, '/api', '/pkg/x.js', '/%00', '/%ff', '/..%2f..%2fetc%2fpasswd', '/meals/../../etc/passwd']) {
    const answer = await page.request.get(path);
    expect([400, 404], path).toContain(answer.status());
  }
  for (const path of NOWHERE) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole('heading', { level: 1, name: '이 자리는 비어 있어요' })).toBeVisible();
  }
});

test('a call of another method is refused', { tag: '@desktop' }, async ({ page }) => {
  for (const [method, path] of [
    ['DELETE', '/'],
    ['PUT', '/meals'],
    ['POST', '/meals'],
    ['GET', '/api/sign_out'],
    ['PATCH', '/api/sign_in'],
  ]) {
    const answer = await page.request.fetch(path, { method });
    expect([404, 405], `${method} ${path}`).toContain(answer.status());
    expect(await answer.text()).not.toContain('panicked');
  }
});

test("calls from other sites' pages are refused", { tag: '@desktop' }, async ({ neighbour }) => {
  const { page } = await neighbour('미나');
  const order = await openMeal(page.request);
  const answer = await page.request.post('/api/close_party', {
    form: { party: order.id },
    headers: { Origin: 'https://evil.example' },
  });
  expect(answer.status()).toBe(403);
  await open(page, order.path);
  await expect(page.getByRole('button', { name: '모집 끝내기' })).toBeVisible();
});

test('a call is answered with the status of its reason', { tag: '@desktop' }, async ({ page, neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { seats: '2' });
  expect((await tryTo(page.request, 'join_party', order.id)).status(), 'signed out').toBe(401);
  expect((await tryTo(jun.page.request, 'close_party', order.id)).status(), 'not the host').toBe(403);
  expect((await tryTo(jun.page.request, 'join_party', '01890000-0000-7000-8000-000000000000')).status(), 'no such party').toBe(404);
  expect((await tryTo(jun.page.request, 'join_party', 'x')).status(), 'no id').toBe(400);
  await doIt(jun.page.request, 'join_party', order.id);
  const sol = await neighbour('솔');
  const full = await tryTo(sol.page.request, 'join_party', order.id);
  expect(full.status(), 'full').toBe(409);
  expect(full.headers()['content-type']).toContain('application/json');
  const long = await sol.page.request.post('/api/open_meal', { form: { 'form[body]': 'x'.repeat(200_000) } });
  expect(long.status(), 'too large').toBe(413);
});

test('without JavaScript a refused call is answered with a page', { tag: '@nojs-only' }, async ({ page, neighbour, complaints }) => {
  complaints.allow(/status of 4/);
  const mina = await neighbour('미나');
  const order = await openMeal(mina.page.request);
  await open(mina.page, order.path);
  await mina.context.clearCookies();
  // The session has ended since the page was opened.
  await mina.page.getByRole('button', { name: '모집 끝내기' }).click();
  await expect(mina.page).toHaveURL(/\/sign-in\?next=/);
  expect(page.url()).toBe('about:blank');
});

test('every page says what a browser may do with it', { tag: '@desktop' }, async ({ page }) => {
  // Those that all visitors see alike name their scripts by what they say, the others by a word of this one answer.
  const [alike, own] = [/script-src 'self'( 'sha256-[^']+')+ 'wasm-unsafe-eval'/, /script-src 'self' 'nonce-[^']+' 'wasm-unsafe-eval'/];
  for (const [path, scripts] of [['/', alike], ['/meals', alike], ['/sign-in', own], ['/nowhere', own]] as const) {
    const headers = (await page.request.get(path)).headers();
    expect(headers['content-security-policy'], path).toMatch(scripts);
    expect(headers['content-security-policy'], path).not.toContain('unsafe-inline');
    expect(headers['x-content-type-options'], path).toBe('nosniff');
    expect(headers['content-type'], path).toBe('text/html; charset=utf-8');
  }
});
