// What people say about themselves, and what others see of them.

import { expect, open, test } from '../fixtures.ts';
import { isScripted } from '../pages/accounts.ts';
import { doIt, openMeal } from '../pages/meals.ts';

test('somebody introduces themselves, and a neighbour comes by from their order', { tag: '@nojs' }, async ({ neighbour, axe, complaints }) => {
  // The browser's own line about a refused form.
  complaints.allow(/status of 422/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { title: '인사하며 먹어요' });
  const { page } = mina;
  await open(page, '/me');
  await page.getByRole('link', { name: '프로필' }).click();
  await expect(page).toHaveURL('/me/profile');
  await expect(page.getByLabel('닉네임')).toHaveValue(mina.name);
  await axe(page);
  await page.getByLabel('닉네임').fill(jun.name);
  await page.getByLabel('소개').fill('국물 있는 음식을 좋아해요.\n<b>늦은</b> 저녁에 자주 시켜요.');
  await page.getByRole('button', { name: '저장', exact: true }).click();
  await expect(page.getByRole('main')).toContainText('누가 먼저 쓰고 있는 닉네임이에요.');
  await expect(page.getByLabel('소개')).toHaveValue(/늦은/);
  await page.getByLabel('닉네임').fill(`${mina.name} 네`);
  await page.getByRole('button', { name: '저장', exact: true }).click();
  await expect(page).toHaveURL('/me?done=profile');
  await expect(page.getByText('프로필을 저장했어요.')).toBeVisible();

  await doIt(jun.page.request, 'join_party', order.id);
  await open(jun.page, order.path);
  await jun.page.getByRole('main').getByRole('link', { name: `${mina.name} 네` }).first().click();
  await expect(jun.page.getByRole('heading', { level: 1, name: `${mina.name} 네` })).toBeVisible();
  await expect(jun.page.getByText('<b>늦은</b> 저녁에 자주 시켜요.')).toBeVisible();
  await expect(jun.page.getByRole('article').filter({ hasText: order.title })).toBeVisible();
  await axe(jun.page);
  await jun.page.getByRole('link', { name: '대화하기' }).click();
  await expect(jun.page).toHaveURL(/\/chat\/with\//);
  await expect(jun.page.getByRole('heading', { level: 1, name: `${mina.name} 네` })).toBeVisible();

  await open(page, `/users/${mina.name} 네`);
  await expect(page.getByRole('link', { name: '프로필 고치기' })).toBeVisible();
  await expect(page.getByRole('link', { name: '대화하기' })).toHaveCount(0);
});

test('a visitor sees a profile too, and nobody sees one that is not there', { tag: '@nojs' }, async ({ page, neighbour, complaints }) => {
  complaints.allow(/status of 404/);
  const mina = await neighbour('미나');
  await open(page, `/users/${mina.name}`);
  await expect(page.getByRole('heading', { level: 1, name: mina.name })).toBeVisible();
  await expect(page.getByText('지금 연 모임이 없어요')).toBeVisible();
  await expect(page.getByRole('link', { name: '대화하기' })).toHaveCount(0);
  const answer = await page.goto('/users/없는사람');
  expect(answer?.status()).toBe(404);
  if (await isScripted(page)) await expect(page.locator('html')).toHaveAttribute('data-ready', '');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(/./);
});
