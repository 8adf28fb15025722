// What comes after people have come together at an order: ordered, arrived, settled.

import { expect, live, open, test } from '../fixtures.ts';
import { BillPage } from '../pages/bill.ts';
import { noReload, Room, table } from '../pages/chat.ts';
import { doIt, MealPage, openMeal, tryTo } from '../pages/meals.ts';

test('the host says how far it is, and nobody leaves any more', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { seats: '2' });
  await doIt(jun.page.request, 'join_party', order.id);
  await open(mina.page, order.path);
  const hosts = new MealPage(mina.page);
  await expect(hosts.desk.locator('summary').filter({ hasText: '도착했어요' })).toHaveCount(0);
  await hosts.advance('주문했어요', '주문함');
  await expect(hosts.main.getByText('주문함', { exact: true })).toBeVisible();
  await expect(hosts.desk).toContainText('주문했어요. 이제 아무도 들어오거나 나갈 수 없어요.');
  await expect(hosts.desk.getByRole('link', { name: '글 고치기' })).toHaveCount(0);
  await expect(hosts.desk.locator('summary').filter({ hasText: '모임 취소' })).toHaveCount(0);
  await axe(mina.page);

  await open(jun.page, order.path);
  const meal = new MealPage(jun.page);
  await expect(meal.chat).toBeVisible();
  await expect(meal.cta.locator('summary').filter({ hasText: '나가기' })).toHaveCount(0);
  expect((await tryTo(jun.page.request, 'leave_party', order.id)).status()).toBe(409);

  await hosts.advance('도착했어요', '도착');
  await expect(hosts.main.getByText('도착', { exact: true })).toBeVisible();
  // Settling has a page of its own.
  await expect(hosts.desk).toContainText('모두 돈을 냈으면 정산 페이지에서 정산을 끝내 주세요.');
  await hosts.cta.getByRole('link', { name: '정산 보기' }).click();
  await expect(mina.page).toHaveURL(`${order.path}/bill`);
  const bill = new BillPage(mina.page);
  await bill.settle(true);
  await open(mina.page, order.path);
  await expect(hosts.main.getByText('정산 완료', { exact: true })).toBeVisible();
  await expect(hosts.desk).toContainText('정산까지 끝난 모임이에요.');
  await axe(mina.page);
});

test('those at the table see it at once, on the page, in the room and in lists', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  const { party, room, title } = await table(mina, jun, sol);
  await doIt(mina.page.request, 'close_party', party);
  await open(mina.page, `/meals/${party}`);
  await open(jun.page, `/meals/${party}`);
  await open(sol.page, `/chat/${room}`);
  await live(mina.page, jun.page, sol.page);
  const stays = [noReload(jun.page), noReload(sol.page)];
  const hosts = new MealPage(mina.page);
  await hosts.advance('주문했어요', '주문함');
  await expect(hosts.toast.filter({ hasText: '모두에게 알렸어요.' })).toBeVisible();
  await expect(new MealPage(jun.page).main.getByText('주문함', { exact: true })).toBeVisible();
  await expect(new Room(sol.page).log).toContainText('방장이 주문했습니다.');
  await expect(sol.page.getByRole('link', { name: '주문했어요' })).toBeVisible();
  stays.forEach((check) => check());
  await open(jun.page, '/me/parties?shelf=joined');
  await expect(jun.page.getByRole('article').filter({ hasText: title })).toContainText('주문함');
});
