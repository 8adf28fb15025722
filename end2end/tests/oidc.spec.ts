// Signing in with an account of elsewhere, at a real provider.

import type { Page } from '@playwright/test';
import { type Complaints, expect, newCredentials, open, test } from '../fixtures.ts';
import { expectSignedIn, expectWrong, FIRST_PAGE, MePage, SignUpPage } from '../pages/accounts.ts';
import type { Server } from '../server.ts';

/** What the provider's own pages complain about is not ours. */
function allowProvider(complaints: Complaints, server: Server): void {
  complaints.allow(new RegExp(server.issuer));
}

/** Says who one is, on the provider's page. */
async function sayWho(page: Page, login: string): Promise<void> {
  await page.getByLabel('Login').fill(login);
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Presses the button on a page of ours and signs in at the provider. */
async function travel(page: Page, login: string): Promise<void> {
  await page.getByRole('link', { name: '우리 학교로 계속하기' }).click();
  await sayWho(page, login);
}

test('who is new signs up with an account of elsewhere, and then comes in with it', { tag: '@nojs' }, async ({ page, newcomer, server, complaints, axe }) => {
  allowProvider(complaints, server);
  const person = newCredentials('여행자');
  await open(page, '/sign-in?next=/me');
  await axe(page);
  await travel(page, person.email);
  await expect(page).toHaveURL(/\/sign-up\?next=%2Fme&with=[\da-f-]{36}$/);
  await open(page, page.url());
  await expect(page.getByRole('status').filter({ hasText: '우리 학교 계정으로 가입을 마무리해요' })).toBeVisible();
  const form = new SignUpPage(page);
  await expect(form.email).toHaveValue(person.email);
  await expect(form.email).toHaveAccessibleDescription(/우리 학교에서 확인한 주소예요/);
  await axe(page);
  await form.fill(person);
  await form.submit.click();
  await expect(page).toHaveURL('/me');
  await expectSignedIn(page);
  // The provider has proved the address.
  await expect(page.getByText('이메일을 확인해 주세요')).toHaveCount(0);

  const other = await newcomer('다른 기기');
  await open(other.page, '/sign-up');
  await travel(other.page, person.email);
  await expect(other.page).toHaveURL(FIRST_PAGE);
  await expectSignedIn(other.page);
});

test('an account with the same address is linked with its password only', { tag: '@nojs' }, async ({ person, newcomer, server, complaints, axe }) => {
  allowProvider(complaints, server);
  complaints.allow(/status of 422/);
  const mina = await person('미나');
  const { page } = await newcomer('미나의 휴대전화');
  await open(page, '/sign-in');
  await travel(page, mina.email);
  await expect(page).toHaveURL(/\/sign-in\?next=&with=[\da-f-]{36}$/);
  await open(page, page.url());
  await expect(page.getByRole('main')).toContainText(`${mina.email} 주소로 가입한 계정이 이미 있어요`);
  await axe(page);
  const password = page.getByLabel('비밀번호', { exact: true });
  const submit = page.getByRole('button', { name: '연결하고 로그인' });
  await password.fill('틀린 비밀번호');
  await submit.click();
  await expectWrong(password, '현재 비밀번호가 올바르지 않습니다');
  await password.fill(mina.password);
  await submit.click();
  await expect(page).toHaveURL(FIRST_PAGE);
  await expectSignedIn(page);
});

test('one links an account of elsewhere on one’s own page, and unlinks it', { tag: '@nojs' }, async ({ person, server, complaints, axe }) => {
  allowProvider(complaints, server);
  const { page, name, password } = await person('한결');
  await open(page, '/me');
  await page.getByRole('link', { name: '연결한 계정' }).click();
  await expect(page).toHaveURL('/me/logins');
  await expect(page.getByText('아직 연결한 계정이 없어요.')).toBeVisible();
  await page.getByRole('link', { name: '우리 학교 계정 연결하기' }).click();
  await sayWho(page, `${name}-elsewhere`);
  await expect(page).toHaveURL('/me/logins');
  await open(page, '/me/logins');
  await axe(page);
  await page.getByLabel('비밀번호', { exact: true }).fill(password);
  await page.getByRole('button', { name: '연결하기', exact: true }).click();
  await expect(page).toHaveURL('/me?done=linked');
  await expect(page.getByRole('status').filter({ hasText: '계정을 연결했어요.' })).toBeVisible();

  await open(page, '/me');
  await new MePage(page).signOut.click();
  await open(page, '/sign-in?next=/me/logins');
  // The provider still knows them.
  await page.getByRole('link', { name: '우리 학교로 계속하기' }).click();
  await expect(page).toHaveURL('/me/logins');
  await open(page, '/me/logins');
  await axe(page);
  await page.getByText('연결 끊기', { exact: true }).click();
  await page.getByRole('button', { name: '끊기', exact: true }).click();
  await expect(page).toHaveURL('/me/logins?done=unlinked');
  await expect(page.getByText('아직 연결한 계정이 없어요.')).toBeVisible();
});

test('of two tabs the older one links nothing', { tag: ['@desktop', '@nojs'] }, async ({ person, server, complaints }) => {
  allowProvider(complaints, server);
  complaints.allow(/status of 410/);
  const { page, email, password } = await person('두리');
  const linking = async (tab: Page, login: string): Promise<void> => {
    await open(tab, '/me/logins');
    await tab.getByRole('link', { name: '우리 학교 계정 연결하기' }).click();
    await sayWho(tab, login);
    await expect(tab).toHaveURL('/me/logins');
    await open(tab, '/me/logins');
    // Which account it is can be seen.
    await expect(tab.getByRole('region', { name: '우리 학교 계정 연결하기' })).toContainText(login);
  };
  const confirm = async (tab: Page): Promise<void> => {
    await tab.getByLabel('비밀번호', { exact: true }).fill(password);
    await tab.getByRole('button', { name: '연결하기', exact: true }).click();
  };
  await linking(page, `first-${email}`);
  // Somebody else signs in at the provider.
  await page.context().clearCookies({ name: /^_(session|interaction)/ });
  const tab = await page.context().newPage();
  await linking(tab, `second-${email}`);

  await confirm(page);
  await expect(page.getByRole('alert')).toContainText('그사이 다른 탭에서 새로 시작했어요');
  await confirm(tab);
  await expect(tab).toHaveURL('/me?done=linked');
  await open(tab, '/me/logins');
  await expect(tab.getByRole('main').getByText('연결 끊기', { exact: true })).toHaveCount(1);
  await open(tab, '/me/password');
  await expect(tab.getByText('연결한 다른 서비스의 계정은 연결이 모두 끊겨요.')).toBeVisible();
});

test('who changes their mind there comes back, and who comes back twice is told', { tag: ['@desktop', '@nojs'] }, async ({ page, server, complaints, axe }) => {
  allowProvider(complaints, server);
  complaints.allow(/status of 400/);
  await open(page, '/sign-in');
  await page.getByRole('link', { name: '우리 학교로 계속하기' }).click();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=&done=declined$/);
  await expect(page.getByRole('status').filter({ hasText: '계속하기를 그만뒀어요' })).toBeVisible();

  const answer = await page.goto('/oidc/callback/campus?state=used&code=used');
  expect(answer?.status()).toBe(400);
  await expect(page.getByRole('main')).toContainText('처음부터 다시 해 주세요');
  await axe(page);
  await page.getByRole('link', { name: '다시 하기' }).click();
  await expect(page).toHaveURL('/sign-in');
});
