// The main job: somebody opens a shared order, a neighbour finds it, sits down, and both talk; and what the host decides
// arrives where the others are.

import type { Locator } from '@playwright/test';
import { expect, live, open, type Person, test } from '../fixtures.ts';
import { navigationBadge, noReload, Room, Rooms, table } from '../pages/chat.ts';
import { MealForm, MealPage, MealsPage, tryTo } from '../pages/meals.ts';

/** Opens an order through the page. */
async function openOrder({ page }: Person, title: string): Promise<void> {
  await open(page, '/meals/new');
  const form = new MealForm(page);
  await form.fill({ title });
  await form.open.click();
  await expect(new MealPage(page).heading).toHaveText(title);
}

/** Finds an order in the list of the reader's own 동, and looks at it. */
async function findOrder({ page }: Person, title: string): Promise<MealPage> {
  await open(page, '/meals?sort=new');
  await new MealsPage(page).card(title).getByRole('link', { name: title }).click();
  await expect(new MealPage(page).heading).toHaveText(title);
  return new MealPage(page);
}

test('a neighbour finds an order, joins it, and both talk without loading a page', async ({ person }) => {
  const [hana, duri] = await Promise.all([person('하나'), person('두리')]);
  const title = `마라탕 같이 시켜요 ${hana.name}`;
  await openOrder(hana, title);
  await new MealPage(hana.page).chat.click();
  const hers = new Room(hana.page);
  await expect(hers.title).toHaveText(title);

  const order = await findOrder(duri, title);
  await order.join.click();
  await order.chat.click();
  const his = new Room(duri.page);
  await expect(his.title).toHaveText(title);
  await expect(hers.message(`${duri.name} 님이 입장했습니다.`)).toBeVisible();

  const [herPageStays, hisPageStays] = [noReload(hana.page), noReload(duri.page)];
  await his.say('안녕하세요, 저도 먹을래요');
  await expect(hers.message('안녕하세요, 저도 먹을래요')).toBeVisible();
  await his.expectUnread('안녕하세요, 저도 먹을래요', 0);
  await hers.composer.pressSequentially('어서');
  await expect(his.typing).toContainText(`${hana.name} 님이 입력하고 있어요`);
  await hers.say('어서 오세요!');
  await expect(his.message('어서 오세요!')).toBeVisible();
  await expect(his.typing).toBeHidden();
  herPageStays();
  hisPageStays();
});

// On the desktop, where the list stands beside the room.
test('unread numbers count down in the room, and up in the list, the navigation and the title', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri, sena] = await Promise.all([neighbour('하나'), neighbour('두리'), neighbour('세나')]);
  const { room, title } = await table(hana, duri, sena);
  // That they came is counted as well.
  await open(hana.page, '/me/notices');
  await hana.page.getByRole('button', { name: '모두 읽음' }).click();
  await expect(hana.page.getByRole('button', { name: '모두 읽음' })).toHaveCount(0);
  await Promise.all([open(hana.page, '/chat'), open(duri.page, `/chat/${room}`), open(sena.page, '/meals')]);
  const [list, his] = [new Rooms(hana.page), new Room(duri.page)];
  await list.expectUnread(title, 0);
  const stays = [noReload(hana.page), noReload(duri.page), noReload(sena.page)];

  await his.say('첫째 말');
  await his.say('둘째 말');
  // Two members have not seen it.
  await his.expectUnread('둘째 말', 2);
  await list.expectUnread(title, 2);
  await expect(list.row(title)).toContainText(`${duri.name}: 둘째 말`);
  for (const { page } of [hana, sena]) {
    await expect(navigationBadge(page)).toHaveText('안 읽음 2');
    await expect(page).toHaveTitle(/^\(2\) /);
  }

  await list.link(title).click();
  await his.expectUnread('둘째 말', 1);
  await expect(navigationBadge(hana.page)).toHaveCount(0);
  await expect(hana.page).not.toHaveTitle(/^\(/);
  await list.expectUnread(title, 0);

  stays.forEach((check) => check());
  await open(sena.page, `/chat/${room}`);
  await his.expectUnread('첫째 말', 0);
  await his.expectUnread('둘째 말', 0);
});

test('a reader who comes back finds the place up to which they had read', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { room } = await table(hana, duri);
  const [hers, his] = [new Room(hana.page), new Room(duri.page)];
  await open(duri.page, `/chat/${room}`);
  await open(hana.page, `/chat/${room}`);
  await his.say('읽은 말');
  await his.expectUnread('읽은 말', 0);
  await expect(hers.readLine).toHaveCount(0);
  await open(hana.page, '/meals');
  await his.say('아직 못 읽은 말');
  await expect(navigationBadge(hana.page)).toHaveText('안 읽음 1');

  await open(hana.page, `/chat/${room}`);
  await expect(hers.readLine).toBeVisible();
  expect(await hers.texts(/^(읽은 말|여기까지 읽었습니다|아직 못 읽은 말)$/m)).toEqual(['읽은 말', '여기까지 읽었습니다', '아직 못 읽은 말']);
  await his.expectUnread('아직 못 읽은 말', 0);
});

test('who is removed is told at once where they are, and cannot come back', async ({ neighbour, complaints }) => {
  complaints.allow(/status of 404/);
  const [hana, duri, sena] = await Promise.all([neighbour('하나'), neighbour('두리'), neighbour('세나')]);
  const { party, room, title } = await table(hana, duri, sena);
  const his = new Room(duri.page);
  await Promise.all([open(duri.page, `/chat/${room}`), open(sena.page, `/chat/${room}`), open(hana.page, `/meals/${party}`)]);
  await expect(his.title).toHaveText(title);
  const [hisPageStays, order] = [noReload(duri.page), new MealPage(hana.page)];
  await order.remove(duri.name);

  await expect(his.gone).toBeVisible();
  await expect(his.members).toHaveCount(0);
  await expect(his.composer).toBeHidden();
  hisPageStays();
  await his.goneLink.click();
  const list = new Rooms(duri.page);
  await expect(list.heading).toBeVisible();
  await expect(list.link(title)).toHaveCount(0);
  await expect(new Room(sena.page).message(`방장이 ${duri.name} 님을 내보냈습니다.`)).toBeVisible();

  // Neither through the page nor past it.
  await open(duri.page, `/meals/${party}`);
  await expect(new MealPage(duri.page).join).toHaveCount(0);
  expect((await tryTo(duri.page.request, 'join_party', party)).status()).toBe(409);
  const answer = await duri.page.goto(`/chat/${room}`);
  expect(answer?.status()).toBe(404);

  // Until the host lets them.
  await order.inDesk(duri.name).getByRole('button', { name: '풀어 주기' }).click();
  await expect(order.inDesk(duri.name)).toHaveCount(0);
  await open(duri.page, `/meals/${party}`);
  await new MealPage(duri.page).join.click();
  await new MealPage(duri.page).chat.click();
  await expect(his.title).toHaveText(title);
});

test('the host closes an order and opens it again', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { party } = await table(hana);
  const [hers, his] = [new MealPage(hana.page), new MealPage(duri.page)];
  await open(hana.page, `/meals/${party}`);
  const [close, reopen] = ['모집 끝내기', '모집 하기'].map((name) => hers.desk.getByRole('button', { name })) as [Locator, Locator];
  await close.click();
  await expect(reopen).toBeVisible();
  await open(duri.page, `/meals/${party}`);
  await expect(his.join).toHaveCount(0);
  expect((await tryTo(duri.page.request, 'join_party', party)).status()).toBe(409);

  await reopen.click();
  await expect(close).toBeVisible();
  await open(duri.page, `/meals/${party}`);
  await his.join.click();
  await expect(his.chat).toBeVisible();
});

test('what others do closes no question that the host has open meanwhile', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri, sena] = await Promise.all([neighbour('하나'), neighbour('두리'), neighbour('세나')]);
  const { party } = await table(hana, duri);
  const hers = new MealPage(hana.page);
  await open(hana.page, `/meals/${party}`);
  await live(hana.page);
  // The page hears that somebody has come and asks what it looks like now; the answer is on its way until the question is open.
  let [asked, opened] = [(): void => {}, (): void => {}];
  const isAsked = new Promise<void>((done) => (asked = done));
  const isOpen = new Promise<void>((done) => (opened = done));
  await hana.page.route('**/api/meal?*', async (route) => {
    const response = await route.fetch();
    asked();
    await isOpen;
    await route.fulfill({ response });
  });
  expect((await tryTo(sena.page.request, 'join_party', party)).ok()).toBe(true);
  await isAsked;
  const came = hana.page.waitForResponse(/\/api\/meal\?/);
  await hers.inDesk(duri.name).locator('summary').filter({ hasText: '방장 넘기기' }).click();
  const question = hers.inDesk(duri.name).getByRole('group', { name: `${duri.name} 님에게 방장을 넘길까요?` });
  await expect(question).toBeVisible();
  opened();
  await (await came).finished();
  // Whatever an answer changes is changed before it is drawn.
  await hana.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await expect(question).toBeVisible();
  await expect(hers.inDesk(sena.name)).toHaveCount(0);
  await question.getByRole('button', { name: '그만두기' }).click();
  await hers.heading.click();
  await expect(hers.inDesk(sena.name)).toBeVisible();
});

test('what others did is asked for again when the answer is lost', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  const [hana, duri, sena] = await Promise.all([neighbour('하나'), neighbour('두리'), neighbour('세나')]);
  const { party } = await table(hana, duri);
  await open(hana.page, `/meals/${party}`);
  await live(hana.page);
  complaints.allow(/net::ERR_FAILED/);
  // Whatever is asked within a second of the first time is lost: all that her coming says of itself.
  let first = 0;
  await hana.page.route('**/api/meal?*', (route) => {
    first ||= Date.now();
    return Date.now() < first + 1_000 ? route.abort() : route.continue();
  });
  expect((await tryTo(sena.page.request, 'join_party', party)).ok()).toBe(true);
  await expect(new MealPage(hana.page).inDesk(sena.name)).toBeVisible();
  expect(first).toBeGreaterThan(0);
});

test('the host hands an order over, and the new host has their tools', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { party, room } = await table(hana, duri);
  const his = new Room(duri.page);
  await open(duri.page, `/chat/${room}`);
  await open(hana.page, `/meals/${party}`);
  await new MealPage(hana.page).handOver(duri.name);
  await expect(his.message(`이제 ${duri.name} 님이 방장입니다.`)).toBeVisible();
  await expect(new MealPage(hana.page).desk).toHaveCount(0);
  await open(duri.page, `/meals/${party}`);
  await expect(new MealPage(duri.page).desk).toBeVisible();
});

test('a cancelled order closes its room wherever it is open, with the reason and a way back', async ({ neighbour, axe, complaints }) => {
  const [hana, duri, sena] = await Promise.all([neighbour('하나'), neighbour('두리'), neighbour('세나')]);
  const { party, room, title } = await table(hana, duri, sena);
  const list = new Rooms(sena.page);
  await Promise.all([open(hana.page, `/meals/${party}`), open(duri.page, `/chat/${room}`), open(sena.page, '/chat')]);
  await expect(list.link(title)).toBeVisible();
  await live(duri.page, sena.page);
  const stays = [noReload(duri.page), noReload(sena.page)];
  await new MealPage(hana.page).cancel('가게가 문을 닫았어요');

  const his = new Room(duri.page);
  await expect(his.gone).toContainText('방이 삭제되었습니다');
  await expect(his.gone).toContainText('가게가 문을 닫았어요');
  await expect(his.composer).toBeHidden();
  await expect(list.link(title)).toHaveCount(0);
  await axe(duri.page);
  stays.forEach((check) => check());
  await his.goneLink.click();
  await expect(new Rooms(duri.page).heading).toBeVisible();

  // Who comes by later reads the same.
  complaints.allow(/status of 410/);
  await open(sena.page, `/chat/${room}`);
  await expect(new Room(sena.page).gone).toContainText('방이 삭제되었습니다');
  await expect(new Room(sena.page).gone).toContainText('가게가 문을 닫았어요');
});

test('everything goes with plain forms: open, join, say, read, leave', { tag: '@nojs-only' }, async ({ person }) => {
  const [hana, duri] = [await person('하나'), await person('두리')];
  const title = `마라탕 같이 시켜요 ${hana.name}`;
  await openOrder(hana, title);
  const order = await findOrder(duri, title);
  await order.join.click();
  await order.chat.click();
  const [hers, his] = [new Room(hana.page), new Room(duri.page)];
  await his.say('자바스크립트 없이 왔어요');
  await expect(his.message('자바스크립트 없이 왔어요')).toBeVisible();

  await open(hana.page, '/chat');
  const list = new Rooms(hana.page);
  await list.expectUnread(title, 1);
  await expect(navigationBadge(hana.page)).toHaveText('안 읽음 1');
  await list.link(title).click();
  await expect(hers.message('자바스크립트 없이 왔어요')).toBeVisible();
  await hers.markRead.click();
  await hers.expectUnread('자바스크립트 없이 왔어요', 0);
  await expect(navigationBadge(hana.page)).toHaveCount(0);
  await hers.say('반가워요');
  await expect(hers.message('반가워요')).toBeVisible();
  await open(hana.page, '/chat');
  await list.expectUnread(title, 0);

  await duri.page.reload();
  await expect(his.message('반가워요')).toBeVisible();
  await his.partyLink.click();
  await order.leave();
  await expect(order.join).toBeVisible();
  await open(duri.page, '/chat');
  await expect(new Rooms(duri.page).link(title)).toHaveCount(0);
});
