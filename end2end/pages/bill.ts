// The bill of an order: who orders what, and who pays what.

import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { summary } from './accounts.ts';
import { call } from './chat.ts';

/** Enters something that somebody orders, without a page. */
export async function enter(request: APIRequestContext, party: string, name: string, price: number, count = 1): Promise<void> {
  await call(request, 'put_item', {
    'form[party]': party,
    'form[key]': crypto.randomUUID(),
    'form[name]': name,
    'form[price]': String(price),
    'form[count]': String(count),
  });
}

/** `/meals/:id/bill` */
export class BillPage {
  readonly main: Locator;
  readonly sum: Locator;
  readonly mine: Locator;
  readonly everybody: Locator;
  readonly shares: Locator;
  /** What the reader pays, and where. */
  readonly pay: Locator;
  readonly trouble: Locator;
  readonly name: Locator;
  readonly price: Locator;
  readonly count: Locator;

  constructor(readonly page: Page) {
    this.main = page.getByRole('main');
    this.sum = this.main.getByRole('status', { name: '모두 합해서' });
    this.mine = this.main.getByRole('region', { name: '내가 시킬 것' });
    this.everybody = this.main.getByRole('region', { name: '사람마다' });
    this.shares = this.main.getByRole('region', { name: '나눠 내기' });
    this.pay = this.main.getByRole('region', { name: '내가 낼 돈' });
    this.trouble = summary(page);
    this.name = this.mine.getByLabel('무엇을');
    this.price = this.mine.getByLabel('하나에');
    this.count = this.mine.getByLabel('몇 개');
  }

  /** Enters something that the reader orders. */
  async add(name: string, price: string, count = '1'): Promise<void> {
    await this.name.fill(name);
    await this.price.fill(price);
    await this.count.fill(count);
    await this.mine.getByRole('button', { name: '적기', exact: true }).click();
  }

  /** Says how it is settled, or that it is settled otherwise. */
  async startSettling(account: string, fee = ''): Promise<void> {
    const terms = this.main.getByRole('region', { name: '어떻게 정산할까요?' });
    if (fee) await terms.getByLabel('배달비', { exact: true }).fill(fee);
    await terms.getByLabel('받을 계좌').fill(account);
    await terms.getByRole('button', { name: /정산 시작하기|정산 방법 고치기/ }).click();
  }

  /** Adds something or takes something off. */
  async addExtra(label: string, amount: string, whom = '모두가 똑같이'): Promise<void> {
    const extras = this.main.getByRole('region', { name: '더하거나 빼기' });
    await extras.getByLabel('이름').fill(label);
    await extras.getByLabel('금액').fill(amount);
    await extras.getByLabel('누구 몫인가요?').selectOption({ label: whom });
    await extras.getByRole('button', { name: '더하기', exact: true }).click();
  }

  /** What somebody pays, and how that stands. */
  share(name: string): Locator {
    return this.shares.getByRole('listitem').filter({ hasText: name }).filter({ hasText: '시킨 것' });
  }

  /** Says that all is settled. */
  async settle(anyway = false): Promise<void> {
    await this.main.locator('summary').filter({ hasText: '정산 완료' }).click();
    if (anyway) await this.page.getByLabel('받지 못한 돈이 있어도 끝낼게요').check();
    await this.main.getByRole('button', { name: '정산 끝내기' }).click();
  }

  /** What somebody orders. */
  of(name: string): Locator {
    return this.everybody.getByRole('listitem').filter({ hasText: name }).first();
  }
}
