// Conversations: their list, their history, what can be said in them and how.

import { expect, open, type Person, test } from '../fixtures.ts';
import { call, firstWord, navigationBadge, noReload, post, Room, Rooms, stored, table } from '../pages/chat.ts';
import { expectNoSidewaysScroll, PHONE_WIDTHS, tabTo } from '../pages/everywhere.ts';

test.describe('a conversation of two', () => {
  test('begins at somebody’s name and appears in both lists', async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const [hers, list] = [new Room(hana.page), new Rooms(duri.page)];
    await open(duri.page, '/chat');
    await open(hana.page, `/chat/with/${duri.name}`);
    await expect(hers.title).toHaveText(duri.name);
    await expect(list.link(hana.name)).toHaveCount(0);
    await hers.say('안녕, 두리');
    await expect(hers.message('안녕, 두리')).toBeVisible();
    await expect(hana.page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    await expect(list.link(hana.name)).toBeVisible();
    await list.expectUnread(hana.name, 1);

    await list.link(hana.name).click();
    await expect(new Room(duri.page).message('안녕, 두리')).toBeVisible();
    await hers.expectUnread('안녕, 두리', 0);
    // The name leads to the same room from both sides.
    const address = new URL(hana.page.url()).pathname;
    for (const [who, whom] of [[hana, duri], [duri, hana]] as const) {
      await open(who.page, `/chat/with/${whom.name}`);
      await expect(new Room(who.page).message('안녕, 두리')).toBeVisible();
      await expect(who.page).toHaveURL(address);
    }
  });

  test('is one room even if both begin at once', { tag: '@desktop' }, async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const rooms = await Promise.all([firstWord(hana, duri, '내가 먼저'), firstWord(duri, hana, '내가 먼저')]);
    expect(rooms[0]).toBe(rooms[1]);
    expect(await stored(hana, rooms[0])).toHaveLength(2);
  });

  test('that was left stays away until the other writes, then is there with its history', async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, '오래전에 한 말');
    const [hers, list] = [new Room(hana.page), new Rooms(hana.page)];
    await open(hana.page, `/chat/${room}`);
    await expect(hers.message('오래전에 한 말')).toBeVisible();
    await hers.leave();
    await expect(hana.page).toHaveURL('/chat');
    await expect(list.heading).toBeVisible();
    await expect(list.link(duri.name)).toHaveCount(0);

    // Looking un-hides nothing, and tells the other nothing.
    await open(hana.page, `/chat/with/${duri.name}`);
    await expect(hers.title).toHaveText(duri.name);
    await expect(hers.message('오래전에 한 말')).toHaveCount(0);
    await open(hana.page, '/chat');
    await expect(list.link(duri.name)).toHaveCount(0);
    const [his, hisList] = [new Room(duri.page), new Rooms(duri.page)];
    await open(duri.page, '/chat');
    await hisList.link(hana.name).click();
    await expect(his.message('오래전에 한 말')).toBeVisible();
    await expect(list.link(duri.name)).toHaveCount(0);

    await his.say('거기 있어?');
    await expect(list.link(duri.name)).toBeVisible();
    await list.expectUnread(duri.name, 1);
    await list.link(duri.name).click();
    await expect(hers.message('오래전에 한 말')).toBeVisible();
    await expect(hers.message('거기 있어?')).toBeVisible();
  });

  test('is found in the list by a part of the name, newest first', { tag: '@desktop' }, async ({ neighbour }) => {
    const [hana, duri, sena] = await Promise.all([neighbour('하나'), neighbour('두리'), neighbour('세나')]);
    const room = await firstWord(duri, hana, '먼저 온 말');
    await firstWord(sena, hana, '나중에 온 말');
    const list = new Rooms(hana.page);
    await open(hana.page, '/chat');
    const stays = noReload(hana.page);
    await expect(list.rows).toHaveText([new RegExp(sena.name), new RegExp(duri.name)]);
    await post(duri, room, '또 온 말');
    await expect(list.rows).toHaveText([new RegExp(duri.name), new RegExp(sena.name)]);
    stays();
    await list.search.fill('세나');
    await list.search.press('Enter');
    await expect(list.rows).toHaveText([new RegExp(sena.name)]);
  });
});

test.describe('history', () => {
  /** Seventy messages of four people: nobody may send so many alone. */
  async function longRoom(neighbour: (name: string) => Promise<Person>): Promise<{ reader: Person; room: string }> {
    const people = await Promise.all(['하나', '두리', '세나', '네모'].map((name) => neighbour(name)));
    const [reader, ...guests] = people as [Person, ...Person[]];
    const { room } = await table(reader, ...guests);
    for (let number = 1; number <= 70; number += 1) await post(people[number % 4]!, room, `말 ${number}번`);
    return { reader, room };
  }

  function numbers(from: number, to: number): string[] {
    return Array.from({ length: to - from + 1 }, (_, index) => `말 ${from + index}번`);
  }

  const SAID = /말 \d+번/;

  test('shows the newest thirty and older ones by scrolling up, without a jump or a repeat', async ({ neighbour }) => {
    const { reader, room } = await longRoom(neighbour);
    const hers = new Room(reader.page);
    await open(reader.page, `/chat/${room}`);
    await expect(hers.message('말 70번')).toBeInViewport();
    expect(await hers.texts(SAID)).toEqual(numbers(41, 70));
    const stays = noReload(reader.page);
    for (const [top, older] of [[41, 11], [11, 1]] as const) {
      const anchor = hers.message(`말 ${top}번`);
      await anchor.scrollIntoViewIfNeeded();
      const before = await anchor.boundingBox();
      await expect(hers.message(`말 ${older}번`)).toBeAttached();
      await expect(anchor).toBeInViewport();
      const after = await anchor.boundingBox();
      expect(Math.abs(after!.y - before!.y), `the jump at ${top}`).toBeLessThan(4);
    }
    expect(await hers.texts(SAID)).toEqual(numbers(1, 70));
    stays();

    // Something new does not pull a reader down who is far up.
    await hers.message('말 1번').scrollIntoViewIfNeeded();
    await post(reader, room, '말 71번');
    await expect(hers.message('말 71번')).toBeAttached();
    // A wrong scroll would come with the next frames.
    await reader.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await expect(hers.message('말 1번')).toBeInViewport();
    // What the reader says does.
    await hers.say('말 72번');
    await expect(hers.message('말 72번')).toBeInViewport();
    await expect(hers.unseen).toBeHidden();
  });

  test('is led through by plain links', { tag: '@nojs-only' }, async ({ neighbour }) => {
    const { reader, room } = await longRoom(neighbour);
    const hers = new Room(reader.page);
    await open(reader.page, `/chat/${room}`);
    expect(await hers.texts(SAID)).toEqual(numbers(41, 70));
    await hers.older.click();
    await expect(hers.message('말 40번')).toBeVisible();
    expect(await hers.texts(SAID)).toEqual(numbers(11, 40));
    await hers.older.click();
    await expect(hers.message('말 10번')).toBeVisible();
    expect(await hers.texts(SAID)).toEqual(numbers(1, 10));
    await expect(hers.older).toHaveCount(0);
  });
});

test.describe('saying something', () => {
  test('an answer without the program names what it answers', { tag: '@nojs-only' }, async ({ neighbour, axe }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, '몇 시에 올까요?');
    const hers = new Room(hana.page);
    await open(hana.page, `/chat/${room}`);
    await hers.answer(duri.name, '몇 시에 올까요?');
    await expect(hana.page.getByText(`${duri.name}에게 답장`)).toBeVisible();
    await axe(hana.page);
    await hana.page.getByRole('link', { name: '답장 그만두기' }).click();
    await expect(hana.page.getByText(`${duri.name}에게 답장`)).toHaveCount(0);
    await hers.answer(duri.name, '몇 시에 올까요?');
    await hers.say('일곱 시요');
    await expect(hers.entries.filter({ hasText: '일곱 시요' })).toContainText(`${duri.name}에게 답장`);
  });

  test('Enter sends, Shift+Enter breaks the line, blanks say nothing', async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, '안녕');
    const hers = new Room(hana.page);
    await open(hana.page, `/chat/${room}`);
    await hers.composer.press('Enter');
    await hers.say('   ');
    await hers.composer.fill('');
    await hers.composer.pressSequentially('첫 줄');
    await hers.composer.press('Shift+Enter');
    await hers.composer.pressSequentially('둘째 줄');
    await hers.composer.press('Enter');
    await expect(hers.composer).toHaveValue('');
    await expect(hers.composer).toBeFocused();
    await expect(hers.log.getByText('첫 줄')).toHaveText('첫 줄\n둘째 줄', { useInnerText: true });
    await hers.composer.fill('단추로');
    await hers.send.click();
    await expect(hers.message('단추로')).toBeVisible();
    await hers.expectUnread('단추로', 1);
    await expect.poll(() => stored(hana, room)).toEqual(['안녕', '첫 줄\n둘째 줄', '단추로']);
  });

  test('a syllable under construction is never sent', { tag: '@desktop' }, async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, '안녕');
    const hers = new Room(hana.page);
    await open(hana.page, `/chat/${room}`);
    await hers.composer.focus();
    const keyboard = await hana.context.newCDPSession(hana.page);
    const compose = (text: string) => keyboard.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 };
    for (const step of ['ㅎ', '하', '한']) await compose(step);
    await expect(hers.composer).toHaveValue('한');
    // The Enter that ends a composition belongs to the input method.
    await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
    await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
    await expect(hers.composer).toHaveValue('한');
    await keyboard.send('Input.insertText', { text: '한' });
    // Safari says that the composition is over before it tells of the key, whose code is then 229.
    await hers.composer.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, which: 229, isComposing: false, bubbles: true, cancelable: true });
    await hers.composer.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true });
    await expect(hers.composer).toHaveValue('한');
    await hers.composer.pressSequentially('강');
    await hers.composer.press('Enter');
    await expect(hers.message('한강')).toBeVisible();
    await hers.expectUnread('한강', 1);
    expect(await stored(hana, room)).toEqual(['안녕', '한강']);
  });

  test('two thousand characters fit, one more is refused and kept', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
    complaints.allow(/status of 422/);
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, '안녕');
    const hers = new Room(hana.page);
    await open(hana.page, `/chat/${room}`);
    const long = '가나다라마바사아자차'.repeat(200);
    await hers.say(long);
    await expect(hers.composer).toHaveValue('');
    await expect.poll(async () => (await stored(hana, room)).at(-1)).toBe(long);
    const refused = await hana.page.request.post('/api/send_message', {
      form: { 'form[room]': room, 'form[send_id]': crypto.randomUUID(), 'form[text]': `${long}끝` },
    });
    expect(refused.status()).toBe(422);
    await hers.say(`${long}끝`);
    await expect(hers.wrong).toContainText('2000');
    await expect(hers.composer).toHaveValue(`${long}끝`);
    expect(await stored(hana, room)).toHaveLength(2);
  });

  test('links can be followed, everything else is text', { tag: '@desktop' }, async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, '안녕');
    const [hers, his] = [new Room(hana.page), new Room(duri.page)];
    await Promise.all([open(hana.page, `/chat/${room}`), open(duri.page, `/chat/${room}`)]);
    const texts = [
      '떡볶이 먹자 👨‍👩‍👧‍👦🌶️ ㅋㅋㅋ',
      '<script>document.title = "뚫림"</script><img src=x onerror="document.title=1">',
      'javascript:alert(1) 은 링크가 아니에요',
      '</textarea>"><b>굵게</b>',
    ];
    for (const text of texts) {
      await hers.say(text);
      await expect(his.message(text)).toBeVisible();
    }
    await hers.say('여기 https://moim.example/meals?page=2#top, 보세요');
    const link = his.log.getByRole('link', { name: 'https://moim.example/meals?page=2#top' });
    await expect(link).toHaveAttribute('href', 'https://moim.example/meals?page=2#top');
    await expect(link).toHaveAttribute('rel', /noopener.*noreferrer|noreferrer.*noopener/);
    await expect(link).toHaveAttribute('target', '_blank');
    await expect(his.log.getByRole('paragraph').getByRole('link')).toHaveCount(1);
    await expect(duri.page).not.toHaveTitle(/뚫림/);
    // The same from the server.
    await open(duri.page, `/chat/${room}`);
    for (const text of texts) await expect(his.message(text)).toBeVisible();
    await expect(link).toBeVisible();
    await open(duri.page, '/chat');
    await expectNoSidewaysScroll(duri.page);
  });

  test('an answer shows what it answers', async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, '콜라는 몇 병 살까요?');
    const [hers, his] = [new Room(hana.page), new Room(duri.page)];
    await Promise.all([open(hana.page, `/chat/${room}`), open(duri.page, `/chat/${room}`)]);
    await hers.answer(duri.name, '콜라는 몇 병 살까요?');
    await expect(hers.composer).toBeFocused();
    await hers.say('한 병이면 돼요');
    for (const side of [hers, his]) {
      const answer = side.entries.filter({ hasText: '한 병이면 돼요' });
      await expect(answer).toContainText(`${duri.name}`);
      await expect(answer).toContainText('콜라는 몇 병 살까요?');
    }
    await hers.say('그리고 컵도요');
    await expect(his.message('그리고 컵도요')).toBeVisible();
    await expect(his.message('그리고 컵도요')).not.toContainText('콜라');
  });
});

test.describe('who may look', () => {
  test('a room of others is not there, and a stranger is asked to sign in', { tag: ['@desktop', '@nojs'] }, async ({ neighbour, newcomer, complaints }) => {
    complaints.allow(/status of 40[14]/);
    const [hana, duri, sena] = await Promise.all([neighbour('하나'), neighbour('두리'), neighbour('세나')]);
    const room = await firstWord(hana, duri, '둘만의 말');
    for (const address of [`/chat/${room}`, '/chat/00000000-0000-7000-8000-000000000000', '/chat/nonsense', '/chat/with/그런이름없음']) {
      const answer = await sena.page.goto(address);
      expect(answer?.status(), address).toBe(404);
      await expect(sena.page.getByText('둘만의 말')).toHaveCount(0);
      await expect(sena.page.getByRole('main').getByRole('link').first()).toBeVisible();
    }
    const visitor = await newcomer('손님');
    for (const address of ['/chat', `/chat/${room}`, `/chat/with/${hana.name}`]) {
      const answer = await visitor.page.goto(address);
      expect(answer?.status(), address).toBe(401);
      await expect(visitor.page.getByRole('main').getByRole('link', { name: '로그인' })).toHaveAttribute('href', /^\/sign-in\?next=/);
    }
    const said = await sena.page.request.post('/api/send_message', {
      form: { 'form[room]': room, 'form[send_id]': crypto.randomUUID(), 'form[text]': '끼어들기' },
    });
    expect(said.status()).toBe(404);
    expect(await stored(hana, room)).toEqual(['둘만의 말']);
  });

  test('two tabs of one person stay in step', { tag: '@desktop' }, async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, '안녕');
    const other = await hana.context.newPage();
    await Promise.all([open(hana.page, '/meals'), open(other, '/meals')]);
    for (const page of [hana.page, other]) await expect(navigationBadge(page)).toHaveText('안 읽음 1');
    await open(other, `/chat/${room}`);
    for (const page of [hana.page, other]) {
      await expect(navigationBadge(page)).toHaveCount(0);
      await expect(page).not.toHaveTitle(/^\(/);
    }
    await open(hana.page, `/chat/${room}`);
    const [one, two] = [new Room(hana.page), new Room(other)];
    await one.say('한 창에서');
    await two.say('다른 창에서');
    for (const tab of [one, two]) {
      await expect(tab.message('한 창에서')).toHaveCount(1);
      await expect(tab.message('다른 창에서')).toHaveCount(1);
      await tab.expectUnread('다른 창에서', 1);
    }
    expect((await stored(hana, room)).sort()).toEqual(['다른 창에서', '안녕', '한 창에서']);
  });
});

test.describe('for everybody', () => {
  test('the list and a room meet WCAG in both themes', async ({ neighbour, axe }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    await open(hana.page, '/chat');
    await expect(new Rooms(hana.page).heading).toBeVisible();
    await axe(hana.page);
    const { room } = await table(hana, duri);
    await firstWord(duri, hana, '둘이서');
    const hers = new Room(hana.page);
    await post(duri, room, '보세요 https://moim.example/ 여기');
    await open(hana.page, '/chat');
    await expect(new Rooms(hana.page).link(duri.name)).toBeVisible();
    await axe(hana.page);
    await open(hana.page, `/chat/${room}`);
    await hers.say('네, 봤어요');
    await expect(hers.message('네, 봤어요')).toBeVisible();
    await hers.expectUnread('네, 봤어요', 1);
    await axe(hana.page);
    await open(hana.page, `/chat/with/${duri.name}`);
    await axe(hana.page);
  });

  test('a conversation is had with the keyboard alone', { tag: '@desktop' }, async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    await firstWord(duri, hana, '키보드로 답해 줘');
    const { page } = hana;
    await open(page, '/chat');
    const [list, hers] = [new Rooms(page), new Room(page)];
    await tabTo(page, list.link(duri.name));
    await page.keyboard.press('Enter');
    await expect(hers.message('키보드로 답해 줘')).toBeVisible();
    await tabTo(page, hers.composer);
    await page.keyboard.type('키보드로 답해요');
    await page.keyboard.press('Enter');
    await expect(hers.message('키보드로 답해요')).toBeVisible();
    await expect(hers.composer).toBeFocused();
    await page.keyboard.type('단추도 닿아요');
    await tabTo(page, hers.send);
    await page.keyboard.press('Enter');
    await expect(hers.message('단추도 닿아요')).toBeVisible();
    await hers.expectUnread('단추도 닿아요', 1);
  });

  test('a phone shows the list, then the room, and nothing scrolls sideways', { tag: '@mobile' }, async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, `길어요${'아'.repeat(200)} https://moim.example/${'a'.repeat(300)} ${'w'.repeat(400)}`);
    const [list, hers] = [new Rooms(hana.page), new Room(hana.page)];
    await open(hana.page, '/chat');
    await expect(list.link(duri.name)).toBeVisible();
    await expect(hers.composer).toBeHidden();
    await expectNoSidewaysScroll(hana.page, PHONE_WIDTHS);
    await list.link(duri.name).click();
    await expect(hers.composer).toBeInViewport();
    await expect(list.link(duri.name)).toBeHidden();
    await expectNoSidewaysScroll(hana.page, PHONE_WIDTHS);
    await hers.back.click();
    await expect(list.link(duri.name)).toBeVisible();
    await expect(hers.composer).toBeHidden();
    // And at an address of its own.
    await open(hana.page, `/chat/${room}`);
    await expect(hers.composer).toBeInViewport();
    await expect(list.link(duri.name)).toBeHidden();
    await hers.openMembers();
    await expectNoSidewaysScroll(hana.page, PHONE_WIDTHS);
  });

  test('the people of a room are a drawer on a phone', { tag: '@mobile' }, async ({ neighbour, axe }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    await firstWord(duri, hana, '안녕');
    const [list, hers] = [new Rooms(hana.page), new Room(hana.page)];
    await open(hana.page, '/chat');
    await list.link(duri.name).click();
    await hers.openMembers();
    await axe(hana.page);
    const shut = hers.members.getByRole('link', { name: '참여자 창 닫기' });
    await expect(shut).toBeFocused();
    // Nothing behind it can be reached.
    await hana.page.locator('#say').evaluate((element) => (element as HTMLElement).focus());
    await expect(shut).toBeFocused();
    await hana.page.keyboard.press('Escape');
    await expect(hers.members).not.toBeInViewport();
    await expect(hers.membersLink).toBeFocused();
    await hers.openMembers();
    await shut.click();
    await expect(hers.members).not.toBeInViewport();
    // However often it was opened, the way back leads out of the room.
    await expect(hana.page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    await hana.page.goBack();
    await expect(hana.page).toHaveURL('/chat');
    await expect(hers.members).not.toBeInViewport();
    // Opened by its address, it is shut in its place.
    await hana.page.goForward();
    await expect(hers.composer).toBeVisible();
    const room = hana.page.url();
    await open(hana.page, `${room}?people=1`);
    await expect(shut).toBeFocused();
    // A question in it closes first.
    await hers.members.locator('summary').filter({ hasText: '나가기' }).click();
    await expect(hers.members.getByRole('button', { name: '채팅방 나가기' })).toBeVisible();
    await hana.page.keyboard.press('Escape');
    await expect(hers.members.getByRole('button', { name: '채팅방 나가기' })).toBeHidden();
    await expect(hers.members).toBeInViewport();
    await hana.page.keyboard.press('Escape');
    await expect(hana.page).toHaveURL(room);
    await expect(hers.members).not.toBeInViewport();
  });

  test('a wide window shows the list beside the room', { tag: '@desktop' }, async ({ neighbour }) => {
    const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
    const room = await firstWord(duri, hana, `길어요${'아'.repeat(200)} https://moim.example/${'a'.repeat(300)} ${'w'.repeat(400)}`);
    await open(hana.page, `/chat/${room}`);
    await expect(new Rooms(hana.page).link(duri.name)).toHaveAttribute('aria-current', /page|true/);
    await expect(new Room(hana.page).composer).toBeInViewport();
    await expectNoSidewaysScroll(hana.page);
  });
});

test('who writes too fast is slowed down, and nothing changes its place', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const room = await firstWord(duri, hana, '안녕');
  await open(hana.page, `/chat/${room}`);
  const hers = new Room(hana.page);
  const all = Array.from({ length: 26 }, (_, index) => `빠른 말 ${index + 1}번`);
  // In one go: how fast the test can type decides nothing.
  await hers.composer.evaluate((element, texts) => {
    const area = element as HTMLTextAreaElement;
    for (const text of texts) {
      area.value = text;
      area.dispatchEvent(new Event('input', { bubbles: true }));
      area.form!.requestSubmit();
    }
  }, all);
  await expect(hers.waiting('빠른 말 26번')).toBeVisible();
  await expect(hers.log.getByText('보내지 못했어요')).toHaveCount(0);
  await expect(hers.waiting('빠른 말 26번')).toHaveCount(0, { timeout: 60_000 });
  expect(await stored(duri, room)).toEqual(['안녕', ...all]);
  expect(await hers.texts(/빠른 말 \d+번/)).toEqual(all);
});

test('a message goes once, however often its form is sent', { tag: '@desktop' }, async ({ neighbour }) => {
  const [hana, duri] = await Promise.all([neighbour('하나'), neighbour('두리')]);
  const room = await firstWord(hana, duri, '안녕');
  const form = { 'form[room]': room, 'form[send_id]': crypto.randomUUID(), 'form[text]': '한 번만' };
  const answers = await Promise.all([1, 2, 3].map(() => call<{ seq: number }>(hana.page.request, 'send_message', form)));
  expect(new Set(answers.map(({ seq }) => seq)).size).toBe(1);
  expect(await stored(duri, room)).toEqual(['안녕', '한 번만']);
});
