// What is said under an order.

import { expect, open, test } from '../fixtures.ts';
import { isScripted } from '../pages/accounts.ts';
import { ask, call, noReload } from '../pages/chat.ts';
import { doIt, openMeal } from '../pages/meals.ts';

test('a question is asked under an order and answered', { tag: '@nojs' }, async ({ neighbour, axe, complaints }) => {
  // The browser's own line about a refused form.
  complaints.allow(/status of 422/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { title: '댓글 달린 마라탕' });
  const { page } = jun;
  await open(page, order.path);
  await page.getByRole('link', { name: '댓글 모두 보기' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '댓글 0' })).toBeVisible();
  await expect(page.getByText('아직 댓글이 없어요')).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: '등록' }).click();
  await expect(page.getByText('하고 싶은 말을 적어 주세요.').first()).toBeVisible();
  await page.getByLabel('댓글', { exact: true }).fill('몇 단계 매운맛이에요?\n<b>저는 1단계</b>');
  await page.getByRole('button', { name: '등록' }).click();
  const question = page.getByRole('listitem').filter({ hasText: '몇 단계 매운맛이에요?' }).first();
  await expect(question).toContainText('<b>저는 1단계</b>');
  await expect(page.getByRole('heading', { level: 1, name: '댓글 1' })).toBeVisible();
  await expect(page.getByLabel('댓글', { exact: true })).toHaveValue('');

  // The host finds it in her notices, and answers.
  await open(mina.page, '/me/notices');
  await mina.page.getByRole('button', { name: `${jun.name} 님이 댓글을 남겼어요` }).click();
  await expect(mina.page).toHaveURL(`${order.path}/comments`);
  await mina.page.getByRole('link', { name: `${jun.name} 님에게 답글` }).click();
  const answer = mina.page.getByRole('textbox', { name: `${jun.name} 님에게 답글` });
  await expect(answer).toBeVisible();
  if (await isScripted(mina.page)) await expect(answer).toBeFocused();
  await axe(mina.page);
  await answer.fill('2단계예요');
  await mina.page.getByRole('button', { name: '답글', exact: true }).click();
  await expect(mina.page).toHaveURL(`${order.path}/comments`);
  await expect(mina.page.getByRole('heading', { level: 1, name: '댓글 2' })).toBeVisible();
  await expect(mina.page.getByRole('listitem').filter({ hasText: '몇 단계' }).first()).toContainText('2단계예요');

  // She changes it; he likes it, and takes his question back: its place stays.
  await mina.page.getByRole('link', { name: '고치기' }).click();
  const words = mina.page.getByLabel('댓글 고치기');
  await expect(words).toHaveValue('2단계예요');
  await words.fill('1단계로 할게요');
  await mina.page.getByRole('button', { name: '고치기' }).click();
  await expect(mina.page.getByText('1단계로 할게요')).toBeVisible();
  await expect(mina.page.getByText('수정됨')).toBeVisible();
  await open(page, `${order.path}/comments`);
  const like = page.getByRole('button', { name: /^좋아요/ });
  await like.click();
  await expect(like).toHaveAttribute('aria-pressed', 'true');
  await expect(like).toHaveText('좋아요 1');
  await page.locator('summary').filter({ hasText: '지우기' }).click();
  await page.getByRole('button', { name: '지우기', exact: true }).last().click();
  await expect(page.getByText('삭제된 댓글입니다')).toBeVisible();
  await expect(page.getByText('1단계로 할게요')).toBeVisible();
  await expect(page.getByText('몇 단계')).toHaveCount(0);
  await axe(page);

  await open(page, order.path);
  await expect(page.getByRole('region', { name: '댓글 1' })).toBeVisible();
  await page.getByRole('link', { name: '댓글 모두 보기' }).click();
  await expect(page.getByText('1단계로 할게요')).toBeVisible();
});

test('nothing is loaded anew for a comment or a like', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { title: '조용히 이야기해요' });
  const form = { 'form[party]': order.id, 'form[key]': crypto.randomUUID(), 'form[text]': '먼저 온 댓글' };
  await call(mina.page.request, 'write_comment', form);
  const { page } = jun;
  await open(page, `${order.path}/comments`);
  const none = noReload(page);
  await page.getByRole('button', { name: /^좋아요/ }).click();
  await expect(page.getByRole('button', { name: /^좋아요/ })).toHaveText('좋아요 1');
  await page.getByLabel('댓글', { exact: true }).fill('나중에 온 댓글');
  await page.getByRole('button', { name: '등록' }).click();
  await expect(page.getByRole('heading', { name: '댓글 2' })).toBeFocused();
  await page.getByRole('link', { name: `${mina.name} 님에게 답글` }).click();
  await page.getByRole('textbox', { name: `${mina.name} 님에게 답글` }).fill('반가워요');
  await page.getByRole('button', { name: '답글', exact: true }).click();
  await expect(page.getByRole('heading', { name: '댓글 3' })).toBeVisible();
  await expect(page).toHaveURL(`${order.path}/comments`);
  await page.getByRole('link', { name: '오래된순' }).click();
  await expect(page.getByRole('main').getByRole('listitem').first()).toContainText('먼저 온 댓글');
  none();
});

test('who was removed reads and does not write; a visitor is led to sign in and back', { tag: '@nojs' }, async ({ neighbour, page }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { title: '내보낸 다음' });
  await doIt(jun.page.request, 'join_party', order.id);
  const found = await ask<{ new: { other: { id: string } } }>(mina.page.request, 'chat_with', { nickname: jun.name });
  await doIt(mina.page.request, 'remove_member', order.id, found.new.other.id);
  await open(jun.page, `${order.path}/comments`);
  await expect(jun.page.getByRole('main')).toContainText('방장이 내보낸');
  await expect(jun.page.getByLabel('댓글', { exact: true })).toHaveCount(0);
  await open(page, `${order.path}/comments`);
  await page.getByRole('link', { name: '로그인하고 댓글 남기기' }).click();
  await expect(page).toHaveURL(`/sign-in?next=${order.path}/comments`);
});
