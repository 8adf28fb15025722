// Taking one's things along, and closing the account.

import { readFile } from 'node:fs/promises';
import { expect, open, test } from '../fixtures.ts';
import { Room, Rooms, call, firstWord, noReload, post, table } from '../pages/chat.ts';
import { picture } from '../pages/images.ts';

test('somebody takes their data along, closes the account, and is nobody to the others', { tag: '@nojs' }, async ({ neighbour, axe, complaints }) => {
  // The browser's own line about a refused form.
  complaints.allow(/status of 422/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { room, party } = await table(mina, jun);
  await post(jun, room, '저는 이만 갈게요');
  const { page } = jun;
  const { name, mimeType, buffer } = picture('mine', [60, 120, 200]);
  const taken = await page.request.post('/api/upload_image', { multipart: { image: { name, mimeType, buffer } } });
  expect(taken.ok()).toBe(true);
  await open(page, '/me');
  await page.getByRole('link', { name: '내 데이터와 탈퇴' }).click();
  await expect(page).toHaveURL('/me/close');
  await axe(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '내려받기' }).click()]);
  expect(download.suggestedFilename()).toBe('moim.json');
  const own = JSON.parse(await readFile(await download.path(), 'utf8'));
  expect(own.account.nickname).toBe(jun.name);
  expect(own.messages.map((message: { text: string }) => message.text)).toEqual(['저는 이만 갈게요']);

  const [archive] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '사진과 함께 받기' }).click()]);
  expect(archive.suggestedFilename()).toBe('moim.zip');
  const packed = await readFile(await archive.path());
  expect(packed.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
  const names = [...packed.toString('latin1').matchAll(/PK\x01\x02[^]{42}(moim\.json|images\/[0-9a-f-]{36}\.jpg|missing\.json)/g)].map((found) => found[1]);
  expect(names).toEqual(['moim.json', expect.stringMatching(/^images\/.+\.jpg$/)]);

  await page.getByLabel('현재 비밀번호').fill('not my password');
  await page.getByRole('button', { name: '계정 닫기' }).click();
  await expect(page.getByText('현재 비밀번호가 올바르지 않습니다').first()).toBeVisible();
  await page.getByLabel('현재 비밀번호').fill(jun.password);
  await page.getByRole('button', { name: '계정 닫기' }).click();
  await expect(page).toHaveURL('/sign-in?done=closed');
  await expect(page.getByRole('status').filter({ hasText: '계정을 닫았어요' })).toBeVisible();
  await page.getByLabel('이메일').fill(jun.email);
  await page.getByLabel('비밀번호', { exact: true }).fill(jun.password);
  await page.getByRole('button', { name: '로그인', exact: true }).click();
  await expect(page.getByText('이메일이나 비밀번호가').first()).toBeVisible();

  const hers = new Room(mina.page);
  await expect(async () => {
    await open(mina.page, `/chat/${room}`);
    await expect(hers.entries.filter({ hasText: '탈퇴한 사용자 님이 퇴장했습니다.' })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(hers.message('저는 이만 갈게요')).toBeVisible();
  await expect(hers.main).not.toContainText(jun.name);
  await open(mina.page, `/meals/${party}`);
  await expect(mina.page.getByRole('main')).not.toContainText(jun.name);
});

test('open conversations say at once what somebody is called now, and that they are gone', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const direct = await firstWord(jun, mina, '우리 둘만의 이야기');
  await open(mina.page, `/chat/${direct}`);
  const hers = new Room(mina.page);
  const rooms = new Rooms(mina.page);
  await expect(hers.title).toHaveText(jun.name);
  await hers.say('저도 반가워요');
  await hers.expectUnread('저도 반가워요', 1);
  const stays = noReload(mina.page);

  const renamed = `새${jun.name}`.slice(0, 20);
  await call(jun.page.request, 'edit_profile', { 'form[nickname]': renamed, 'form[intro]': '' });
  await expect(hers.title).toHaveText(renamed);
  await expect(mina.page).toHaveTitle(new RegExp(renamed));
  await expect(hers.message('우리 둘만의 이야기')).toContainText(renamed);
  await expect(hers.members.getByRole('link', { name: renamed, exact: true })).toBeVisible();
  await expect(rooms.link(renamed)).toBeVisible();

  await call(jun.page.request, 'close_account', { 'form[current_password]': jun.password });
  await expect(hers.title).toHaveText('탈퇴한 사용자');
  await expect(hers.message('우리 둘만의 이야기')).toContainText('탈퇴한 사용자');
  await expect(rooms.link('탈퇴한 사용자')).toBeVisible();
  await expect(hers.members.getByText('탈퇴한 사용자')).toBeVisible();
  await expect(hers.members.getByRole('link', { name: '탈퇴한 사용자' })).toHaveCount(0);
  await expect(hers.composer).toHaveCount(0);
  await expect(hers.main).toContainText('이 사람은 탈퇴해서 더는 메시지를 보낼 수 없어요.');
  await expect(hers.main).not.toContainText(renamed);
  stays();
});

test('a closed account is called so in the language of who reads', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const direct = await firstWord(jun, mina, '안녕하세요');
  await call(jun.page.request, 'close_account', { 'form[current_password]': jun.password });
  await call(mina.page.request, 'set_language', { lang: 'en' });
  await open(mina.page, `/chat/${direct}`);
  await expect(mina.page.getByRole('main').getByRole('heading', { level: 1 })).toHaveText('Closed account');
  await expect(mina.page.getByRole('main')).toContainText('This person has closed their account');
  await expect(mina.page.getByRole('main')).not.toContainText('탈퇴');
});
