// Signing in and out, and where somebody is signed in.

import { expect, newCredentials, open, test } from '../fixtures.ts';
import {
  ChangePasswordPage, expectSignedIn, expectSignedOut, expectWrong, FIRST_PAGE, isScripted, MePage, navigation, SessionsPage,
  signInByCall, SignInPage,
} from '../pages/accounts.ts';
import { Room, table } from '../pages/chat.ts';

const WRONG = '이메일이나 비밀번호가 맞지 않아요.';

test('somebody signs in', { tag: '@nojs' }, async ({ page, neighbour }) => {
  const mina = await neighbour('미나');
  await open(page, '/sign-in');
  await new SignInPage(page).signIn({ ...mina, email: mina.email.toUpperCase() });
  await expect(page).toHaveURL(FIRST_PAGE);
  await expectSignedIn(page);
});

test('a wrong password and an unknown email are answered alike', { tag: ['@desktop', '@nojs'] }, async ({ page, neighbour, complaints }) => {
  complaints.allow(/status of 422/);
  const mina = await neighbour('미나');
  const nobody = newCredentials('아무도');
  for (const email of [mina.email, nobody.email]) {
    await open(page, '/sign-in');
    const form = new SignInPage(page);
    await form.signIn({ email, password: '틀린 비밀번호예요' });
    // One thing is wrong, and one thing is said of it.
    await expect(form.summary).toHaveText(WRONG);
    await expect(form.email).toHaveValue(email);
    await expectSignedOutCookies(page);
  }
});

test('who tries too often has to wait, and is told how long', { tag: ['@nojs', '@desktop'] }, async ({ page, neighbour, newcomer, complaints }) => {
  complaints.allow(/status of 429/);
  const mina = await neighbour('미나');
  const stranger = await newcomer('낯선 이');
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const answer = await signInByCall(stranger.page.request, { email: mina.email, password: '틀린 비밀번호예요' });
    expect(answer.status()).toBe(422);
  }
  // From another address: the account is what is guarded.
  await open(page, '/sign-in');
  const form = new SignInPage(page);
  await form.signIn(mina);
  await expect(form.summary).toContainText(/너무 여러 번 했어요\. \d+초 뒤에 다시 해 주세요\./);
  const answer = await signInByCall(page.request, mina);
  expect(answer.status()).toBe(429);
  expect(Number(answer.headers()['retry-after'])).toBeGreaterThan(0);
});

test('signing in comes back to the page that asked for it', { tag: ['@desktop', '@nojs'] }, async ({ page, neighbour, complaints }) => {
  complaints.allow(/status of 401/);
  const mina = await neighbour('미나');
  const answer = await page.goto('/me/sessions');
  expect(answer?.status()).toBe(401);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: '로그인' }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=(%2F|\/)me(%2F|\/)sessions$/);
  if (await isScripted(page)) await expect(page.locator('html')).toHaveAttribute('data-ready', '');
  await new SignInPage(page).signIn(mina);
  await expect(page).toHaveURL('/me/sessions');
});

test('signing in leads to no other site', { tag: '@desktop' }, async ({ page, neighbour, complaints }) => {
  // The cookies are thrown away while the page still connects.
  complaints.allow(/WebSocket/);
  const mina = await neighbour('미나');
  for (const next of ['//evil.example/x', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
    await open(page, `/sign-in?next=${encodeURIComponent(next)}`);
    await new SignInPage(page).signIn(mina);
    await expect(page).toHaveURL(FIRST_PAGE);
    await page.context().clearCookies();
  }
});

test('who signs up comes back as well', { tag: ['@nojs', '@desktop'] }, async ({ page }) => {
  await open(page, '/sign-in?next=%2Fme%2Fsessions');
  await expect(page.getByRole('link', { name: '가입하기' })).toHaveAttribute('href', /\/sign-up\?next=(%2F|\/)me(%2F|\/)sessions$/);
});

test('signing out ends the session on the server', { tag: ['@desktop', '@nojs'] }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 401/);
  const { page, context } = await neighbour('미나');
  await open(page, '/me');
  const cookies = await context.cookies();
  await new MePage(page).signOut.click();
  await expect(page).toHaveURL('/');
  await expectSignedOut(page);
  // Whoever kept a copy of the cookies has nothing.
  await context.addCookies(cookies);
  const answer = await page.goto('/me');
  expect(answer?.status()).toBe(401);
});

test('what was being written is nobody else’s after signing out', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  const { room } = await table(mina, jun, sol);
  const { page } = mina;
  await open(page, `/chat/${room}`);
  const composer = new Room(page).composer;
  await composer.fill('쓰다 만 비밀');
  await page.reload();
  await expect(composer).toHaveValue('쓰다 만 비밀');
  await open(page, '/me');
  await new MePage(page).signOut.click();
  await expectSignedOut(page);
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('비밀');
  await signInByCall(page.request, jun);
  await open(page, `/chat/${room}`);
  await expect(composer).toHaveValue('');
});

test('another device is signed out from here', { tag: ['@desktop', '@nojs'] }, async ({ neighbour, newcomer, complaints }) => {
  complaints.allow(/status of 401/);
  const mina = await neighbour('미나');
  const phone = await newcomer('미나');
  expect((await signInByCall(phone.page.request, mina)).ok()).toBe(true);

  await open(mina.page, '/me/sessions');
  const sessions = new SessionsPage(mina.page);
  await expect(sessions.all).toHaveCount(2);
  await expect(sessions.all.filter({ hasText: '이 기기' })).toHaveCount(1);
  await expect(sessions.others.first()).toContainText(/마지막 접속/);
  await sessions.end(sessions.others.first());
  await expect(sessions.all).toHaveCount(1);
  await expectSignedIn(mina.page);

  const answer = await phone.page.goto('/me');
  expect(answer?.status()).toBe(401);
  await expectSignedOut(phone.page);
});

test('all other devices are signed out at once', { tag: ['@nojs', '@desktop'] }, async ({ neighbour, newcomer, complaints }) => {
  complaints.allow(/status of 401/);
  const mina = await neighbour('미나');
  const others = [await newcomer('미나'), await newcomer('미나')];
  for (const other of others) await signInByCall(other.page.request, mina);
  await open(mina.page, '/me/sessions');
  const sessions = new SessionsPage(mina.page);
  await expect(sessions.all).toHaveCount(3);
  await sessions.endOthers();
  await expect(sessions.all).toHaveCount(1);
  await expect(mina.page.getByText('지금은 이 기기에서만 로그인했어요.')).toBeVisible();
  for (const other of others) expect((await other.page.goto('/me'))?.status()).toBe(401);
});

test('a password is changed, and only with the present one', { tag: '@nojs' }, async ({ neighbour, newcomer, complaints }) => {
  complaints.allow(/status of 4(22|01)/);
  const mina = await neighbour('미나');
  const phone = await newcomer('미나');
  await signInByCall(phone.page.request, mina);
  const { page } = mina;
  await open(page, '/me/password');
  const form = new ChangePasswordPage(page);

  await form.change('틀린 비밀번호예요', '새로운 비밀번호 하나', '새로운 비밀번호 하나');
  await expectWrong(form.current, '현재 비밀번호가 올바르지 않습니다');
  await form.change(mina.password, mina.password, mina.password);
  await expectWrong(form.next, '이전과 동일한 비밀번호를 사용할 수 없습니다');
  await form.change(mina.password, '새로운 비밀번호 하나', '새로운 비밀번호 둘');
  await expectWrong(form.again, '비밀번호가 서로 다릅니다');

  await form.change(mina.password, '새로운 비밀번호 하나', '새로운 비밀번호 하나');
  await expect(page).toHaveURL(/\/me(\?|$)/);
  await expect(page.getByText('비밀번호를 바꿨어요. 다른 기기에서는 로그아웃했어요.')).toBeVisible();
  expect((await phone.page.goto('/me'))?.status()).toBe(401);
  expect((await signInByCall(phone.page.request, mina)).status()).toBe(422);
  expect((await signInByCall(phone.page.request, { ...mina, password: '새로운 비밀번호 하나' })).ok()).toBe(true);
});

test('two mistakes in a password change are said together', { tag: ['@nojs', '@desktop'] }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 422/);
  const { page } = await neighbour('미나');
  await open(page, '/me/password');
  const form = new ChangePasswordPage(page);
  await form.change('틀린 비밀번호예요', '12345678', '12345679');
  await expectWrong(form.next, '숫자만으로는 쉽게 들켜요. 글자를 섞어 주세요.');
  await expectWrong(form.again, '비밀번호가 서로 다릅니다');
});

test('the 동 is changed', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const { page } = await neighbour('미나');
  await open(page, '/me');
  await new MePage(page).moveTo('망원동');
  await expect(page.getByText('동네를 바꿨어요.')).toBeVisible();
  await expect(new MePage(page).region).toHaveValue('서울 마포구 망원동');
});

async function expectSignedOutCookies(page: import('@playwright/test').Page): Promise<void> {
  const names = (await page.context().cookies()).map((cookie) => cookie.name);
  expect(names).not.toContain('moim_access');
  await expect(navigation(page)).toHaveCount(0);
}

test('two tabs whose time has run out at once both stay signed in', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const mina = await neighbour('미나');
  const { page, context } = mina;
  const other = await context.newPage();
  await Promise.all([open(page, '/me'), open(other, '/meals')]);
  const refresh = async () => (await context.cookies()).find(({ name }) => name === 'moim_refresh')?.value;
  for (const path of ['/me', '/me/sessions', '/chat']) {
    const before = await refresh();
    // What an access token does when its quarter of an hour is over: the browser has the other one alone.
    await context.clearCookies({ name: 'moim_access' });
    const answers = await Promise.all([page.goto(path), other.goto(path), page.request.get('/me'), page.request.get(path)]);
    expect(answers.map((answer) => answer?.status())).toEqual([200, 200, 200, 200]);
    expect(await refresh()).not.toBe(before);
  }
  await open(other, '/me');
  await expect(other.getByRole('main')).toContainText(mina.name);
});
