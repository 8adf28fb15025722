// Who pays what at an order: `/meals/:id/bill` once it is ordered.

import { expect, live, open, test } from '../fixtures.ts';
import { BillPage, enter } from '../pages/bill.ts';
import { call, noReload, table } from '../pages/chat.ts';
import { advance, doIt, MealPage, openMeal } from '../pages/meals.ts';

const ACCOUNT = '국민 123-45-678 김미나';

test('a bill is split to the won, sent, received and settled', { tag: '@nojs' }, async ({ neighbour, axe, complaints }) => {
  complaints.allow(/status of 409/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { party } = await table(mina, jun);
  await enter(mina.page.request, party, '마라탕', 9_500);
  await enter(jun.page.request, party, '꿔바로우', 14_000);
  await doIt(mina.page.request, 'close_party', party);
  await advance(mina.page.request, party, 'ordered');

  await open(jun.page, `/meals/${party}/bill`);
  const juns = new BillPage(jun.page);
  await expect(juns.shares).toContainText('방장이 아직 정산 방법을 정하지 않았어요.');
  await expect(juns.share(jun.name)).toContainText('15,750원');
  await expect(juns.pay).toHaveCount(0);

  await open(mina.page, `/meals/${party}/bill`);
  const minas = new BillPage(mina.page);
  await axe(mina.page);
  await minas.startSettling(ACCOUNT, '3,001');
  await expect(minas.share(mina.name)).toContainText('끝수 1원 포함');
  await minas.addExtra('할인 쿠폰', '-1,000');
  await expect(minas.shares).toContainText('할인 쿠폰');
  await expect(minas.share(jun.name)).toContainText('15,000원');
  await axe(mina.page);

  await open(jun.page, `/meals/${party}/bill`);
  await expect(juns.pay).toContainText(ACCOUNT);
  await expect(juns.pay).toContainText('15,000원');
  await axe(jun.page);
  await juns.pay.getByRole('button', { name: '보냈어요', exact: true }).click();
  await expect(juns.pay).toContainText('방장이 받으면 끝나요');

  await advance(mina.page.request, party, 'arrived');
  await open(mina.page, `/meals/${party}/bill`);
  await expect(minas.share(jun.name)).toContainText('보냈대요');
  await minas.settle();
  await expect(minas.trouble).toContainText('아직 받지 못한 돈이 있어요.');
  await open(mina.page, `/meals/${party}/bill`);
  await minas.share(jun.name).getByRole('button', { name: `${jun.name} 님 돈 받았어요` }).click();
  await expect(minas.share(jun.name).getByText('받았어요', { exact: true })).toBeVisible();
  await open(mina.page, `/meals/${party}/bill`);
  await minas.settle();
  await expect(minas.main.getByRole('region', { name: '어떻게 정산할까요?' })).toHaveCount(0);
  await minas.main.locator('summary').filter({ hasText: '바뀐 기록' }).click();
  await expect(minas.main).toContainText(`${mina.name} 님이 정산을 끝냈어요`);
  await axe(mina.page);
  await open(jun.page, `/meals/${party}/bill`);
  await expect(juns.main).not.toContainText(ACCOUNT);
  await expect(juns.share(jun.name)).toContainText('받았어요');
});

test('an account is copied, the bill is a table, and paper shows no buttons', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { party } = await table(mina, jun);
  await enter(jun.page.request, party, '=1+1', 14_000);
  await doIt(mina.page.request, 'close_party', party);
  await advance(mina.page.request, party, 'ordered');
  await open(mina.page, `/meals/${party}/bill`);
  await new BillPage(mina.page).startSettling(ACCOUNT);
  await jun.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(jun.page, `/meals/${party}/bill`);
  const bill = new BillPage(jun.page);
  await bill.pay.getByRole('button', { name: '복사' }).click();
  await expect(jun.page.getByText('계좌를 복사했어요.')).toBeVisible();
  expect(await jun.page.evaluate(() => navigator.clipboard.readText())).toBe(ACCOUNT);
  const waiting = jun.page.waitForEvent('download');
  await bill.main.getByRole('link', { name: '표로 받기(CSV)' }).click();
  expect((await waiting).suggestedFilename()).toBe('bill.csv');
  const table_ = await jun.page.request.get(`/meals/${party}/bill.csv`);
  expect(await table_.text()).toContain("'=1+1");
  await jun.page.emulateMedia({ media: 'print' });
  await expect(bill.share(jun.name)).toBeVisible();
  await expect(bill.pay.getByRole('button')).toHaveCount(0);
  await expect(jun.page.getByRole('navigation', { name: '주 메뉴' })).toBeHidden();
});

test('a whole evening of four', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun, sol, dan] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔'), await neighbour('단비')];
  const order = await openMeal(mina.page.request, { title: `저녁 ${mina.name}`, fee: '3500', minimum: '30000', seats: '4' });
  const guests = [jun, sol, dan];
  for (const guest of guests) {
    await open(guest.page, order.path);
    await new MealPage(guest.page).join.click();
    await expect(new MealPage(guest.page).chat).toBeVisible();
    await open(guest.page, `${order.path}/bill`);
  }
  await open(mina.page, `${order.path}/bill`);
  const everybody = [mina, ...guests];
  await live(...everybody.map(({ page }) => page));
  const stays = everybody.map(({ page }) => noReload(page));
  const bills = everybody.map(({ page }) => new BillPage(page));
  for (const [n, bill] of bills.entries()) await bill.add(`메뉴 ${n}`, String(9_000 + n));
  for (const bill of bills) await expect(bill.sum).toContainText('36,006원');
  await advance(mina.page.request, order.id, 'ordered');
  await expect(bills[1]!.mine).toContainText('방장이 주문해서 더 바꿀 수 없어요.');
  await bills[0]!.startSettling(ACCOUNT, '4,000');
  for (const [n, bill] of bills.entries()) {
    if (n === 0) continue;
    await expect(bill.pay).toContainText(`${(10_000 + n).toLocaleString('en')}원`);
    await bill.pay.getByRole('button', { name: '보냈어요', exact: true }).click();
    await expect(bills[0]!.share(everybody[n]!.name)).toContainText('보냈대요');
    await bills[0]!.share(everybody[n]!.name).getByRole('button', { name: `${everybody[n]!.name} 님 돈 받았어요` }).click();
    await expect(bill.pay).toContainText('방장이 받았어요');
  }
  await advance(mina.page.request, order.id, 'arrived');
  await bills[0]!.settle();
  for (const { page } of guests) await expect(page.getByRole('region', { name: '내가 낼 돈' })).toHaveCount(0);
  stays.forEach((check) => check());
  await open(jun.page, '/me/parties?shelf=past');
  await expect(jun.page.getByRole('article').filter({ hasText: order.title })).toContainText('정산 완료');
});

test('the host vanishes in the middle of settling, and the fee was another than thought', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  // Her own page is told that her session has ended.
  complaints.allow(/status of 40[13]/);
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  const { party } = await table(mina, jun, sol);
  await doIt(mina.page.request, 'close_party', party);
  await advance(mina.page.request, party, 'ordered');
  await open(mina.page, `/meals/${party}/bill`);
  const hers = new BillPage(mina.page);
  await hers.startSettling(ACCOUNT, '3,000');
  await open(sol.page, `/meals/${party}/bill`);
  await live(sol.page);
  const stays = noReload(sol.page);
  const sols = new BillPage(sol.page);
  await expect(sols.pay).toContainText('1,000원');
  await sols.pay.getByRole('button', { name: '보냈어요', exact: true }).click();
  await expect(sols.pay.getByRole('button', { name: '보냈어요', exact: true })).toHaveCount(0);
  await call(mina.page.request, 'close_account', { 'form[current_password]': mina.password });
  // Who sat down first goes on. She keeps her seat and what she owes, and nobody sends her money any more.
  await expect(sols.everybody).toContainText('탈퇴한 사용자');
  await expect(sols.everybody).not.toContainText(mina.name);
  await expect(sols.pay).not.toContainText(ACCOUNT);
  await expect(sols.share(sol.name)).toContainText('1,000원');
  await expect(sols.share(sol.name)).toContainText('보냈대요');
  stays();
  await open(jun.page, `/meals/${party}/bill`);
  const juns = new BillPage(jun.page);
  await juns.startSettling('모임은행 2', '4,001');
  await expect(sols.pay).toContainText('1,333원');
  await expect(sols.pay).toContainText('모자란 333원을 방장과 맞춰 주세요');
  await expect(sols.pay).toContainText('모임은행 2');
  await expect(juns.share(jun.name)).toContainText('1,334원');
  await expect(juns.share('탈퇴한 사용자')).toContainText('1,334원');
  await sols.pay.getByRole('button', { name: '보냈어요', exact: true }).click();
  await juns.share(sol.name).getByRole('button', { name: `${sol.name} 님 돈 받았어요` }).click();
  await expect(sols.pay).toContainText('방장이 받았어요');
  await advance(jun.page.request, party, 'arrived');
  // Nobody pays for her.
  await juns.settle(true);
  await expect(sol.page.getByRole('region', { name: '내가 낼 돈' })).toHaveCount(0);
  stays();
});

test('what somebody had ordered who is released after that is the host\'s', { tag: ['@desktop', '@nojs'] }, async ({ neighbour, axe }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { party } = await table(mina, jun);
  await enter(jun.page.request, party, '꿔바로우', 14_000);
  await doIt(mina.page.request, 'close_party', party);
  await advance(mina.page.request, party, 'ordered');
  await open(mina.page, `/meals/${party}`);
  const order = new MealPage(mina.page);
  await expect(order.inDesk(jun.name)).toContainText('내보낸 사람이 시킨 것은 방장이 내고');
  await order.remove(jun.name);
  await expect(order.inDesk(jun.name)).toHaveCount(0);
  await expect(mina.page.getByRole('button', { name: '풀어 주기' })).toHaveCount(0);
  await open(mina.page, `/meals/${party}/bill`);
  const bill = new BillPage(mina.page);
  await expect(bill.share(mina.name)).toContainText('내보낸 사람이 시킨 것 14,000원');
  await expect(bill.sum).toContainText('14,000원');
  await axe(mina.page);
});
