// What happened to somebody while they were elsewhere.

import { expect, live, open, test } from '../fixtures.ts';
import { isScripted } from '../pages/accounts.ts';
import { firstWord, navigationBadge } from '../pages/chat.ts';
import { doIt, openMeal } from '../pages/meals.ts';

test('a host reads who came, one by one and all at once', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  const { page } = mina;
  await open(page, '/me/notices');
  await expect(page.getByText('아직 알림이 없어요')).toBeVisible();
  await axe(page);

  const [first, second] = [await openMeal(page.request, { title: '치킨 나눠요' }), await openMeal(page.request, { title: '피자 나눠요' })];
  await doIt(jun.page.request, 'join_party', first.id);
  await doIt(sol.page.request, 'join_party', first.id);
  await doIt(jun.page.request, 'join_party', second.id);
  await open(page, '/me');
  await page.getByRole('main').getByRole('link', { name: '알림', exact: true }).click();
  await expect(page).toHaveURL('/me/notices');
  const row = (title: string) => page.getByRole('listitem').filter({ hasText: title });
  await expect(row(first.title)).toContainText(`${sol.name} 님 외 1명이 자리에 앉았어요`);
  await expect(row(second.title)).toContainText(`${jun.name} 님이 자리에 앉았어요`);
  await axe(page);

  await row(second.title).getByRole('button', { name: '읽음으로 표시' }).click();
  await expect(row(second.title).getByRole('button', { name: '읽음으로 표시' })).toHaveCount(0);
  await expect(row(first.title).getByRole('button', { name: '읽음으로 표시' })).toBeVisible();
  await page.getByRole('button', { name: '모두 읽음' }).click();
  await expect(page.getByRole('button', { name: '모두 읽음' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: '읽음으로 표시' })).toHaveCount(0);
  await row(first.title).getByRole('button', { name: /자리에 앉았어요/ }).click();
  await expect(page).toHaveURL(first.path);
  if (await isScripted(page)) await expect(page).toHaveTitle(/^치킨 나눠요/);
});

test('unread conversations are read from there, too', { tag: '@nojs' }, async ({ neighbour }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  await firstWord(jun, mina, '안녕하세요');
  await firstWord(sol, mina, '안녕하세요');
  const { page } = mina;
  await open(page, '/me/notices');
  const rooms = page.getByRole('list', { name: '읽지 않은 대화' }).getByRole('listitem');
  await expect(rooms).toHaveCount(2);
  await rooms.filter({ hasText: sol.name }).getByRole('button', { name: '읽음으로 표시' }).click();
  await expect(rooms).toHaveCount(1);
  await expect(navigationBadge(page)).toHaveText('안 읽음 1');
  await page.getByRole('button', { name: '모두 읽음' }).click();
  await expect(rooms).toHaveCount(0);
  await expect(navigationBadge(page)).toHaveCount(0);
  await expect(page.getByRole('button', { name: '모두 읽음' })).toHaveCount(0);
});

test('the bell and the title count live, on every page of mine', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { title: '종이 울려요' });
  const other = await mina.context.newPage();
  await open(mina.page, '/meals');
  await open(other, '/me/notices');
  await live(mina.page, other);
  const bell = mina.page.getByRole('banner').getByRole('link', { name: /^알림/ });
  await expect(bell).toHaveAccessibleName('알림');
  await doIt(jun.page.request, 'join_party', order.id);
  await expect(bell).toHaveAccessibleName('알림 안 읽음 1');
  await expect(mina.page).toHaveTitle(/^\(1\) /);
  await expect(other.getByRole('listitem').filter({ hasText: order.title })).toContainText(`${jun.name} 님이 자리에 앉았어요`);
  await other.getByRole('button', { name: '모두 읽음' }).click();
  await expect(bell).toHaveAccessibleName('알림');
  await expect(mina.page).toHaveTitle(/^[^(]/);
  await bell.click();
  await expect(mina.page).toHaveURL('/me/notices');
});

test('a visitor has no bell', { tag: '@nojs' }, async ({ page }) => {
  await open(page, '/meals');
  await expect(page.getByRole('main')).toBeVisible();
  await expect(page.getByRole('link', { name: /^알림/ })).toHaveCount(0);
});
