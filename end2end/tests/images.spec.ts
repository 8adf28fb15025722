// Pictures: one's own face, and what is shown in rooms.

import { expect, open, test } from '../fixtures.ts';
import { isScripted } from '../pages/accounts.ts';
import { Room, Rooms, table } from '../pages/chat.ts';
import { disguised, drawn, picture, recorder } from '../pages/images.ts';
import { MealForm, MealPage, MealsPage, openMeal } from '../pages/meals.ts';

test('a face is chosen, seen by others and taken away', { tag: '@nojs' }, async ({ neighbour, axe, complaints }) => {
  complaints.allow(/status of 422/, recorder);
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const chooser = hana.page.getByLabel('사진 파일');
  const save = hana.page.getByRole('button', { name: '사진 저장' });
  await open(hana.page, '/me/profile');
  await axe(hana.page);
  await chooser.setInputFiles(disguised);
  await save.click();
  await expect(hana.page.getByText('JPEG, PNG, WebP 사진만 쓸 수 있어요.').first()).toBeVisible();
  await chooser.setInputFiles(picture('face', [220, 90, 60]));
  if (await isScripted(hana.page)) await drawn(hana.page.getByRole('img', { name: '고른 사진 미리 보기' }));
  await save.click();
  await expect(hana.page).toHaveURL(/\/me\?done=profile$/);
  await drawn(hana.page.locator('.me__head .avatar img'));

  await open(duri.page, `/users/${encodeURIComponent(hana.name)}`);
  const face = duri.page.locator('main .avatar img').first();
  await drawn(face);
  const address = (await face.getAttribute('src')) ?? '';
  await axe(duri.page);

  await open(hana.page, '/me/profile');
  await hana.page.getByRole('button', { name: '사진 지우기' }).click();
  await expect(hana.page).toHaveURL(/\/me\?done=profile$/);
  await expect(hana.page.locator('.me__head .avatar img')).toHaveCount(0);
  expect((await duri.page.request.get(address)).status()).toBe(404);
});

test('pictures are chosen, left out, sent with words, and seen by the others', async ({ neighbour, axe, complaints }) => {
  complaints.allow(recorder);
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { room, title } = await table(hana, duri);
  const [his, hisRooms] = [new Room(duri.page), new Rooms(duri.page)];
  await Promise.all([open(hana.page, `/chat/${room}`), open(duri.page, `/chat/${room}`)]);
  const chooser = hana.page.getByLabel('사진 고르기').first();
  const chosen = hana.page.getByRole('list', { name: '보낼 사진' });
  await chooser.setInputFiles([picture('red', [220, 60, 60]), picture('green', [60, 160, 60]), picture('blue', [60, 60, 220], 60, 120)]);
  await expect(chosen.getByRole('listitem')).toHaveCount(3);
  await axe(hana.page);
  await chosen.getByRole('button', { name: /^사진 \d 빼기$/ }).first().click();
  await expect(chosen.getByRole('listitem')).toHaveCount(2);
  await expect(chosen.locator('.shots__wait')).toHaveCount(0);
  await new Room(hana.page).say('오늘 자리 두 장');
  await expect(chosen).toHaveCount(0);
  const message = his.message('오늘 자리 두 장');
  const shots = message.getByRole('link', { name: '사진' });
  await expect(shots).toHaveCount(2);
  await drawn(shots.first().getByRole('img'));
  await axe(duri.page);

  // Without words: a word of the reader's language stands for them where a message is told in short.
  await chooser.setInputFiles(picture('grey', [90, 90, 90]));
  await expect(chosen.locator('.shots__wait')).toHaveCount(0);
  await hana.page.getByRole('button', { name: '보내기', exact: true }).click();
  await expect(his.entries.getByRole('link', { name: '사진' })).toHaveCount(3);
  await his.entries.last().hover();
  await his.entries.last().getByRole('link', { name: new RegExp('답장하기') }).click();
  await his.say('어디예요?');
  await expect(his.entries.filter({ hasText: '어디예요?' })).toContainText('사진');
  await open(duri.page, '/chat');
  await expect(hisRooms.row(title)).toContainText('어디예요?');
});

test('the first message to somebody shows a picture', async ({ neighbour, axe, complaints }) => {
  complaints.allow(recorder);
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  await open(hana.page, `/chat/with/${encodeURIComponent(duri.name)}`);
  await hana.page.getByLabel('사진 고르기').first().setInputFiles([picture('red', [220, 60, 60]), picture('green', [60, 160, 60])]);
  await expect(hana.page.getByRole('status').filter({ hasText: '사진을 올렸어요: 2장' })).toBeAttached();
  await axe(hana.page);
  await hana.page.getByRole('button', { name: '사진 2 빼기' }).click();
  await hana.page.getByRole('button', { name: '보내기', exact: true }).click();
  await expect(hana.page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  const shots = new Room(hana.page).entries.getByRole('link', { name: '사진' });
  await expect(shots).toHaveCount(1);
  await drawn(shots.first().getByRole('img'));
});

test('what is refused says so, and what is on its way is waited for', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 422/, recorder);
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { room } = await table(hana, duri);
  await open(hana.page, `/chat/${room}`);
  const chooser = hana.page.getByLabel('사진 고르기').first();
  const chosen = hana.page.getByRole('list', { name: '보낼 사진' });
  const alert = hana.page.getByRole('alert').filter({ hasText: /./ });
  await chooser.setInputFiles(disguised);
  await expect(alert).toContainText('JPEG, PNG, WebP 사진만');
  await expect(chosen).toHaveCount(0);
  await chooser.setInputFiles({ ...disguised, buffer: Buffer.alloc(5 * 1024 * 1024 + 1) });
  await expect(alert).toContainText('5MB까지');
  await chooser.setInputFiles([1, 2, 3, 4, 5].map((n) => picture(`${n}`, [n, n, n])));
  await expect(alert).toContainText('4장까지');
  await expect(chosen.getByRole('listitem')).toHaveCount(4);
  await expect(chosen.locator('.shots__wait')).toHaveCount(0);
  // A slow network: the answer about the next one waits until the test lets it through.
  await chosen.getByRole('button', { name: /^사진 \d 빼기$/ }).first().click();
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await hana.page.route('**/api/upload_image*', async (route) => {
    await released;
    await route.continue();
  });
  await chooser.setInputFiles(picture('slow', [9, 9, 9]));
  const send = hana.page.getByRole('button', { name: '보내기', exact: true });
  await send.click();
  await expect(alert).toContainText('사진을 올리는 중이에요');
  release();
  await expect(chosen.locator('.shots__wait')).toHaveCount(0);
  await send.click();
  await expect(new Room(hana.page).entries.getByRole('link', { name: '사진' })).toHaveCount(4);
});

test('a form without a program brings pictures along', { tag: ['@nojs', '@nojs-only'] }, async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const { room } = await table(hana, duri);
  await open(hana.page, `/chat/${room}`);
  await hana.page.locator('#pictures').setInputFiles([picture('a', [1, 2, 3]), picture('b', [3, 2, 1])]);
  await hana.page.getByRole('button', { name: '사진 보내기' }).click();
  await open(duri.page, `/chat/${room}`);
  const shots = new Room(duri.page).entries.getByRole('link', { name: '사진' });
  await expect(shots).toHaveCount(2);
  await drawn(shots.first().getByRole('img'));
});

test('an order is opened with pictures, shown with them, and loses one', async ({ neighbour, axe, complaints, server }) => {
  complaints.allow(recorder);
  const [mina, jun] = await Promise.all([neighbour('미나'), neighbour('준호')]);
  const form = new MealForm(mina.page);
  const title = `${mina.name}의 사진 있는 주문`;
  await open(mina.page, '/meals/new');
  await form.fill({ title });
  await form.chooser.setInputFiles([picture('red', [220, 60, 60]), picture('green', [60, 160, 60]), picture('blue', [60, 60, 220], 60, 120)]);
  await expect(form.chosen.getByRole('listitem')).toHaveCount(3);
  await expect(form.chosen.locator('.shots__wait')).toHaveCount(0);
  await axe(mina.page);
  // By keyboard: the one before the chooser is left out, and the focus is on the chooser.
  await form.chooser.focus();
  await mina.page.keyboard.press('Shift+Tab');
  await expect(form.chosen.getByRole('button', { name: /^사진 \d 빼기$/ }).last()).toBeFocused();
  await mina.page.keyboard.press('Enter');
  await expect(form.chosen.getByRole('listitem')).toHaveCount(2);
  await expect(form.chooser).toBeFocused();
  await form.open.click();
  await expect(mina.page).toHaveURL(/\/meals\/[0-9a-f-]{36}$/);
  const path = new URL(mina.page.url()).pathname;

  await open(jun.page, path);
  const shots = new MealPage(jun.page).main.getByRole('img', { name: `${title} 사진` });
  await expect(shots).toHaveCount(2);
  await drawn(shots.first());
  await drawn(shots.last());
  const address = (await shots.first().getAttribute('src')) ?? '';
  const html = await (await jun.page.request.get(path)).text();
  const cover = `${server.url}${address.replace(/m$/, 'l')}`;
  expect(/<meta property="og:image" content="([^"]*)"/.exec(html)?.[1]).toBe(cover);
  expect((await jun.page.request.get(cover)).status()).toBe(200);
  await axe(jun.page);
  // The newest first: other tests have orders around here, too, and a page shows ten.
  await open(jun.page, '/meals?sort=new');
  await drawn(new MealsPage(jun.page).card(title).locator('.order__pic'));

  await open(mina.page, `${path}/edit`);
  await expect(form.chosen.getByRole('listitem')).toHaveCount(2);
  await drawn(form.chosen.locator('img').first());
  await form.chosen.getByRole('button', { name: /^사진 \d 빼기$/ }).first().click();
  await form.save.click();
  await expect(mina.page).toHaveURL(path);
  await open(jun.page, path);
  await expect(shots).toHaveCount(1);
  expect((await jun.page.request.get(address)).status()).toBe(404);
});

test('an order is not sent while its pictures are on their way, and says what is refused', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 422/, recorder);
  const mina = await neighbour('미나');
  const order = await openMeal(mina.page.request);
  const form = new MealForm(mina.page);
  await open(mina.page, `${order.path}/edit`);
  const field = mina.page.locator('.field').filter({ has: form.chooser });
  await form.chooser.setInputFiles(disguised);
  await expect(field).toContainText('JPEG, PNG, WebP 사진만');
  await expect(form.chosen).toHaveCount(0);
  await form.chooser.setInputFiles([1, 2, 3, 4, 5].map((n) => picture(`${n}`, [n, n, n])));
  await expect(field).toContainText('4장까지예요');
  await expect(form.chosen.locator('.shots__wait')).toHaveCount(0);
  await form.chosen.getByRole('button', { name: /^사진 \d 빼기$/ }).first().click();
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await mina.page.route('**/api/upload_image*', async (route) => {
    await released;
    await route.continue();
  });
  await form.chooser.setInputFiles(picture('slow', [9, 9, 9]));
  await form.save.click();
  await expect(form.summary).toContainText('사진을 올리는 중이에요');
  release();
  await expect(form.chosen.locator('.shots__wait')).toHaveCount(0);
  await form.save.click();
  await expect(mina.page).toHaveURL(order.path);
  await expect(new MealPage(mina.page).main.getByRole('img', { name: `${order.title} 사진` })).toHaveCount(4);
});

test('pictures of an order have forms of their own without a program', { tag: ['@nojs', '@nojs-only'] }, async ({ neighbour, axe }) => {
  const mina = await neighbour('미나');
  const order = await openMeal(mina.page.request);
  await open(mina.page, `${order.path}/edit`);
  await mina.page.getByLabel('더할 사진').setInputFiles([picture('a', [1, 2, 3]), picture('b', [3, 2, 1])]);
  await mina.page.getByRole('button', { name: '사진 더하기' }).click();
  await expect(mina.page).toHaveURL(`${order.path}/edit`);
  await axe(mina.page);
  await mina.page.getByRole('button', { name: '사진 1 빼기' }).click();
  await expect(mina.page.getByRole('button', { name: '사진 2 빼기' })).toHaveCount(0);
  // The rest of the form keeps what the pictures are.
  await new MealForm(mina.page).save.click();
  await expect(mina.page).toHaveURL(order.path);
  const shots = new MealPage(mina.page).main.getByRole('img', { name: `${order.title} 사진` });
  await expect(shots).toHaveCount(1);
  await drawn(shots.first());
});
