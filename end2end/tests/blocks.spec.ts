// What people do not want to hear of: rooms and other people.

import { expect, live, open, test } from '../fixtures.ts';
import { isScripted } from '../pages/accounts.ts';
import { firstWord, navigationBadge, noReload, post, Room, Rooms, table } from '../pages/chat.ts';

test('somebody blocks a person, hears nothing of them, and blocks them no more', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const direct = await firstWord(jun, mina, '안녕하세요');
  const { room } = await table(mina, jun);
  await post(jun, room, '다 같이 있는 데서');
  const { page } = mina;
  const rooms = new Rooms(page);
  await open(page, '/chat');
  await expect(rooms.link(jun.name)).toBeVisible();
  await open(page, `/chat/${room}?people=1`);
  await new Room(page).members.getByRole('link', { name: jun.name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: jun.name })).toBeVisible();
  await page.locator('summary').filter({ hasText: '차단' }).click();
  await axe(page);
  await page.getByRole('button', { name: '차단', exact: true }).click();
  await expect(page.getByText('차단한 사람이에요.')).toBeVisible();
  await expect(page.getByRole('link', { name: '대화하기' })).toHaveCount(0);

  await post(jun, direct, '왜 답이 없어요?');
  await open(page, '/chat');
  await expect(rooms.rows.first()).toBeVisible();
  await expect(rooms.link(jun.name)).toHaveCount(0);
  const hers = new Room(page);
  await open(page, `/chat/${room}`);
  await expect(hers.entries.filter({ hasText: '차단한 사람의 메시지' })).toBeVisible();
  await expect(page.getByText('다 같이 있는 데서')).toBeHidden();
  await hers.log.locator('summary').click();
  await expect(page.getByText('다 같이 있는 데서')).toBeVisible();
  await axe(page);
  const his = new Room(jun.page);
  await open(jun.page, `/chat/${direct}`);
  await his.expectUnread('왜 답이 없어요?', 1);

  await open(page, '/me');
  await page.getByRole('link', { name: '차단한 사람' }).click();
  await expect(page).toHaveURL('/me/blocks');
  await axe(page);
  await page.getByRole('button', { name: '차단 풀기' }).click();
  await expect(page.getByText('차단한 사람이 없어요')).toBeVisible();
  if (await isScripted(page)) await expect(page.getByRole('heading', { level: 1, name: '차단한 사람' })).toBeFocused();
  await post(jun, direct, '다시 안녕하세요');
  await open(page, '/chat');
  await expect(rooms.link(jun.name)).toBeVisible();
});

test('a silent room is not counted, on every page of mine', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { room, title } = await table(mina, jun);
  const other = await mina.page.context().newPage();
  await open(other, '/me');
  await live(other);
  await open(mina.page, `/chat/${room}`);
  const mute = mina.page.getByRole('button', { name: '알림 끄기' });
  await mute.click();
  await expect(mute).toHaveAttribute('aria-pressed', 'true');
  await expect(mute).toBeFocused();
  await open(mina.page, '/chat');
  await live(mina.page, other);
  const list = new Rooms(mina.page);
  await expect(list.row(title)).toContainText('알림 끔');
  await post(jun, room, '조용히 한마디');
  await list.expectUnread(title, 1);
  await expect(navigationBadge(mina.page)).toHaveCount(0);
  await expect(navigationBadge(other)).toHaveCount(0);
  // That somebody came in is the one thing to see.
  await expect(other).toHaveTitle(/^\(1\) /);
  // Where it is pressed is seen on the other page, which stays connected, and both count again.
  await open(other, `/chat/${room}`);
  await live(other);
  const there = other.getByRole('button', { name: '알림 끄기' });
  await expect(there).toHaveAttribute('aria-pressed', 'true');
  const stays = noReload(other);
  await open(mina.page, `/chat/${room}`);
  await live(mina.page);
  await mute.click();
  await expect(mute).toHaveAttribute('aria-pressed', 'false');
  await expect(there).toHaveAttribute('aria-pressed', 'false');
  await expect(new Room(other).offline).toHaveCount(0);
  stays();
});

test('a page that is open folds what somebody says who is blocked elsewhere', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { room } = await table(mina, jun);
  await post(jun, room, '시끄러운 말');
  const other = await mina.page.context().newPage();
  await Promise.all([open(other, `/chat/${room}`), open(jun.page, `/chat/${room}`)]);
  await live(other, jun.page);
  const [hers, his] = [new Room(other), new Room(jun.page)];
  await his.composer.pressSequentially('저');
  await expect(hers.typing).toContainText(jun.name);
  await open(mina.page, `/users/${encodeURIComponent(jun.name)}`);
  await mina.page.locator('summary').filter({ hasText: '차단' }).click();
  await mina.page.getByRole('button', { name: '차단', exact: true }).click();
  await expect(hers.entries.filter({ hasText: '차단한 사람의 메시지' })).toBeVisible();
  await expect(other.getByText('시끄러운 말')).toBeHidden();
  await expect(hers.typing).toHaveCount(0);
  await his.say('저도요');
  await expect(hers.entries.filter({ hasText: '차단한 사람의 메시지' })).toHaveCount(2);
  await mina.page.getByRole('button', { name: '차단 풀기' }).click();
  await expect(hers.message('저도요')).toBeVisible();
  await expect(hers.message('시끄러운 말')).toBeVisible();
});
