// What was said and is changed or deleted later.

import { expect, open, test } from '../fixtures.ts';
import { isScripted } from '../pages/accounts.ts';
import { noReload, post, Room, Rooms, stored, table } from '../pages/chat.ts';

test('what was said is changed and deleted, for everybody and at once', { tag: '@nojs' }, async ({ neighbour, axe, complaints }) => {
  // The browser's own line about a refused form.
  complaints.allow(/status of 422/);
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { room, title } = await table(hana, duri);
  const [hers, his, hisRooms] = [new Room(hana.page), new Room(duri.page), new Rooms(duri.page)];
  await Promise.all([open(hana.page, `/chat/${room}`), open(duri.page, `/chat/${room}`)]);
  await hers.say('여섯 시 정문');
  const again = async () => {
    if (!(await isScripted(duri.page))) await duri.page.reload();
  };
  await again();
  await expect(his.message('여섯 시 정문')).toBeVisible();
  await expect(his.message('여섯 시 정문').getByRole('link', { name: '이 메시지 고치거나 지우기' })).toHaveCount(0);

  const noneLoaded = noReload(duri.page);
  const change = () => hers.entries.getByRole('link', { name: '이 메시지 고치거나 지우기' });
  await hers.message('여섯 시 정문').hover();
  await change().click();
  const words = hana.page.getByRole('textbox', { name: '바꿀 말' });
  await expect(words).toHaveValue('여섯 시 정문');
  await axe(hana.page);
  await words.fill(' ');
  await hana.page.getByRole('button', { name: '고치기', exact: true }).click();
  await expect(hana.page.getByText('보낼 말을 적어 주세요.').first()).toBeVisible();
  await words.fill('일곱 시 후문');
  await hana.page.getByRole('button', { name: '고치기', exact: true }).click();
  await expect(hers.message('일곱 시 후문')).toContainText('수정됨');
  await expect(hana.page).toHaveURL(/\/chat\/[0-9a-f-]+#m\d+$/);
  await expect(hers.message('일곱 시 후문')).toBeInViewport();
  if (await isScripted(duri.page)) noneLoaded();
  await again();
  await expect(his.message('일곱 시 후문')).toContainText('수정됨');
  await expect(his.message('여섯 시 정문')).toHaveCount(0);

  await hers.message('일곱 시 후문').hover();
  await change().click();
  await hana.page.locator('summary').filter({ hasText: '메시지 지우기' }).click();
  await hana.page.getByRole('button', { name: '지우기', exact: true }).click();
  await expect(hers.message('삭제된 메시지입니다')).toBeVisible();
  await expect(change()).toHaveCount(0);
  await again();
  await expect(his.message('삭제된 메시지입니다')).toBeVisible();
  await expect(his.message('일곱 시 후문')).toHaveCount(0);
  await open(duri.page, '/chat');
  await expect(hisRooms.row(title)).toContainText('삭제된 메시지입니다');
  expect(await stored(duri, room)).toEqual(['']);
});

test('who changes what was said long ago comes back to it', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { room } = await table(hana, duri);
  const seq = await post(hana, room, '아주 오래된 말');
  // Both speak, so that nobody speaks too much.
  for (let n = 0; n < 26; n += 1) await post(n % 2 ? hana : duri, room, `그 뒤의 말 ${n}`);
  const hers = new Room(hana.page);
  await open(hana.page, `/chat/${room}/${seq}`);
  await hana.page.getByRole('textbox', { name: '바꿀 말' }).fill('아주 오래된 새 말');
  await hana.page.getByRole('button', { name: '고치기', exact: true }).click();
  await expect(hana.page).toHaveURL(`/chat/${room}#m${seq}`);
  await expect(hers.message('아주 오래된 새 말')).toBeInViewport();
  await expect(hers.message('그 뒤의 말 25')).not.toBeInViewport();
});

test('who changes what was said very long ago stays there until they go to the end', { tag: '@desktop' }, async ({ neighbour }) => {
  const hana = await neighbour('하나');
  const others = await Promise.all(['두리', '세라', '네모', '다솜', '여름'].map((name) => neighbour(name)));
  const { room } = await table(hana, ...others);
  const seq = await post(hana, room, '아주 오래된 말');
  // More than is told again to a page that has missed something; nobody speaks too much.
  for (let n = 0; n < 15; n += 1) await post(hana, room, `혼잣말 ${n}`);
  for (const other of others) for (let n = 0; n < 20; n += 1) await post(other, room, `${other.name}의 말 ${n}`);
  const last = `${others.at(-1)?.name}의 말 19`;
  const hers = new Room(hana.page);
  const change = async () => {
    await open(hana.page, `/chat/${room}/${seq}`);
    await hana.page.getByRole('textbox', { name: '바꿀 말' }).fill('아주 오래된 새 말');
    await hana.page.getByRole('button', { name: '고치기', exact: true }).click();
    await expect(hana.page).toHaveURL(`/chat/${room}?before=${seq + 15}#m${seq}`);
    await expect(hers.message('아주 오래된 새 말')).toBeInViewport();
  };
  await change();
  await hers.newest.click();
  await expect(hers.message(last)).toBeInViewport();
  await expect(hers.newest).toHaveCount(0);
  // Who says something is where it is said, also if that comes before the end of the log that was asked for at the same time: here what
  // they say leaves only when that has been read, and that arrives behind it.
  let [sending, replay]: string[] = [];
  let isHeld = false;
  await hana.page.routeWebSocket(/\/ws\?/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => {
      const text = String(frame);
      if (isHeld && !replay && text.startsWith('{"send"')) sending = text;
      else server.send(text);
    });
    server.onMessage((frame) => {
      const text = String(frame);
      if (isHeld && text.startsWith('{"replay"')) {
        replay = text;
        if (sending) server.send(sending);
        return;
      }
      socket.send(text);
      if (isHeld && replay && text.startsWith('{"message"')) {
        isHeld = false;
        socket.send(replay);
      }
    });
  });
  await change();
  isHeld = true;
  await hers.say('이제 하는 말');
  await expect.poll(() => isHeld).toBe(false);
  await expect(hers.message('이제 하는 말')).toBeInViewport();
  await expect(hers.message(last)).toBeVisible();
  await expect(hers.newest).toHaveCount(0);
});

test('the list of rooms follows a change, and what is quoted too', async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { room, title } = await table(hana, duri);
  const seq = await post(hana, room, '오타가 있는 먈');
  const [his, list] = [new Room(duri.page), new Rooms(duri.page)];
  await open(duri.page, `/chat/${room}`);
  await his.answer(hana.name, '오타가 있는 먈');
  await his.say('뭐라고요?');
  const answer = his.entries.filter({ hasText: '뭐라고요?' });
  await expect(answer).toContainText('오타가 있는 먈');
  const form = { 'form[room]': room, 'form[seq]': `${seq}`, 'form[text]': '오타가 없는 말' };
  expect((await hana.page.request.post('/api/edit_message', { form })).ok()).toBe(true);
  await expect(answer).toContainText('오타가 없는 말');
  await expect(his.message('오타가 없는 말').first()).toContainText('수정됨');
  await expect(his.log.getByText('오타가 있는 먈')).toHaveCount(0);

  await open(duri.page, '/chat');
  await expect(list.row(title)).toContainText('뭐라고요?');
  const last = await post(hana, room, '마지막 먈');
  await expect(list.row(title)).toContainText('마지막 먈');
  await hana.page.request.post('/api/edit_message', { form: { ...form, 'form[seq]': `${last}`, 'form[text]': '마지막 말' } });
  await expect(list.row(title)).toContainText('마지막 말');
});

test('nobody changes what others said', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 404/);
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { room } = await table(hana, duri);
  const seq = await post(hana, room, '내 말');
  const answer = await duri.page.goto(`/chat/${room}/${seq}`);
  expect(answer?.status()).toBe(404);
  await expect(duri.page.getByRole('main')).toContainText('찾는 것이 없어요');
  const form = { room, seq: `${seq}` };
  expect((await duri.page.request.post('/api/delete_message', { form, headers: { Accept: 'application/json' } })).status()).toBe(404);
});
