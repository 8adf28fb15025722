// Chat: where things are on the page, the verbs, and quick ways to a conversation for tests that are about something else.

import { type APIRequestContext, expect, type Locator, type Page } from '@playwright/test';
import type { Person } from '../fixtures.ts';
import { isScripted, navigation } from './accounts.ts';
import { doIt, openMeal } from './meals.ts';

/** `/chat`, and the list beside an open room. */
export class Rooms {
  readonly heading: Locator;
  readonly pane: Locator;
  readonly rows: Locator;
  readonly search: Locator;

  constructor(private readonly page: Page) {
    this.pane = page.getByRole('region', { name: '채팅', exact: true });
    this.heading = this.pane.getByRole('heading', { name: '채팅', exact: true });
    this.rows = this.pane.getByRole('listitem');
    this.search = this.pane.getByRole('searchbox', { name: '채팅방 찾기' });
  }

  /** The row of a conversation. */
  row(name: string): Locator {
    return this.rows.filter({ has: this.page.getByRole('link', { name, exact: true }) });
  }

  /** The link that opens a conversation. */
  link(name: string): Locator {
    return this.rows.getByRole('link', { name, exact: true });
  }

  /** Checks how many unread messages a conversation's row shows. */
  async expectUnread(name: string, count: number): Promise<void> {
    await expect(this.row(name)).toHaveCount(1);
    await expect(this.row(name).getByText(/안 읽음 \d+/)).toHaveText(count === 0 ? [] : [`안 읽음 ${count}`]);
  }
}

/** `/chat/:room` and `/chat/with/:nickname` */
export class Room {
  readonly main: Locator;
  readonly title: Locator;
  readonly log: Locator;
  /** Everything in the log, in order: messages, notices, dates. */
  readonly entries: Locator;
  readonly composer: Locator;
  readonly send: Locator;
  /** Why something was not sent. */
  readonly wrong: Locator;
  readonly back: Locator;
  /** The line up to which the reader had read. */
  readonly readLine: Locator;
  readonly older: Locator;
  readonly newest: Locator;
  /** Leads down to what came while the reader was far up. */
  readonly unseen: Locator;
  /** Without JavaScript only: says that everything shown was read. */
  readonly markRead: Locator;
  readonly typing: Locator;
  /** That the connection is lost. */
  readonly offline: Locator;
  /** That the session is over. */
  readonly ended: Locator;
  /** In place of a room that is over for the reader. */
  readonly gone: Locator;
  /** The way back from there. */
  readonly goneLink: Locator;
  readonly partyLink: Locator;
  readonly members: Locator;
  readonly membersLink: Locator;

  constructor(readonly page: Page) {
    this.main = page.getByRole('main');
    this.title = this.main.getByRole('heading', { level: 1 });
    this.log = this.main.getByRole('log', { name: '대화' });
    this.entries = this.log.getByRole('listitem');
    this.composer = this.main.getByRole('textbox', { name: '메시지 보내기' });
    this.send = this.main.getByRole('button', { name: '보내기', exact: true });
    this.wrong = this.main.getByRole('alert').filter({ hasText: /./ });
    this.back = this.main.getByRole('link', { name: '채팅 목록으로' });
    this.readLine = this.entries.filter({ hasText: /^여기까지 읽었습니다$/ });
    this.older = this.main.getByRole('link', { name: '이전 대화 더 보기' });
    this.newest = this.main.getByRole('link', { name: '최신 대화로' });
    this.unseen = this.main.getByRole('button', { name: '새 메시지 보기' });
    this.markRead = this.main.getByRole('button', { name: '여기까지 읽음으로 표시' });
    this.typing = this.log.getByText(/님이 입력하고 있어요$/);
    this.offline = this.main.getByRole('status').filter({ hasText: '다시 연결하는 중이에요' });
    this.ended = this.main.getByRole('status').filter({ hasText: '로그아웃되었어요' });
    this.gone = this.main.getByRole('alert').filter({ hasText: /방이 삭제되었습니다|이제 이 방에 없어요/ });
    this.goneLink = this.gone.getByRole('link', { name: '채팅 목록으로' });
    this.partyLink = this.main.getByRole('link', { name: '모임 보기' });
    this.members = this.main.getByRole('complementary', { name: /^참여자 \d+$/ });
    this.membersLink = this.main.getByRole('link', { name: '참여자와 방 설정' });
  }

  /** The entry that says this and nothing else. */
  message(text: string): Locator {
    return this.entries.filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** The same while it has not arrived at the server. */
  waiting(text: string): Locator {
    return this.message(text).filter({ hasText: '보내는 중' });
  }

  /** Types something and sends it with Enter, or with the button where Enter breaks the line. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    if (await isScripted(this.page)) await this.composer.press('Enter');
    else await this.send.click();
  }

  /** Checks how many members have not read a message yet. Only what is stored counts. */
  async expectUnread(text: string, count: number): Promise<void> {
    await expect(this.message(text)).toHaveCount(1);
    await expect(this.waiting(text)).toHaveCount(0);
    await expect(this.message(text).getByText(/안 읽은 사람 \d+/)).toHaveText(count === 0 ? [] : [`안 읽은 사람 ${count}`]);
  }

  /** Begins an answer to a message of somebody. */
  async answer(name: string, text: string): Promise<void> {
    await this.message(text).hover();
    await this.message(text).getByRole('link', { name: `${name} 님에게 답장하기` }).click();
  }

  /** Shows who is in the room, where there is no place for it beside the log. */
  async openMembers(): Promise<void> {
    // Before the room is there, so is nothing that opens it.
    await expect(this.composer).toBeVisible();
    if (await this.membersLink.isVisible()) await this.membersLink.click();
    await expect(this.members).toBeInViewport();
  }

  /** Leaves a conversation of two. */
  async leave(): Promise<void> {
    await this.openMembers();
    await this.members.locator('summary').filter({ hasText: '나가기' }).click();
    await this.members.getByRole('button', { name: '채팅방 나가기' }).click();
  }

  /** What a pattern finds in the entries, in order; at most once in each. */
  async texts(pattern: RegExp): Promise<string[]> {
    const all = await this.entries.allInnerTexts();
    return all.flatMap((text) => text.match(pattern)?.[0] ?? []);
  }
}

/** The unread number beside 채팅 in the navigation. */
export function navigationBadge(page: Page): Locator {
  return navigation(page).getByRole('link', { name: /채팅/ }).getByText(/안 읽음 \d+/);
}

/** Fails when the page loads a document from now until the returned function is called. */
export function noReload(page: Page): () => void {
  const loaded: string[] = [];
  const note = () => loaded.push(page.url());
  page.on('load', note);
  return () => {
    page.off('load', note);
    expect(loaded, 'documents that were loaded meanwhile').toEqual([]);
  };
}

// Quick ways, through the server functions that the pages call.

/** Calls a server function that changes something. */
export async function call<T>(request: APIRequestContext, name: string, form: Record<string, string>): Promise<T> {
  const answer = await request.post(`/api/${name}`, { form, headers: { Accept: 'application/json' } });
  expect(answer.status(), `${name}: ${await answer.text()}`).toBe(200);
  return (await answer.json()) as T;
}

/** Calls a server function that only reads. */
export async function ask<T>(request: APIRequestContext, name: string, params: Record<string, string>): Promise<T> {
  const answer = await request.get(`/api/${name}`, { params, headers: { Accept: 'application/json' } });
  expect(answer.status(), `${name}: ${await answer.text()}`).toBe(200);
  return (await answer.json()) as T;
}

/** Says something in a room. */
export async function post(person: Person, room: string, text: string): Promise<number> {
  const form = { 'form[room]': room, 'form[send_id]': crypto.randomUUID(), 'form[text]': text };
  return (await call<{ seq: number }>(person.page.request, 'send_message', form)).seq;
}

/** Writes the first message to somebody. The room's id. */
export async function firstWord(from: Person, to: Person, text: string): Promise<string> {
  const found = await ask<{ new: { other: { id: string } } }>(from.page.request, 'chat_with', { nickname: to.name });
  const form = { 'form[to]': found.new.other.id, 'form[send_id]': crypto.randomUUID(), 'form[text]': text };
  return (await call<{ room: string }>(from.page.request, 'start_direct', form)).room;
}

/** A shared order with everybody in it. */
export interface Table {
  party: string;
  room: string;
  title: string;
}

/** Opens an order and seats the guests. */
export async function table(host: Person, ...guests: Person[]): Promise<Table> {
  const { id: party, title } = await openMeal(host.page.request, { title: `마라탕 ${host.name}`, seats: '6' });
  for (const guest of guests) await doIt(guest.page.request, 'join_party', party);
  const { live } = await ask<{ live: { room: string } }>(host.page.request, 'meal', { id: party });
  return { party, room: live.room, title };
}

/** What the server has stored in a room: the texts, in order. */
export async function stored(person: Person, room: string): Promise<string[]> {
  type Opened = { room: { history: { messages: { content: { text?: { text: string } } }[] } } };
  const opened = await ask<Opened>(person.page.request, 'chat_room', { room });
  return opened.room.history.messages.flatMap(({ content }) => content.text?.text ?? []);
}
