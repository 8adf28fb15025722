// The bill of an order: who orders what, and who pays what.

import type { APIRequestContext, Locator, Page } from '@playwright/test';
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
  readonly name: Locator;
  readonly price: Locator;
  readonly count: Locator;

  constructor(readonly page: Page) {
    this.main = page.getByRole('main');
    this.sum = this.main.getByRole('status', { name: '모두 합해서' });
    this.mine = this.main.getByRole('region', { name: '내가 시킬 것' });
    this.everybody = this.main.getByRole('region', { name: '사람마다' });
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

  /** What somebody orders. */
  of(name: string): Locator {
    return this.everybody.getByRole('listitem').filter({ hasText: name }).first();
  }
}
