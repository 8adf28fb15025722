// Pictures: one's own face, and what is shown in rooms.

import { expect, open, test } from '../fixtures.ts';
import { isScripted } from '../pages/accounts.ts';
import { Room, Rooms, table } from '../pages/chat.ts';
import { disguised, drawn, picture, recorder } from '../pages/images.ts';

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
  await chosen.getByRole('button', { name: '이 사진 빼기' }).first().click();
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
  await his.entries.last().getByRole('button', { name: new RegExp('답장하기') }).click();
  await his.say('어디예요?');
  await expect(his.entries.filter({ hasText: '어디예요?' })).toContainText('사진');
  await open(duri.page, '/chat');
  await expect(hisRooms.row(title)).toContainText('어디예요?');
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
  await chosen.getByRole('button', { name: '이 사진 빼기' }).first().click();
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
