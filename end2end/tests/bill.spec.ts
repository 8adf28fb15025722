// What everybody at an order's table orders: `/meals/:id/bill`.

import { expect, live, open, test } from '../fixtures.ts';
import { BillPage, enter } from '../pages/bill.ts';
import { noReload, Room, table } from '../pages/chat.ts';
import { advance, doIt, MealPage } from '../pages/meals.ts';

test('each enters what they want, until the host orders', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { party } = await table(mina, jun);
  await enter(mina.page.request, party, '마라탕 보통맛', 9_500);
  await open(jun.page, `/meals/${party}`);
  await new MealPage(jun.page).cta.getByRole('link', { name: '시킬 것 적기' }).click();
  await expect(jun.page).toHaveURL(`/meals/${party}/bill`);
  const bill = new BillPage(jun.page);
  await expect(bill.of(mina.name)).toContainText('마라탕 보통맛');
  await expect(bill.sum).toContainText('최소 주문 18,000원까지 8,500원 남았어요');
  await axe(jun.page);
  await bill.add('꿔바로우', '7,000', '2');
  await expect(bill.mine.getByRole('listitem')).toContainText('7,000원 × 2');
  await expect(bill.of(jun.name)).toContainText('14,000원');
  await expect(bill.sum).toContainText('23,500원');
  await expect(bill.sum).toContainText('최소 주문 18,000원을 채웠어요');

  await bill.mine.getByRole('link', { name: '꿔바로우 고치기' }).click();
  await expect(bill.name).toHaveValue('꿔바로우');
  await bill.count.fill('1');
  await bill.mine.getByRole('button', { name: '고치기', exact: true }).click();
  await expect(bill.of(jun.name)).toContainText('7,000원 × 1');
  await axe(jun.page);
  await bill.mine.getByRole('button', { name: '꿔바로우 빼기' }).click();
  await expect(bill.of(jun.name)).toContainText('아직 적지 않았어요');

  await doIt(mina.page.request, 'close_party', party);
  await advance(mina.page.request, party, 'ordered');
  await open(jun.page, `/meals/${party}/bill`);
  await expect(bill.mine).toContainText('방장이 주문해서 더 바꿀 수 없어요.');
  await expect(bill.name).toHaveCount(0);
});

test('what is wrong is named beside its field', { tag: ['@desktop', '@nojs'] }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 422/);
  const mina = await neighbour('미나');
  const { party } = await table(mina);
  await open(mina.page, `/meals/${party}/bill`);
  const bill = new BillPage(mina.page);
  await bill.price.evaluate((element) => element.removeAttribute('maxlength'));
  await bill.add('마라탕', '많이');
  await expect(bill.price).toHaveAccessibleDescription(/값은 0원부터 1,000,000원까지/);
  await expect(bill.name).toHaveValue('마라탕');
  await bill.add('마라탕', '9500');
  await expect(bill.of(mina.name)).toContainText('9,500원 × 1');
});

test('a change of one is before the others at once, and nobody loses what they type', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { party, room } = await table(mina, jun);
  await open(jun.page, `/chat/${room}`);
  await expect(new Room(jun.page).log).toBeVisible();
  await jun.page.getByRole('link', { name: '시킬 것과 정산' }).click();
  await expect(jun.page).toHaveURL(`/meals/${party}/bill`);
  await live(jun.page);
  const stays = noReload(jun.page);
  const bill = new BillPage(jun.page);
  await bill.name.fill('쓰는 중');
  await enter(mina.page.request, party, '마라탕', 9_500, 2);
  await expect(bill.of(mina.name)).toContainText('19,000원');
  await expect(bill.sum).toContainText('19,000원');
  await expect(bill.name).toHaveValue('쓰는 중');
  // Enter goes on with the next.
  await bill.price.fill('500');
  await bill.price.press('Enter');
  await expect(bill.of(jun.name)).toContainText('쓰는 중');
  await expect(bill.name).toHaveValue('');
  await expect(bill.name).toBeFocused();
  await doIt(mina.page.request, 'close_party', party);
  await advance(mina.page.request, party, 'ordered');
  await expect(bill.name).toHaveCount(0);
  stays();
});

test('a bill is nobody else’s', { tag: ['@desktop', '@nojs'] }, async ({ page, neighbour, complaints }) => {
  complaints.allow(/status of 40[13]/);
  const [mina, bo] = [await neighbour('미나'), await neighbour('보')];
  const { party } = await table(mina);
  await enter(mina.page.request, party, '비밀 메뉴', 9_500);
  for (const stranger of [page, bo.page]) {
    const answer = await stranger.goto(`/meals/${party}/bill`);
    expect([401, 403]).toContain(answer?.status());
    await expect(stranger.getByRole('main')).not.toContainText('비밀 메뉴');
  }
});
