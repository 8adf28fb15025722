// What anybody can do with an order without sitting down, and the page of one's own orders.

import { expect, open, test } from '../fixtures.ts';
import { isScripted } from '../pages/accounts.ts';
import { applyFor, cancelMeal, doIt, MealPage, openMeal } from '../pages/meals.ts';

test('an order is kept for later and found again', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { title: '나중에 볼 치킨' });
  const { page } = jun;
  await open(page, order.path);
  const keep = page.getByRole('button', { name: '담기' });
  await expect(keep).toHaveAttribute('aria-pressed', 'false');
  await keep.click();
  await expect(keep).toHaveAttribute('aria-pressed', 'true');
  if (await isScripted(page)) {
    await expect(new MealPage(page).toast.filter({ hasText: '담았어요' })).toBeVisible();
    await expect(keep, 'the focus stays where it was').toBeFocused();
  }
  await axe(page);

  await open(page, '/me');
  await page.getByRole('link', { name: '내 모임' }).click();
  await expect(page).toHaveURL(/\/me\/parties$/);
  await expect(page.getByText('내가 연 모임이 여기에 모여요.')).toBeVisible();
  await axe(page);
  await page.getByRole('link', { name: '담은 모임' }).click();
  await expect(page).toHaveURL(/\/me\/parties\?shelf=kept$/);
  const card = page.getByRole('article').filter({ hasText: order.title });
  await expect(card).toBeVisible();
  await axe(page);
  await card.getByRole('link').click();
  await expect(page).toHaveURL(order.path);

  await open(page, order.path);
  await keep.click();
  await expect(keep).toHaveAttribute('aria-pressed', 'false');
  await open(page, '/me/parties?shelf=kept');
  await expect(page.getByText('나중에 보려고 담은 모임이 여기에 모여요.')).toBeVisible();
});

test('each of my orders is where it belongs', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { page } = jun;
  const own = await openMeal(page.request, { title: '내가 연 피자' });
  const [joined, asked, off] = [
    await openMeal(mina.page.request, { title: '함께하는 국수' }),
    await openMeal(mina.page.request, { title: '물어본 회', joining: '방장 승인' }),
    await openMeal(mina.page.request, { title: '취소된 죽' }),
  ];
  await doIt(page.request, 'join_party', joined.id);
  await doIt(page.request, 'join_party', off.id);
  await applyFor(page.request, asked.id);
  await cancelMeal(mina.page.request, off.id);
  for (const [shelf, title] of [['연 모임', own.title], ['함께하는 모임', joined.title], ['신청한 모임', asked.title], ['지난 모임', off.title]]) {
    await open(page, '/me/parties');
    await page.getByRole('navigation', { name: '모임 나누어 보기' }).getByRole('link', { name: shelf }).click();
    await expect(page.getByRole('article')).toHaveCount(1);
    await expect(page.getByRole('article')).toContainText(title);
  }
  await expect(page.getByRole('article')).toContainText('취소됨');
});

test('a visitor who keeps an order signs in first', { tag: ['@desktop', '@nojs'] }, async ({ page, neighbour }) => {
  const mina = await neighbour('미나');
  const order = await openMeal(mina.page.request);
  await open(page, order.path);
  await expect(page.getByRole('link', { name: '신고' })).toHaveCount(0);
  await page.getByRole('link', { name: '담기' }).click();
  await expect(page).toHaveURL(`/sign-in?next=${order.path}`);
});

test('the address of an order is copied where the system shares nothing', { tag: '@desktop' }, async ({ neighbour }) => {
  const mina = await neighbour('미나', { permissions: ['clipboard-read', 'clipboard-write'] });
  const order = await openMeal(mina.page.request);
  await open(mina.page, order.path);
  await mina.page.getByRole('button', { name: '공유' }).click();
  await expect(new MealPage(mina.page).toast.filter({ hasText: '주소를 복사했어요.' })).toBeVisible();
  expect(await mina.page.evaluate(() => navigator.clipboard.readText())).toMatch(new RegExp(`${order.path}$`));
  await expect(mina.page.getByRole('link', { name: '신고' }), 'nobody reports their own').toHaveCount(0);
});

test('an order is reported, and that is all that can be seen of it', { tag: '@nojs' }, async ({ neighbour, axe, complaints }) => {
  // The browser's own line about a refused form.
  complaints.allow(/status of 422/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  const { page } = jun;
  await open(page, order.path);
  await page.getByRole('link', { name: '신고' }).click();
  await expect(page).toHaveURL(/\/report\//);
  if (await isScripted(page)) await expect(page.getByLabel('광고예요')).toBeVisible();
  await expect(page.getByRole('main')).toContainText(order.title);
  await axe(page);
  await page.getByRole('button', { name: '신고하기' }).click();
  await expect(page.getByRole('main')).toContainText('신고 이유를 골라 주세요.');
  await page.getByLabel('광고예요').check();
  await page.getByRole('button', { name: '신고하기' }).click();
  await expect(page).toHaveURL(order.path);
  await expect(page.getByText('신고한 모임이에요')).toBeVisible();
  await open(mina.page, order.path);
  await expect(mina.page.getByText(/신고/)).toHaveCount(0);
});
