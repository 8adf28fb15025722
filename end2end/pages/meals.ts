// Shared orders: opening them, finding them, sitting down at them.

import { type APIRequestContext, type APIResponse, expect, type Locator, type Page } from '@playwright/test';
import { isScripted, summary } from './accounts.ts';

/** What an order can be of, as people read it and as addresses say it. */
export const CATEGORIES = {
  '족발,보쌈': 'jokbal',
  '찜,탕,찌개': 'stew',
  '돈까스,회,일식': 'japanese',
  피자: 'pizza',
  고기구이: 'grill',
  양식: 'western',
  치킨: 'chicken',
  중식: 'chinese',
  아시안: 'asian',
  '백반,죽,국수': 'korean',
  도시락: 'dosirak',
  분식: 'bunsik',
  '카페,디저트': 'cafe',
  패스트푸드: 'fastfood',
} as const;

export type Category = keyof typeof CATEGORIES;

/** An order to open; whatever is not said is ordinary. */
export interface Order {
  title?: string;
  category?: Category;
  shop?: string;
  link?: string;
  fee?: string;
  minimum?: string;
  /** Minutes from now: one of the quick choices. */
  due?: '20' | '30' | '60';
  /** In Seoul's time, instead of `due`: `2026-05-12T18:30`. */
  dueAt?: string;
  seats?: string;
  outside?: string;
  pickup?: string;
  body?: string;
  joining?: '바로 참여' | '방장 승인';
}

const ORDINARY = {
  title: '반반 치킨 같이 시켜요',
  category: '치킨',
  shop: '온동네치킨',
  link: '',
  fee: '3500',
  minimum: '18000',
  due: '60',
  dueAt: '',
  seats: '4',
  outside: '0',
  pickup: '경의선숲길 3번 벤치',
  body: '',
  joining: '바로 참여',
} satisfies Required<Order>;

let opened = 0;

/** Opens an order without a page, in the 동 of whoever `request` belongs to, and says where it is. */
export async function openMeal(request: APIRequestContext, order: Order = {}): Promise<{ id: string; path: string; title: string }> {
  const meal = { ...ORDINARY, ...order };
  opened += 1;
  // As the page makes it: a UUID whose beginning grows with time, so that lists show later orders as later.
  const time = (Date.now().toString(16).padStart(12, '0') + opened.toString(16).padStart(4, '0')).slice(0, 16);
  const random = crypto.randomUUID().replaceAll('-', '');
  const id = [time.slice(0, 8), time.slice(8, 12), `7${time.slice(13, 16)}`, `8${random.slice(0, 3)}`, random.slice(3, 15)].join('-');
  const answer = await request.post('/api/open_meal', {
    form: {
      'form[key]': id,
      'form[title]': meal.title,
      'form[category]': CATEGORIES[meal.category],
      'form[shop]': meal.shop,
      'form[link]': meal.link,
      'form[fee]': meal.fee,
      'form[minimum]': meal.minimum,
      'form[due]': meal.dueAt ? 'at' : meal.due,
      'form[due_at]': meal.dueAt,
      'form[seats]': meal.seats,
      'form[outside]': meal.outside,
      'form[pickup]': meal.pickup,
      'form[body]': meal.body,
      'form[joining]': meal.joining === '바로 참여' ? 'direct' : 'approval',
    },
  });
  if (!answer.ok()) throw new Error(`opening ${meal.title} was answered with ${answer.status()} ${await answer.text()}`);
  return { id, path: `/meals/${id}`, title: meal.title };
}

type Deed =
  | 'join_party' | 'leave_party' | 'wait_for_seat' | 'withdraw_request' | 'close_party' | 'reopen_party'
  | 'accept_application' | 'decline_application' | 'remove_member' | 'lift_ban' | 'hand_over_party';

/** Does something at a party without a page; the answer is the caller's to judge. */
export async function tryTo(request: APIRequestContext, deed: Deed, party: string, person?: string): Promise<APIResponse> {
  return request.post(`/api/${deed}`, { form: person ? { party, person } : { party } });
}

/** The same, and it has to work. */
export async function doIt(request: APIRequestContext, deed: Deed, party: string, person?: string): Promise<void> {
  const answer = await tryTo(request, deed, party, person);
  if (!answer.ok()) throw new Error(`${deed} was answered with ${answer.status()} ${await answer.text()}`);
}

export type Stage = 'ordered' | 'arrived';

/** Says how far an order is, without a page. */
export async function advance(request: APIRequestContext, party: string, to: Stage): Promise<void> {
  const answer = await request.post('/api/advance_party', { form: { party, to } });
  if (!answer.ok()) throw new Error(`advancing to ${to} was answered with ${answer.status()} ${await answer.text()}`);
}

/** Calls an order off without a page. */
export async function cancelMeal(request: APIRequestContext, party: string, reason = ''): Promise<void> {
  const answer = await request.post('/api/cancel_party', { form: { 'form[party]': party, 'form[reason]': reason } });
  if (!answer.ok()) throw new Error(`cancelling was answered with ${answer.status()} ${await answer.text()}`);
}

/** Asks for a seat without a page. */
export async function applyFor(request: APIRequestContext, party: string, message = ''): Promise<void> {
  const answer = await request.post('/api/apply_to_party', { form: { 'form[party]': party, 'form[message]': message } });
  if (!answer.ok()) throw new Error(`applying was answered with ${answer.status()} ${await answer.text()}`);
}

/** A moment in Seoul as a form writes it: `2026-05-12T18:30`. */
export function inSeoul(minutesFromNow: number): string {
  return new Date(Date.now() + minutesFromNow * 60_000 + 9 * 3_600_000).toISOString().slice(0, 16);
}

/** `/meals` */
export class MealsPage {
  readonly cards: Locator;
  readonly titles: Locator;
  readonly kinds: Locator;
  readonly town: Locator;
  readonly openOnly: Locator;
  readonly sort: Locator;
  readonly pager: Locator;
  readonly count: Locator;

  constructor(readonly page: Page) {
    const main = page.getByRole('main');
    this.cards = main.getByRole('article');
    this.titles = this.cards.getByRole('heading', { level: 3 });
    this.kinds = main.getByRole('navigation', { name: '음식 종류' });
    // The summary of a disclosure has no role of its own that every browser agrees on.
    this.town = main.locator('summary').filter({ hasText: '동네' });
    this.openOnly = main.getByRole('checkbox', { name: '빈자리만' });
    this.sort = main.getByRole('combobox', { name: '정렬' });
    this.pager = main.getByRole('navigation', { name: '쪽', exact: true });
    this.count = main.getByRole('status');
  }

  card(title: string): Locator {
    return this.cards.filter({ has: this.page.getByRole('heading', { name: title, exact: true }) });
  }

  /** Narrows the list down; without JavaScript a button sends the form. */
  async sift(): Promise<void> {
    if (!(await isScripted(this.page))) await this.page.getByRole('button', { name: '보기', exact: true }).click();
  }

  async lookFor(town: string): Promise<void> {
    const search = this.page.getByRole('search');
    await search.getByLabel(/^(다른 )?동네 찾기$/).fill(town);
    await search.getByRole('button', { name: '찾기', exact: true }).click();
  }
}

/** The form of `/meals/new` and `/meals/:id/edit`. */
export class MealForm {
  readonly title: Locator;
  readonly category: Locator;
  readonly shop: Locator;
  readonly link: Locator;
  readonly fee: Locator;
  readonly minimum: Locator;
  readonly seats: Locator;
  readonly outside: Locator;
  readonly due: Locator;
  readonly dueAt: Locator;
  readonly pickup: Locator;
  readonly joining: Locator;
  readonly body: Locator;
  readonly chooser: Locator;
  readonly chosen: Locator;
  readonly open: Locator;
  readonly save: Locator;
  readonly summary: Locator;

  constructor(readonly page: Page) {
    const field = (label: string) => page.getByLabel(label, { exact: true });
    this.title = field('제목');
    this.category = field('음식 종류');
    this.shop = field('가게 이름');
    this.link = field('가게 링크');
    this.fee = field('배달비');
    this.minimum = field('최소 주문');
    this.seats = field('모두 몇 자리');
    this.outside = field('함께 오는 일행');
    this.due = page.getByRole('group', { name: '언제까지 모을까요?' });
    this.dueAt = field('마감 시각');
    this.pickup = field('받는 곳');
    this.joining = page.getByRole('group', { name: '들어오는 방법' });
    this.body = field('소개');
    this.chooser = field('사진 고르기');
    this.chosen = page.getByRole('list', { name: '고른 사진' });
    this.open = page.getByRole('main').getByRole('button', { name: '자리 열기' });
    this.save = page.getByRole('main').getByRole('button', { name: '고치기', exact: true });
    this.summary = summary(page);
  }

  async fill(order: Order = {}): Promise<void> {
    const meal = { ...ORDINARY, ...order };
    await this.title.fill(meal.title);
    await this.category.selectOption({ label: meal.category });
    await this.shop.fill(meal.shop);
    await this.link.fill(meal.link);
    await this.fee.fill(meal.fee);
    await this.minimum.fill(meal.minimum);
    await this.seats.selectOption({ label: `${meal.seats}명` });
    await this.outside.selectOption({ label: `${meal.outside}명` });
    await this.chooseDue(meal.dueAt ? '시각 정하기' : `${meal.due}분 뒤`);
    if (meal.dueAt) await this.dueAt.fill(meal.dueAt);
    await this.pickup.fill(meal.pickup);
    await this.joining.getByText(meal.joining, { exact: true }).click();
    await this.body.fill(meal.body);
  }

  async chooseDue(label: string): Promise<void> {
    await this.due.getByText(label, { exact: true }).click();
  }
}

/** `/meals/:id` */
export class MealPage {
  readonly heading: Locator;
  readonly main: Locator;
  readonly join: Locator;
  readonly wait: Locator;
  readonly chat: Locator;
  readonly table: Locator;
  readonly members: Locator;
  readonly desk: Locator;
  readonly cta: Locator;
  readonly toast: Locator;
  readonly trouble: Locator;

  constructor(readonly page: Page) {
    this.main = page.getByRole('main');
    this.heading = this.main.getByRole('heading', { level: 1 });
    this.join = this.main.getByRole('button', { name: '참여하기' });
    this.wait = this.main.getByRole('button', { name: '빈자리 기다리기' });
    this.chat = this.main.getByRole('link', { name: '채팅방' });
    this.table = this.main.getByRole('img', { name: /자리 중/ });
    this.members = this.main.getByRole('region', { name: /^함께하는 사람/ }).getByRole('listitem');
    this.desk = this.main.getByRole('region', { name: '방장 메뉴' });
    this.cta = this.main.getByRole('complementary', { name: '자리와 배달비' });
    this.toast = page.getByRole('status');
    this.trouble = summary(page);
  }

  /** How full the table is: what is read out, what is written, and who sits there. */
  async expectSeats(taken: number, seats: number): Promise<void> {
    await expect(this.table).toHaveAccessibleName(new RegExp(`^${seats}자리 중 ${taken}자리가 찼어요\\.`));
    await expect(this.table).toContainText(`${taken}/${seats}명`);
    await expect(this.main.getByRole('heading', { name: `함께하는 사람 ${taken}` })).toBeVisible();
  }

  /** A person's line in the host's box. */
  inDesk(name: string): Locator {
    return this.desk.getByRole('listitem').filter({ hasText: name });
  }

  /** Opens a question and says yes to it. */
  async confirm(scope: Locator, opener: string, question: string, yes: string): Promise<void> {
    await scope.locator('summary').filter({ hasText: opener }).click();
    await scope.getByRole('group', { name: question }).getByRole('button', { name: yes }).click();
  }

  async apply(message = ''): Promise<void> {
    await this.cta.locator('summary').filter({ hasText: '신청하기' }).click();
    await this.page.getByLabel('방장에게 한마디').fill(message);
    await this.page.getByRole('button', { name: '신청 보내기' }).click();
  }

  async leave(): Promise<void> {
    await this.confirm(this.cta, '나가기', '이 모임에서 나갈까요?', '나가기');
  }

  async remove(name: string): Promise<void> {
    await this.confirm(this.inDesk(name), '내보내기', `${name} 님을 내보낼까요?`, '내보내기');
  }

  async handOver(name: string): Promise<void> {
    await this.confirm(this.inDesk(name), '방장 넘기기', `${name} 님에게 방장을 넘길까요?`, '방장 넘기기');
  }

  /** Says how far it is: `주문했어요` makes it `주문함`. */
  async advance(opener: string, stage: string): Promise<void> {
    await this.confirm(this.desk, opener, `‘${stage}’ 상태로 바꿀까요?`, '모두에게 알리기');
  }

  async cancel(reason: string): Promise<void> {
    await this.desk.locator('summary').filter({ hasText: '모임 취소' }).click();
    await this.desk.getByLabel('취소하는 까닭').fill(reason);
    await this.desk.getByRole('button', { name: '모임 취소하기' }).click();
  }
}
