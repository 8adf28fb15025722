// What to eat.

import type { Locator, Page } from '@playwright/test';

export class SuggestionsPage {
  readonly menus: Locator;
  readonly left: Locator;
  readonly more: Locator;
  readonly exchanges: Locator;
  readonly question: Locator;
  readonly forget: Locator;
  private readonly send: Locator;

  constructor(page: Page) {
    const main = page.getByRole('main');
    const five = main.getByRole('region', { name: '추천 메뉴' });
    const talk = main.getByRole('region', { name: '물어보기' });
    this.menus = five.getByRole('listitem');
    this.left = five.getByText('더 물어볼 수 있어요', { exact: false });
    this.more = five.getByRole('button', { name: '다른 메뉴 보기' });
    // The list itself: answers have lists of menus in them.
    this.exchanges = talk.locator('ol > li');
    this.question = talk.getByRole('textbox', { name: '질문' });
    this.send = talk.getByRole('button', { name: '물어보기' });
    this.forget = talk.getByRole('button', { name: '초기화' });
  }

  /** What the five are called. */
  async names(): Promise<string[]> {
    return this.menus.getByRole('heading').allInnerTexts();
  }

  async ask(question: string): Promise<void> {
    await this.question.fill(question);
    await this.send.click();
  }
}
