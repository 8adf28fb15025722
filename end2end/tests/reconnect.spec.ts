// Lost connections: what was said is never lost, doubled or out of order, whatever goes away and comes back.

import type { Page } from '@playwright/test';
import { expect, live, open, type Person, test } from '../fixtures.ts';
import { firstWord, noReload, post, Room, Rooms, stored } from '../pages/chat.ts';
import type { Server } from '../server.ts';

test.beforeEach(({ complaints }) => {
  // What the browser itself says of a server that is away.
  complaints.allow(/net::ERR_|WebSocket/);
});

/** Two people in their room, each with a page on it. */
async function talk(neighbour: (name: string) => Promise<Person>): Promise<{ hana: Person; duri: Person; room: string; hers: Room; his: Room }> {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const room = await firstWord(duri, hana, '처음');
  await Promise.all([open(hana.page, `/chat/${room}`), open(duri.page, `/chat/${room}`)]);
  const [hers, his] = [new Room(hana.page), new Room(duri.page)];
  await live(hana.page, duri.page);
  await his.expectUnread('처음', 0);
  return { hana, duri, room, hers, his };
}

/** Pages try again at once, as when the network comes back, instead of when their pause is over. */
async function wake(...pages: Page[]): Promise<void> {
  for (const page of pages) await page.evaluate(() => window.dispatchEvent(new Event('online')));
}

const WAYS: [string, (server: Server) => Promise<void>][] = [
  ['is restarted', async (server) => void (await server.stop())],
  ['is killed', (server) => server.kill9()],
];

for (const [what, goAway] of WAYS) {
  test(`what was written while the server ${what} goes out once, in order`, { tag: '@desktop' }, async ({ neighbour, server }) => {
    const { hana, duri, room, hers, his } = await talk(neighbour);
    const stays = [noReload(hana.page), noReload(duri.page)];
    await goAway(server);
    await expect(hers.offline).toBeVisible();
    await hers.say('끊긴 동안 하나');
    await hers.say('끊긴 동안 둘');
    await expect(hers.message('끊긴 동안 하나')).toBeVisible();
    await expect(hers.waiting('끊긴 동안 둘')).toBeVisible();
    await server.start();
    await wake(hana.page, duri.page);

    await expect(his.message('끊긴 동안 둘')).toBeVisible({ timeout: 45_000 });
    await expect(hers.offline).toBeHidden({ timeout: 45_000 });
    await expect(his.offline).toBeHidden({ timeout: 45_000 });
    await expect(hers.waiting('끊긴 동안 둘')).toHaveCount(0);
    await his.say('다시 왔네요');
    await expect(hers.message('다시 왔네요')).toBeVisible();
    const all = ['처음', '끊긴 동안 하나', '끊긴 동안 둘', '다시 왔네요'];
    for (const side of [hers, his]) expect(await side.texts(/^(처음|끊긴 동안 (하나|둘)|다시 왔네요)$/m)).toEqual(all);
    expect(await stored(duri, room)).toEqual(all);
    stays.forEach((check) => check());
  });
}

test('nothing that was acknowledged is lost when the server is killed', { tag: '@desktop' }, async ({ neighbour, server }) => {
  const { hana, duri, room, hers } = await talk(neighbour);
  for (let number = 1; number <= 10; number += 1) await hers.say(`급한 말 ${number}번`);
  // The counter beside a message stands only where it is stored.
  await hers.expectUnread('급한 말 10번', 0);
  await server.kill9();
  await expect(hers.offline).toBeVisible();
  await server.start();
  await wake(hana.page);
  await expect(hers.offline).toBeHidden({ timeout: 45_000 });
  const all = ['처음', ...Array.from({ length: 10 }, (_, index) => `급한 말 ${index + 1}번`)];
  expect(await stored(duri, room)).toEqual(all);
  expect(await hers.texts(/^(처음|급한 말 \d+번)$/m)).toEqual(all);
});

test('who was offline gets what the others said, and says what they wrote', { tag: '@desktop' }, async ({ neighbour }) => {
  const { hana, duri, room, hers, his } = await talk(neighbour);
  const stays = noReload(hana.page);
  await hana.context.setOffline(true);
  await expect(hers.offline).toBeVisible();
  await his.say('터널이에요?');
  await his.expectUnread('터널이에요?', 1);
  await hers.say('터널에서 쓴 말');
  await expect(hers.waiting('터널에서 쓴 말')).toBeVisible();
  await expect(hers.message('터널이에요?')).toHaveCount(0);
  await expect(his.message('터널에서 쓴 말')).toHaveCount(0);

  await hana.context.setOffline(false);
  await expect(hers.message('터널이에요?')).toBeVisible({ timeout: 45_000 });
  await expect(his.message('터널에서 쓴 말')).toBeVisible();
  await expect(hers.offline).toBeHidden();
  const all = ['처음', '터널이에요?', '터널에서 쓴 말'];
  for (const side of [hers, his]) await expect.poll(() => side.texts(/^(처음|터널이에요\?|터널에서 쓴 말)$/m)).toEqual(all);
  expect(await stored(duri, room)).toEqual(all);
  stays();
});

test('a message that waits survives loading the page again', { tag: '@desktop' }, async ({ neighbour, server }) => {
  const { hana, duri, room, hers, his } = await talk(neighbour);
  await server.kill9();
  await expect(hers.offline).toBeVisible();
  await hers.say('새로 고침을 견딜 말');
  await expect(hers.waiting('새로 고침을 견딜 말')).toBeVisible();
  await server.start();
  await open(hana.page, `/chat/${room}`);
  await wake(duri.page);
  await expect(his.message('새로 고침을 견딜 말')).toHaveCount(1, { timeout: 45_000 });
  await expect(hers.message('새로 고침을 견딜 말')).toHaveCount(1);
  expect(await stored(duri, room)).toEqual(['처음', '새로 고침을 견딜 말']);
});

test('what was said while somebody was away is in the room list and the room after a restart', { tag: '@desktop' }, async ({ neighbour, server }) => {
  const { hana, duri, room, hers } = await talk(neighbour);
  await hana.context.setOffline(true);
  await expect(hers.offline).toBeVisible();
  await server.restart();
  for (let number = 1; number <= 15; number += 1) await post(duri, room, `놓친 말 ${number}번`);
  await hana.context.setOffline(false);
  const missed = Array.from({ length: 15 }, (_, index) => `놓친 말 ${index + 1}번`);
  await expect(hers.message('놓친 말 15번')).toBeVisible({ timeout: 45_000 });
  expect(await hers.texts(/놓친 말 \d+번/)).toEqual(missed);
});

test('the list of rooms catches up after a lost connection, and keeps what is being typed', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri, sena] = await Promise.all([neighbour('하나'), neighbour('두리'), neighbour('세나')]);
  const room = await firstWord(duri, hana, '처음');
  const list = new Rooms(hana.page);
  await open(hana.page, '/chat');
  await expect(list.row(duri.name)).toContainText('처음');
  const stays = noReload(hana.page);
  await list.search.pressSequentially('세나를 찾');
  // Heard live: what the server says next is told over the connection.
  await post(duri, room, '들려요');
  await expect(list.row(duri.name)).toContainText('들려요');
  await hana.context.setOffline(true);
  await expect(hana.page.locator('html')).not.toHaveAttribute('data-live');
  await post(duri, room, '놓친 말');
  await firstWord(sena, hana, '새로 온 사람');
  await hana.context.setOffline(false);
  await expect(list.row(duri.name)).toContainText('놓친 말', { timeout: 45_000 });
  await list.expectUnread(sena.name, 1);
  await expect(list.search).toHaveValue('세나를 찾');
  await expect(list.search).toBeFocused();
  stays();
});

test('a room that was opened while the server was away comes by itself', { tag: '@desktop' }, async ({ neighbour, server }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const room = await firstWord(duri, hana, '처음');
  await open(hana.page, `/chat/${room}`);
  const [list, hers] = [new Rooms(hana.page), new Room(hana.page)];
  await expect(hers.message('처음')).toBeVisible();
  await hana.page.getByRole('link', { name: '채팅', exact: true }).last().click();
  await expect(hana.page).toHaveURL('/chat');
  const stays = noReload(hana.page);
  await server.kill9();
  await list.link(duri.name).click();
  await expect(hers.main.getByRole('link', { name: '다시 열기' })).toBeVisible();
  await server.start();
  await wake(hana.page);
  await expect(hers.message('처음')).toBeVisible({ timeout: 45_000 });
  stays();
});

test('a server that takes the connection and says nothing is given up', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const room = await firstWord(duri, hana, '처음');
  let asked = 0;
  await hana.page.routeWebSocket(/\/ws\?/, (socket) => {
    asked += 1;
    if (asked > 2) socket.connectToServer();
  });
  await hana.page.clock.install();
  await open(hana.page, `/chat/${room}`);
  const hers = new Room(hana.page);
  // The page's clock goes on by itself as well.
  await expect.poll(() => asked).toBeGreaterThanOrEqual(1);
  await hana.page.clock.runFor(16_000);
  await expect.poll(() => asked).toBeGreaterThanOrEqual(2);
  // Still connecting, and says so.
  await expect(hers.offline).toBeVisible();
  await hana.page.clock.runFor(17_000);
  await hers.say('이제 됐다');
  await hers.expectUnread('이제 됐다', 1);
  await expect(hers.offline).toBeHidden();
});

test('a session that ended while nothing was connected asks to sign in', { tag: '@desktop' }, async ({ neighbour }) => {
  const { hana, hers } = await talk(neighbour);
  await hana.context.setOffline(true);
  await expect(hers.offline).toBeVisible();
  const cookies = await hana.context.cookies();
  const ended = await fetch(new URL('/api/sign_out', hana.page.url()), {
    method: 'POST',
    headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
  });
  expect(ended.status).toBe(200);
  await hana.context.setOffline(false);
  await expect(hers.ended).toBeVisible();
});

test('a session that was ended elsewhere closes the room and asks to sign in', { tag: '@desktop' }, async ({ neighbour, newcomer, complaints }) => {
  complaints.allow(/status of 401/);
  const { hana, hers } = await talk(neighbour);
  const elsewhere = await newcomer('하나');
  const form = { 'form[email]': hana.email, 'form[password]': hana.password };
  const signedIn = await elsewhere.page.request.post('/api/sign_in', { form });
  expect(signedIn.status()).toBe(200);
  const stays = noReload(hana.page);
  const ended = await elsewhere.page.request.post('/api/end_other_sessions');
  expect(ended.status()).toBe(200);
  await expect(hers.ended).toBeVisible();
  stays();
  await hers.ended.getByRole('link', { name: /로그인/ }).click();
  await expect(hana.page).toHaveURL(/\/sign-in/);
});
