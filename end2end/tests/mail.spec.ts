// Mails and where they lead: proving an address, and a forgotten password.

import { expect, newCredentials, open, test } from '../fixtures.ts';
import { expectSignedIn, expectSignedOut, expectWrong, SignInPage, signUp, signUpByCall, summary } from '../pages/accounts.ts';
import { MealPage, openMeal } from '../pages/meals.ts';

const NEW = '여덟 마리 백로와 나무';

test('who has not proved their address is told what to do, does it, and takes part', { tag: '@nojs' }, async ({ page, neighbour, mailbox, complaints, axe }) => {
  complaints.allow(/status of 403/);
  const mina = await neighbour('미나');
  const order = await openMeal(mina.page.request);
  const person = newCredentials('새봄');
  await signUp(page, person);
  await open(page, order.path);
  const meal = new MealPage(page);
  await meal.join.click();
  await expect(meal.trouble).toContainText('이메일을 확인하면 할 수 있어요');

  await open(page, '/me');
  const proof = page.getByRole('region', { name: '이메일을 확인해 주세요' });
  await expect(proof).toContainText(person.email);
  await axe(page);
  const token = await mailbox.token(person.email, 'verify');
  await open(page, `/verify/${token}`);
  await axe(page);
  await page.getByRole('button', { name: '네, 제 이메일이에요' }).click();
  await expect(page).toHaveURL('/me?done=verified');
  await expect(page.getByRole('status').filter({ hasText: '이메일을 확인했어요.' })).toBeVisible();
  await expect(proof).toHaveCount(0);

  await open(page, order.path);
  await meal.join.click();
  await expect(meal.chat).toBeVisible();
});

test('who has mistyped their address corrects it', { tag: '@nojs' }, async ({ page, mailbox, complaints, axe }) => {
  complaints.allow(/status of (422|410)/);
  const person = newCredentials('오타');
  await signUp(page, person);
  const first = await mailbox.token(person.email, 'verify');
  await open(page, '/me');
  await page.getByRole('link', { name: '메일 주소를 잘못 적었나요?' }).click();
  await expect(page).toHaveURL('/me/details');
  await axe(page);
  const email = page.getByLabel('이메일', { exact: true });
  await expect(email).toHaveValue(person.email);
  await email.fill('이건 주소가 아니에요');
  await page.getByLabel('현재 비밀번호').fill(person.password);
  await page.getByRole('button', { name: '고치기', exact: true }).click();
  await expectWrong(email, '이메일');
  const right = `right-${person.email}`;
  await email.fill(right);
  await page.getByLabel('현재 비밀번호').fill(person.password);
  await page.getByRole('button', { name: '고치기', exact: true }).click();
  // A mail went just now.
  await expect(page).toHaveURL('/me?done=details_wait');
  await expect(page.getByRole('region', { name: '이메일을 확인해 주세요' })).toContainText(right);
  await open(page, `/verify/${first}`);
  await page.getByRole('button', { name: '네, 제 이메일이에요' }).click();
  await expect(summary(page)).toBeVisible();
});

test('the mail that proves an address comes again, not too often', { tag: ['@desktop', '@nojs'] }, async ({ page, complaints }) => {
  complaints.allow(/status of 429/);
  await signUpByCall(page.request, newCredentials('다시'));
  await open(page, '/me');
  await page.getByRole('button', { name: '메일 다시 받기' }).click();
  await expect(summary(page)).toContainText(/\d+초 뒤에/);
});

test('a link that is over says so and how to get another one', { tag: ['@desktop', '@nojs'] }, async ({ page, complaints, axe }) => {
  complaints.allow(/status of (404|409|410)/);
  const answer = await page.goto(`/reset/${'0'.repeat(64)}`);
  expect(answer?.status()).toBe(410);
  await expect(page.getByRole('main')).toContainText('이 링크는 이미 썼거나 너무 오래됐어요');
  await axe(page);
  await page.getByRole('main').getByRole('link', { name: '다시 받기' }).click();
  await expect(page).toHaveURL('/forgot');
  await open(page, `/verify/${'0'.repeat(64)}`);
  await page.getByRole('button', { name: '네, 제 이메일이에요' }).click();
  await expect(summary(page)).toBeVisible();
});

test('a forgotten password is replaced by mail, and every device is signed out', { tag: '@nojs' }, async ({ page, neighbour, mailbox, complaints, axe }) => {
  complaints.allow(/status of 4(22|01)/);
  const mina = await neighbour('미나');
  await open(page, '/sign-in');
  await page.getByRole('link', { name: '비밀번호를 잊었어요' }).click();
  await expect(page).toHaveURL('/forgot');
  await axe(page);
  await page.getByLabel('이메일', { exact: true }).fill('이건 주소가 아니에요');
  await page.getByRole('button', { name: '메일 받기' }).click();
  await expectWrong(page.getByLabel('이메일', { exact: true }), '이메일');
  await page.getByLabel('이메일', { exact: true }).fill(mina.email);
  await page.getByRole('button', { name: '메일 받기' }).click();
  await expect(page.getByRole('status').filter({ hasText: '메일이 곧 도착해요' })).toBeVisible();
  await axe(page);

  const token = await mailbox.token(mina.email, 'reset');
  await open(page, `/reset/${token}`);
  await axe(page);
  const [next, again] = [page.getByLabel('새 비밀번호', { exact: true }), page.getByLabel('새 비밀번호 한 번 더', { exact: true })];
  await next.fill(NEW);
  await again.fill('다른 비밀번호');
  await page.getByRole('button', { name: '이 비밀번호로 하기' }).click();
  await expectWrong(again, '비밀번호가 서로 다릅니다');
  await next.fill(NEW);
  await again.fill(NEW);
  await page.getByRole('button', { name: '이 비밀번호로 하기' }).click();
  await expect(page).toHaveURL('/sign-in?done=reset');
  await expect(page.getByRole('status').filter({ hasText: '비밀번호를 바꿨어요' })).toBeVisible();

  await open(mina.page, '/');
  await expectSignedOut(mina.page);
  await new SignInPage(page).signIn({ email: mina.email, password: NEW });
  await expectSignedIn(page);
  // The link has done what it is for.
  complaints.allow(/status of 410/);
  expect((await page.goto(`/reset/${token}`))?.status()).toBe(410);
});

test('nobody learns here which addresses have accounts, nor reads the mails of others', { tag: '@desktop' }, async ({ page, neighbour }) => {
  const mina = await neighbour('미나');
  const answers = await Promise.all(
    [mina.email, 'nobody-at-all@moim.example'].map((email) => page.request.post('/api/forget_password', { form: { 'form[email]': email } })),
  );
  expect(await Promise.all(answers.map(async (answer) => [answer.status(), await answer.text()]))).toEqual([answers[0]!, answers[0]!].map(() => [200, 'null']));
  // With a mail server nothing is kept.
  expect((await page.request.get('/dev/mail')).status()).toBe(404);
});
