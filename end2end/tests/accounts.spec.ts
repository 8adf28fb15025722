// Signing up, and how pages are shown to whom.

import { expect, newCredentials, open, test } from '../fixtures.ts';
import {
  bar, expectSignedIn, expectWrong, isScripted, MePage, navigation, signInByCall, signUp, SignUpPage, YEONNAM,
} from '../pages/accounts.ts';

test('somebody signs up and is signed in', { tag: '@nojs' }, async ({ page }) => {
  const person = newCredentials('미나');
  await signUp(page, person);
  await open(page, '/me');
  await expect(page.getByRole('main')).toContainText(person.name);
  await expect(page.getByRole('main')).toContainText(person.email);
  await expect(new MePage(page).region).toHaveValue(YEONNAM.full);
});

test('everything that is wrong is said at once, beside its field', { tag: ['@desktop', '@nojs'] }, async ({ page, complaints }) => {
  complaints.allow(/status of 422/);
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  await form.email.fill('harin@hanbit');
  await form.nickname.fill('가');
  await form.password.fill('20261120');
  await form.passwordAgain.fill('20261121');
  await form.birthDate.fill('2020-01-01');
  const answered = (await isScripted(page)) ? undefined : page.waitForResponse((answer) => answer.request().isNavigationRequest());
  await form.submit.click();
  if (answered) expect((await answered).status()).toBe(422);

  await expect(form.summary).toContainText('7곳만 고치면 돼요.');
  await expect(form.summary).toBeFocused();
  await expectWrong(form.email, '이메일 주소를 다시 확인해 주세요.');
  await expectWrong(form.nickname, '닉네임은 2자에서 20자까지예요.');
  await expectWrong(form.password, '숫자만으로는 쉽게 들켜요. 글자를 섞어 주세요.');
  await expectWrong(form.birthDate, '만 14세부터 가입할 수 있어요.');
  await expectWrong(form.region, '동네를 골라 주세요.');
  await expectWrong(form.terms, '이용약관에 동의해야 가입할 수 있어요.');
  await expectWrong(form.privacy, '개인정보 처리방침에 동의해야 가입할 수 있어요.');

  await expect(form.email).toHaveValue('harin@hanbit');
  await expect(form.nickname).toHaveValue('가');
  await expect(form.birthDate).toHaveValue('2020-01-01');
});

test('a link in the summary leads to its field', async ({ page }) => {
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  await form.fill(newCredentials('미나'));
  await form.passwordAgain.fill('다른 비밀번호예요');
  await form.submit.click();
  await form.summary.getByRole('link', { name: '비밀번호가 서로 다릅니다' }).click();
  await expect(form.passwordAgain).toBeFocused();
});

test('an email and a nickname of somebody are refused together', { tag: ['@desktop', '@nojs'] }, async ({ page, neighbour, complaints }) => {
  complaints.allow(/status of 422/);
  const jun = await neighbour('준호');
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  // Emails and nicknames are the same in any case.
  await form.fill({ ...newCredentials('미나'), email: jun.email.toUpperCase(), name: jun.name });
  await form.submit.click();
  await expectWrong(form.email, '이미 가입한 이메일이에요. 로그인해 주세요.');
  await expectWrong(form.nickname, '누가 먼저 쓰고 있는 닉네임이에요.');
  await expect(form.email).toHaveValue(jun.email.toUpperCase());
  await expect(form.region).toHaveValue(new RegExp(YEONNAM.name));
  await expect(form.terms).toBeChecked();
  // Passwords are not sent back to the page.
  if (!(await isScripted(page))) await expect(form.password).toHaveValue('');
});

test('the 동 is found while typing, with the keyboard alone', { tag: '@desktop' }, async ({ page }) => {
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  await expect(form.region).toHaveAttribute('aria-expanded', 'false');
  await form.region.focus();
  await form.region.pressSequentially('용담');
  await expect(form.region).toHaveAttribute('aria-expanded', 'true');
  await expect(form.options).toHaveCount(5);
  await expect(form.options.first()).toContainText('청주시 상당구');

  await expect(form.options.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  const active = form.options.nth(1);
  await expect(active).toHaveAttribute('aria-selected', 'true');
  await expect(form.region).toHaveAttribute('aria-activedescendant', (await active.getAttribute('id'))!);
  await page.keyboard.press('Enter');
  await expect(form.options).toHaveCount(0);
  await expect(form.region).toHaveValue('전북 진안군 용담면');
  await expect(form.region).toBeFocused();

  await form.region.fill('');
  await form.region.pressSequentially('yongdam');
  await expect(form.options.filter({ hasText: '제주' }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(form.options).toHaveCount(0);
  await expect(page).toHaveURL('/sign-up');
});

test('the 동 is found by where the device is', async ({ page, context }) => {
  await context.grantPermissions(['geolocation']);
  await context.setGeolocation({ latitude: YEONNAM.latitude, longitude: YEONNAM.longitude });
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  await expect(form.region).toHaveAccessibleDescription(/동까지만 저장됩니다/);
  await form.locate.click();
  await expect(form.region).toHaveValue(YEONNAM.full);

  const person = newCredentials('미나');
  await form.email.fill(person.email);
  await form.nickname.fill(person.name);
  await form.password.fill(person.password);
  await form.passwordAgain.fill(person.password);
  await form.birthDate.fill('1999-12-31');
  await form.gender.getByText('여성', { exact: true }).click();
  await form.terms.check();
  await form.privacy.check();
  await form.submit.click();
  await expectSignedIn(page);
  await open(page, '/me');
  await expect(new MePage(page).region).toHaveValue(YEONNAM.full);
});

test('who does not tell where they are can still type it', { tag: '@desktop' }, async ({ page, context }) => {
  await context.clearPermissions();
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  await form.locate.click();
  await expect(page.getByText('위치를 볼 수 없게 되어 있어요. 동 이름으로 찾아 주세요.')).toBeVisible();
  await form.region.fill('연남');
  await expect(form.options).toHaveCount(1);
});

test('a name that several 동 have is asked about', { tag: '@nojs-only' }, async ({ page, complaints }) => {
  complaints.allow(/status of 422/);
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  const person = newCredentials('미나');
  await form.fill(person);
  await form.region.fill('신촌동');
  await form.submit.click();
  const which = page.getByRole('group', { name: '어느 동네인가요?' });
  await expect(which.getByRole('radio')).toHaveCount(8);
  await which.getByText('서울 서대문구 신촌동').click();
  await form.password.fill(person.password);
  await form.passwordAgain.fill(person.password);
  await form.submit.click();
  await expectSignedIn(page);
  await open(page, '/me');
  await expect(new MePage(page).region).toHaveValue('서울 서대문구 신촌동');
});

test('the strength of a password is shown while it is typed', async ({ page }) => {
  await open(page, '/sign-up');
  const { password, email } = new SignUpPage(page);
  await email.fill('harin@hanbit.ac.kr');
  await password.pressSequentially('harin');
  await expect(page.getByText('약해요')).toBeVisible();
  await password.fill('Moim-2026!#');
  await expect(page.getByText('꽤 튼튼해요')).toBeVisible();
  await password.fill('일곱 마리 백로가 지붕 위에');
  await expect(page.getByText('아주 튼튼해요')).toBeVisible();
});

test('a password can be looked at', { tag: '@desktop' }, async ({ page }) => {
  await open(page, '/sign-up');
  const { password } = new SignUpPage(page);
  await password.fill('일곱 마리 백로');
  const look = page.getByRole('button', { name: '비밀번호 보기' }).first();
  await look.click();
  await expect(password).toHaveAttribute('type', 'text');
  await expect(look).toHaveAttribute('aria-pressed', 'true');
  await look.click();
  await expect(password).toHaveAttribute('type', 'password');
});

test('a free nickname is offered, and another one when asked for', { tag: '@desktop' }, async ({ page }) => {
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  await expect(form.nickname).toHaveValue(/^\S+ \S+$/);
  const offered = await form.nickname.inputValue();
  await form.otherNickname.click();
  await expect(form.nickname).not.toHaveValue(offered);
  await expect(form.nickname).toHaveValue(/^\S+ \S+$/);
});

test('what is agreed to can be read', { tag: ['@nojs', '@desktop'] }, async ({ page }) => {
  for (const heading of ['이용약관', '개인정보 처리방침']) {
    await page.goto('/sign-up');
    // What was typed stays in its own tab.
    const other = page.waitForEvent('popup');
    await page.getByRole('link', { name: `${heading} 보기` }).click();
    await expect((await other).getByRole('heading', { level: 1, name: heading })).toBeVisible();
  }
  await page.goto('/about');
  await expect(page.getByRole('main')).toContainText('국토교통부 국토지리정보원');
});

test('a visitor changes the language, and it stays', { tag: '@nojs' }, async ({ page }) => {
  await open(page, '/about');
  await bar(page).english.click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page).toHaveURL('/about');
  for (const path of ['/about', '/', '/meals', '/sign-in']) {
    await open(page, path);
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    // Names aside, of the reader's own language and of who else knows them, nothing is left in Korean.
    const left = (await page.locator('body').innerText()).replace('한국어', '').replace('우리 학교', '').match(/[^\n]*[가-힣][^\n]*/g) ?? [];
    if (path !== '/about') expect(left, path).toEqual([]);
  }
});

test("a member's language goes with the account", { tag: ['@desktop', '@nojs'] }, async ({ neighbour, newcomer }) => {
  const mina = await neighbour('미나');
  await open(mina.page, '/me');
  await new MePage(mina.page).languages.getByRole('button', { name: 'English' }).click();
  await expect(mina.page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(mina.page.getByRole('button', { name: 'English' }).last()).toHaveAttribute('aria-pressed', 'true');
  const phone = await newcomer('미나');
  await signInByCall(phone.page.request, mina);
  expect(await (await phone.page.request.get('/me')).text()).toMatch(/<html lang="en"/);
});

test('a visitor changes the colours, and they stay from the first byte on', { tag: '@nojs' }, async ({ page, context }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page, '/about');
  const html = page.locator('html');
  await expect(html).not.toHaveAttribute('data-theme');
  await expect(bar(page).light).toBeHidden();
  await bar(page).dark.click();
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await expect(html).toHaveCSS('color-scheme', 'dark');
  await expect.poll(async () => (await context.cookies()).find(({ name }) => name === 'moim_theme')?.value).toBe('dark');
  expect(await (await page.request.get('/meals')).text()).toMatch(/<html[^>]* data-theme="dark"/);
  await open(page, '/meals');
  await bar(page).light.click();
  await expect(html).toHaveAttribute('data-theme', 'light');
  await expect(html).toHaveCSS('color-scheme', 'light');
});

test("a member's colours can follow the device again", { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const { page } = await neighbour('미나');
  await open(page, '/me');
  const { themes } = new MePage(page);
  await themes.getByRole('button', { name: '어둡게' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(themes.getByRole('button', { name: '어둡게' })).toHaveAttribute('aria-pressed', 'true');
  await themes.getByRole('button', { name: '기기 따라' }).click();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
  await expect(themes.getByRole('button', { name: '기기 따라' })).toHaveAttribute('aria-pressed', 'true');
});

test('signing up is refused where scripts are typed as a name', { tag: '@desktop' }, async ({ page }) => {
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  await form.fill({ ...newCredentials('미나'), name: '<script>x</script>' });
  await form.submit.click();
  await expectWrong(form.nickname, '글자, 숫자, 빈칸과 . _ - 만 쓸 수 있어요.');
  await expect(navigation(page)).toHaveCount(0);
});
