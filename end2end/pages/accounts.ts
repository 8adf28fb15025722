// Signing up and in, and the signed-in person's own pages: where things are, and the verbs.

import { type APIRequestContext, type APIResponse, expect, type Locator, type Page } from '@playwright/test';
import { open } from '../fixtures.ts';

export interface Credentials {
  name: string;
  email: string;
  password: string;
}

/** A 동 that only one place in Korea has, and where it is. */
export const YEONNAM = { name: '연남동', full: '서울 마포구 연남동', code: '11440124', latitude: 37.5627, longitude: 126.9256 };

interface Town {
  name: string;
  code: string;
}

/** 동 for tests that count what is there: each is one test's own, so that orders of others are not in its list. */
export const TOWNS = {
  /** Nobody opens anything here. */
  empty: { name: '삼청동', code: '11110140' },
  home: { name: '용담일동', code: '50110108' },
  visited: { name: '판교동', code: '41135108' },
  own: { name: '망원동', code: '11440123' },
  /** In the same district as `own`. */
  ownNext: { name: '합정동', code: '11440122' },
  /** Where it rains: nobody opens the first page from here but who looks at the weather. */
  rainy: { name: '상암동', code: '11440127' },
  /** Where nobody but one test asks for it, so that its page comes before it. */
  clouding: { name: '중동', code: '11440126' },
  /** Where nobody knows the weather. */
  unknown: { name: '성산동', code: '11440125' },
  elsewhere: { name: '역삼동', code: '11680101' },
  kinds: { name: '이도일동', code: '50110103' },
  sorted: { name: '용담이동', code: '50110109' },
  viewed: { name: '용담삼동', code: '50110110' },
  long: { name: '화정동', code: '29140119' },
  twice: { name: '화정면', code: '46130350' },
  cancelled: { name: '화정면', code: '48720340' },
} satisfies Record<string, Town>;

/** Where people go who came to sign in or up from nowhere. */
export const FIRST_PAGE = '/meals';

/** The form of `/sign-up`. */
export class SignUpPage {
  readonly email: Locator;
  readonly nickname: Locator;
  readonly otherNickname: Locator;
  readonly password: Locator;
  readonly passwordAgain: Locator;
  readonly birthDate: Locator;
  readonly gender: Locator;
  readonly region: Locator;
  readonly options: Locator;
  readonly locate: Locator;
  readonly school: Locator;
  readonly admissionYear: Locator;
  readonly terms: Locator;
  readonly privacy: Locator;
  readonly submit: Locator;
  readonly summary: Locator;

  constructor(readonly page: Page) {
    const field = (label: string) => page.getByLabel(label, { exact: true });
    this.email = field('이메일');
    this.nickname = field('닉네임');
    this.otherNickname = page.getByRole('button', { name: '다른 이름' });
    this.password = field('비밀번호');
    this.passwordAgain = field('비밀번호 한 번 더');
    this.birthDate = field('생년월일');
    this.gender = page.getByRole('group', { name: '성별' });
    this.region = field('내 동네');
    this.options = page.getByRole('option');
    this.locate = page.getByRole('button', { name: '현재 위치로 찾기' });
    this.school = field('학교 (선택)');
    this.admissionYear = field('입학 연도 (선택)');
    this.terms = page.getByRole('checkbox', { name: '(필수) 이용약관' });
    this.privacy = page.getByRole('checkbox', { name: '(필수) 개인정보 처리방침' });
    this.submit = page.getByRole('button', { name: '자리에 앉기' });
    this.summary = summary(page);
  }

  /** Fills in all that is needed, in a way that works without JavaScript too. */
  async fill(person: Credentials): Promise<void> {
    await this.email.fill(person.email);
    await this.nickname.fill(person.name);
    await this.password.fill(person.password);
    await this.passwordAgain.fill(person.password);
    await this.birthDate.fill('1999-12-31');
    await this.gender.getByText('선택 안 함', { exact: true }).click();
    await this.region.fill(YEONNAM.name);
    if (await isScripted(this.page)) await this.options.filter({ hasText: YEONNAM.name }).click();
    await this.terms.check();
    await this.privacy.check();
  }
}

/** Signs somebody up through the page and ends up signed in. */
export async function signUp(page: Page, person: Credentials): Promise<void> {
  await open(page, '/sign-up');
  const form = new SignUpPage(page);
  await form.fill(person);
  await form.submit.click();
  await expect(page).toHaveURL(FIRST_PAGE);
  await expectSignedIn(page);
}

/** Signs somebody up without a page; the cookies are those of the page that `request` belongs to. */
export async function signUpByCall(request: APIRequestContext, person: Credentials): Promise<void> {
  const answer = await request.post('/api/sign_up', {
    form: {
      'form[email]': person.email,
      'form[nickname]': person.name,
      'form[password]': person.password,
      'form[password_again]': person.password,
      'form[birth_date]': '1999-12-31',
      'form[gender]': 'unsaid',
      'form[region]': YEONNAM.code,
      'form[terms]': 'true',
      'form[privacy]': 'true',
    },
  });
  if (!answer.ok()) throw new Error(`signing up ${person.name} was answered with ${answer.status()} ${await answer.text()}`);
}

/** Proves an address without a page, with the end of the mailed link. */
export async function proveByCall(request: APIRequestContext, token: string): Promise<void> {
  const answer = await request.post('/api/prove_address', { form: { token } });
  if (!answer.ok()) throw new Error(`proving an address was answered with ${answer.status()} ${await answer.text()}`);
}

/** The form of `/sign-in`. */
export class SignInPage {
  readonly email: Locator;
  readonly password: Locator;
  readonly submit: Locator;
  readonly summary: Locator;

  constructor(readonly page: Page) {
    this.email = page.getByLabel('이메일', { exact: true });
    this.password = page.getByLabel('비밀번호', { exact: true });
    this.submit = page.getByRole('main').getByRole('button', { name: '로그인' });
    this.summary = summary(page);
  }

  async signIn({ email, password }: Pick<Credentials, 'email' | 'password'>): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.submit.click();
  }
}

/** Moves somebody to another 동 without a page. */
export async function moveByCall(request: APIRequestContext, town: Town): Promise<void> {
  const answer = await request.post('/api/set_region', { form: { 'form[region]': town.code } });
  if (!answer.ok()) throw new Error(`moving to ${town.name} was answered with ${answer.status()} ${await answer.text()}`);
}

/** Signs somebody in without a page; the answer is the caller's to judge. */
export async function signInByCall(request: APIRequestContext, { email, password }: Pick<Credentials, 'email' | 'password'>): Promise<APIResponse> {
  return request.post('/api/sign_in', { form: { 'form[email]': email, 'form[password]': password } });
}

/** `/me` */
export class MePage {
  readonly region: Locator;
  readonly signOut: Locator;
  readonly themes: Locator;
  readonly languages: Locator;

  constructor(readonly page: Page) {
    const main = page.getByRole('main');
    this.region = main.getByLabel('내 동네', { exact: true });
    this.signOut = main.getByRole('button', { name: '로그아웃' });
    this.themes = main.getByRole('group', { name: '화면 색' });
    this.languages = main.getByRole('group', { name: '언어' });
  }

  async moveTo(region: string): Promise<void> {
    await this.region.fill(region);
    if (await isScripted(this.page)) await this.page.getByRole('option').filter({ hasText: region }).click();
    await this.page.getByRole('button', { name: '이 동네로 하기' }).click();
  }
}

/** What stands at the end of the bar above every page. */
export function bar(page: Page): { english: Locator; dark: Locator; light: Locator } {
  const button = (name: string) => page.getByRole('button', { name, exact: true }).first();
  return { english: button('English'), dark: button('어두운 화면으로 바꾸기'), light: button('밝은 화면으로 바꾸기') };
}

/** `/me/sessions` */
export class SessionsPage {
  readonly all: Locator;
  readonly others: Locator;

  constructor(readonly page: Page) {
    this.all = page.getByRole('main').getByRole('listitem').filter({ hasText: '마지막 접속' });
    this.others = this.all.filter({ hasNotText: '이 기기' });
  }

  async end(session: Locator): Promise<void> {
    await session.getByText('끝내기', { exact: true }).click();
    await session.getByRole('button', { name: '로그아웃하기' }).click();
  }

  async endOthers(): Promise<void> {
    await this.page.getByText('다른 기기 모두 로그아웃', { exact: true }).first().click();
    await this.page.getByRole('group', { name: '이 기기만 남기고 모두 로그아웃할까요?' }).getByRole('button', { name: '로그아웃하기' }).click();
  }
}

/** `/me/password` */
export class ChangePasswordPage {
  readonly current: Locator;
  readonly next: Locator;
  readonly again: Locator;
  readonly submit: Locator;

  constructor(readonly page: Page) {
    this.current = page.getByLabel('현재 비밀번호', { exact: true });
    this.next = page.getByLabel('새 비밀번호', { exact: true });
    this.again = page.getByLabel('새 비밀번호 한 번 더', { exact: true });
    this.submit = page.getByRole('main').getByRole('button', { name: '바꾸기', exact: true });
  }

  async change(current: string, next: string, again: string): Promise<void> {
    await this.current.fill(current);
    await this.next.fill(next);
    await this.again.fill(again);
    await this.submit.click();
  }
}

/** The main navigation, in Korean. */
export function navigation(page: Page): Locator {
  return page.getByRole('navigation', { name: '주 메뉴' });
}

export async function expectSignedIn(page: Page): Promise<void> {
  await expect(navigation(page).getByRole('link', { name: '나', exact: true })).toBeVisible();
}

export async function expectSignedOut(page: Page): Promise<void> {
  await expect(navigation(page).getByRole('link', { name: '로그인', exact: true })).toBeVisible();
}

/** Why a form was refused, above its fields. */
export function summary(page: Page): Locator {
  return page.getByRole('main').getByRole('alert');
}

/** The sentence that is tied to a control that is wrong. */
export async function expectWrong(control: Locator, sentence: string | RegExp): Promise<void> {
  await expect(control).toHaveAttribute('aria-invalid', 'true');
  await expect(control).toHaveAccessibleDescription(sentence instanceof RegExp ? sentence : new RegExp(escape(sentence)));
}

/** Whether the page may run programs. */
export async function isScripted(page: Page): Promise<boolean> {
  return page.locator('html').evaluate(() => matchMedia('(scripting: enabled)').matches);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
