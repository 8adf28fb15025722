// One order: who sees what of it, and what becomes of its seats.

import { expect, live, open, type Person, test } from '../fixtures.ts';
import { isScripted, moveByCall, SignInPage, TOWNS } from '../pages/accounts.ts';
import { ask, noReload } from '../pages/chat.ts';
import { preview } from '../pages/everywhere.ts';
import { applyFor, doIt, MealPage, openMeal, tryTo } from '../pages/meals.ts';

const at = async ({ page }: Person, path: string): Promise<MealPage> => {
  await open(page, path);
  return new MealPage(page);
};

test('a neighbour sits down and gets up again', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { fee: '3500' });
  const meal = await at(jun, order.path);
  await meal.expectSeats(1, 4);
  await expect(meal.table).toContainText('내 자리?');
  await expect(meal.main).toContainText('내 배달비');
  await expect(meal.cta.getByText('1,750원', { exact: true }).last()).toBeVisible();
  await expect(meal.chat).toHaveCount(0);
  await expect(meal.desk).toHaveCount(0);
  await axe(jun.page);

  await meal.join.click();
  // It is there for some seconds only.
  if (await isScripted(jun.page)) await expect(meal.toast.filter({ hasText: '자리에 앉았어요.' })).toBeVisible();
  await meal.expectSeats(2, 4);
  await expect(meal.members.filter({ hasText: jun.name })).toBeVisible();
  await expect(meal.table).toHaveAccessibleName(new RegExp(`${jun.name}\\(나\\)`));
  await expect(meal.chat).toHaveAttribute('href', /^\/chat\/[0-9a-f-]{36}$/);
  await expect(meal.join).toHaveCount(0);
  await axe(jun.page);

  await meal.leave();
  await meal.expectSeats(1, 4);
  await expect(meal.members.filter({ hasText: jun.name })).toHaveCount(0);
  await expect(meal.join).toBeVisible();
});

test('the delivery fee is split to the won, and what is left is carried in turn, the host first', { tag: ['@nojs', '@desktop'] }, async ({ neighbour }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  const order = await openMeal(mina.page.request, { fee: '3500', seats: '4' });
  await doIt(jun.page.request, 'join_party', order.id);
  const meal = await at(sol, order.path);
  const row = (name: RegExp) => meal.main.getByRole('row').filter({ has: sol.page.getByRole('rowheader', { name }) });
  await expect(row(/^지금 2명/)).toContainText('1,750원');
  await expect(row(/^내가 들어가면 3명/)).toContainText('1,166원');
  await expect(row(/^내가 들어가면 3명/)).toContainText('남는 2원은 방장부터 앉은 차례로 1원씩 내요');
  await expect(row(/^다 차면 4명/)).toContainText('875원');
  await doIt(sol.page.request, 'join_party', order.id);
  const hosts = await at(mina, order.path);
  await expect(hosts.main).toContainText('남는 2원은 방장부터 앉은 차례로 1원씩 내요');
  await expect(hosts.cta).toContainText('1,167원');
});

test('a visitor who wants to sit down signs in and is back', { tag: ['@desktop', '@nojs'] }, async ({ page, neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  await open(page, order.path);
  const meal = new MealPage(page);
  await meal.main.getByRole('link', { name: '참여하기' }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  if (await isScripted(page)) await expect(page.locator('html')).toHaveAttribute('data-ready', '');
  await new SignInPage(page).signIn(jun);
  await expect(page).toHaveURL(order.path);
  if (await isScripted(page)) await expect(page.locator('html')).toHaveAttribute('data-ready', '');
  await meal.join.click();
  await meal.expectSeats(2, 4);
});

test('a full order offers its waitlist, which moves up by itself', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun, sol, dan] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔'), await neighbour('단비')];
  const order = await openMeal(mina.page.request, { seats: '2' });
  await doIt(jun.page.request, 'join_party', order.id);

  const meal = await at(sol, order.path);
  await meal.expectSeats(2, 2);
  await expect(meal.main.getByText('모집 완료')).toBeVisible();
  await expect(meal.join).toHaveCount(0);
  await expect(meal.cta).toContainText('자리가 다 찼어요. 나면 차례대로 들어가요.');
  await meal.wait.click();
  await expect(meal.cta).toContainText('1번째로 기다리고 있어요');
  await axe(sol.page);
  await doIt(dan.page.request, 'wait_for_seat', order.id);

  const hosts = await at(mina, order.path);
  await expect(hosts.desk).toContainText('기다리는 사람 2');
  await hosts.remove(jun.name);
  await hosts.expectSeats(2, 2);
  await expect(hosts.members.filter({ hasText: sol.name })).toBeVisible();
  await expect(hosts.desk).toContainText('기다리는 사람 1');

  await open(sol.page, order.path);
  await expect(meal.chat).toBeVisible();
  await open(dan.page, order.path);
  await expect(new MealPage(dan.page).cta).toContainText('1번째로 기다리고 있어요');
});

test('who waits or has asked is told at once when a seat is theirs', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun, sol, dan] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔'), await neighbour('단비')];
  const full = await openMeal(mina.page.request, { title: '둘이서만 먹어요', seats: '2' });
  await doIt(jun.page.request, 'join_party', full.id);
  await doIt(sol.page.request, 'wait_for_seat', full.id);
  const asked = await openMeal(mina.page.request, { title: '물어보고 오세요', joining: '방장 승인' });
  await applyFor(dan.page.request, asked.id);

  const [meal, hosts] = [await at(sol, full.path), await at(mina, full.path)];
  await open(dan.page, '/');
  await live(sol.page, mina.page, dan.page);
  const stays = [noReload(sol.page), noReload(dan.page), noReload(mina.page)];
  await doIt(jun.page.request, 'leave_party', full.id);
  await expect(sol.page.getByText('‘둘이서만 먹어요’에 자리가 났어요.')).toBeVisible();
  await expect(meal.chat).toBeVisible();
  await meal.expectSeats(2, 2);
  // Who sits there sees who comes and goes.
  await expect(hosts.members.filter({ hasText: sol.name })).toBeVisible();

  const people = await ask<{ live: { circle: { desk: { applications: { person: { id: string } }[] } } } }>(mina.page.request, 'meal', { id: asked.id });
  await doIt(mina.page.request, 'accept_application', asked.id, people.live.circle.desk.applications[0]!.person.id);
  await expect(dan.page.getByText('‘물어보고 오세요’에 자리가 났어요.')).toBeVisible();
  stays.forEach((check) => check());
});

test('what was typed is still there when it could not be sent', { tag: '@desktop' }, async ({ neighbour, complaints }) => {
  complaints.allow(/net::ERR_|WebSocket/);
  const mina = await neighbour('미나');
  const order = await openMeal(mina.page.request);
  const hosts = await at(mina, order.path);
  await mina.context.setOffline(true);
  await hosts.cancel('가게가 쉬는 날이래요');
  await expect(hosts.trouble).toContainText('인터넷 연결을 확인하고 다시 해 주세요.');
  const reason = hosts.main.getByLabel('취소하는 까닭');
  await expect(reason).toHaveValue('가게가 쉬는 날이래요');
  await mina.context.setOffline(false);
  await hosts.desk.getByRole('button', { name: '모임 취소하기' }).click();
  await expect(hosts.main).toContainText('취소된 모임이에요');
});

test('a word to the host that is too long is named beside its field and kept', { tag: ['@desktop', '@nojs'] }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 422/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { joining: '방장 승인' });
  const meal = await at(jun, order.path);
  const long = '순살도 괜찮아요. '.repeat(30).trim();
  await meal.cta.locator('summary').filter({ hasText: '신청하기' }).click();
  const field = meal.main.getByLabel('방장에게 한마디');
  // Browsers that count otherwise, or not at all.
  await field.evaluate((element) => element.removeAttribute('maxlength'));
  await field.fill(long);
  await meal.main.getByRole('button', { name: '신청 보내기' }).click();
  await expect(field).toHaveValue(long);
  await expect(field).toHaveAccessibleDescription(/^200자까지 쓸 수 있어요\./);
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill('순살도 괜찮아요.');
  await meal.main.getByRole('button', { name: '신청 보내기' }).click();
  await expect(meal.cta).toContainText('방장의 답을 기다리고 있어요');
});

test('who waits can stop waiting', { tag: ['@nojs', '@desktop'] }, async ({ neighbour }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  const order = await openMeal(mina.page.request, { seats: '2' });
  await doIt(jun.page.request, 'join_party', order.id);
  const meal = await at(sol, order.path);
  await meal.wait.click();
  await meal.cta.getByRole('button', { name: '그만 기다리기' }).click();
  await expect(meal.wait).toBeVisible();
});

test('the host decides who comes in where it has to be asked', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  const order = await openMeal(mina.page.request, { joining: '방장 승인' });
  const meal = await at(jun, order.path);
  await expect(meal.join).toHaveCount(0);
  await meal.apply('순살도 괜찮아요. <b>꼭</b> 끼워 주세요!');
  await expect(meal.cta).toContainText('방장의 답을 기다리고 있어요');
  await meal.expectSeats(1, 4);
  await applyFor(sol.page.request, order.id);

  const hosts = await at(mina, order.path);
  await expect(hosts.desk).toContainText('신청 2');
  await expect(hosts.inDesk(jun.name)).toContainText('순살도 괜찮아요. <b>꼭</b> 끼워 주세요!');
  await axe(mina.page);
  await hosts.inDesk(jun.name).getByRole('button', { name: '받기' }).click();
  await hosts.expectSeats(2, 4);
  await hosts.inDesk(sol.name).getByRole('button', { name: '거절' }).click();
  await expect(hosts.desk).not.toContainText(sol.name);

  await open(jun.page, order.path);
  await expect(meal.chat).toBeVisible();
  const again = await at(sol, order.path);
  await expect(again.cta.locator('summary').filter({ hasText: '신청하기' })).toBeVisible();
});

test('an application is taken back', { tag: ['@nojs', '@desktop'] }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { joining: '방장 승인' });
  await applyFor(jun.page.request, order.id);
  const meal = await at(jun, order.path);
  await meal.cta.getByRole('button', { name: '신청 거두기' }).click();
  await expect(meal.cta.locator('summary').filter({ hasText: '신청하기' })).toBeVisible();
});

test('who was removed stays out until the ban is lifted', { tag: ['@desktop', '@nojs'] }, async ({ neighbour, axe }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  await doIt(jun.page.request, 'join_party', order.id);
  const hosts = await at(mina, order.path);
  await hosts.remove(jun.name);
  await hosts.expectSeats(1, 4);
  await expect(hosts.desk).toContainText('내보낸 사람');

  const meal = await at(jun, order.path);
  await expect(meal.cta).toContainText('방장이 내보낸 모임이라 들어갈 수 없어요.');
  await expect(meal.join).toHaveCount(0);
  await expect(meal.chat).toHaveCount(0);
  await axe(jun.page);
  expect((await tryTo(jun.page.request, 'join_party', order.id)).status()).toBe(409);

  await hosts.inDesk(jun.name).getByRole('button', { name: '풀어 주기' }).click();
  await expect(hosts.desk).not.toContainText('내보낸 사람');
  await open(jun.page, order.path);
  await meal.join.click();
  await meal.expectSeats(2, 4);
});

test('the party is handed over to a member', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  await doIt(jun.page.request, 'join_party', order.id);
  const meal = await at(mina, order.path);
  await meal.handOver(jun.name);
  await expect(meal.desk).toHaveCount(0);
  await expect(meal.members.filter({ hasText: jun.name })).toContainText('방장');
  await expect(meal.members.filter({ hasText: mina.name })).not.toContainText('방장');
  // Now the one who opened it may leave.
  await meal.leave();
  await meal.expectSeats(1, 4);
  const hosts = await at(jun, order.path);
  await expect(hosts.desk).toBeVisible();
});

test('the host closes an order and opens it again', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  const hosts = await at(mina, order.path);
  await hosts.desk.getByRole('button', { name: '모집 끝내기' }).click();
  await expect(hosts.desk).toContainText('모집을 끝냈어요. 자리가 나도 열리지 않아요.');

  const meal = await at(jun, order.path);
  await expect(meal.join).toHaveCount(0);
  await expect(meal.cta).toContainText('모집이 끝났어요');
  await expect(meal.main.getByRole('link', { name: '다른 모임 보기' })).toBeVisible();
  expect((await tryTo(jun.page.request, 'join_party', order.id)).status()).toBe(409);

  await hosts.desk.getByRole('button', { name: '모집 하기' }).click();
  await expect(hosts.desk.getByRole('button', { name: '모집 끝내기' })).toBeVisible();
  await open(jun.page, order.path);
  await expect(meal.join).toBeVisible();
});

test('a page that is behind the times says what happened', { tag: ['@desktop', '@nojs'] }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 409/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  const meal = await at(jun, order.path);
  await doIt(mina.page.request, 'close_party', order.id);
  await meal.join.click();
  await expect(meal.trouble).toContainText('모집이 끝났어요. 다른 모임을 찾아보세요.');
  await expect(meal.join).toHaveCount(0);
  await meal.expectSeats(1, 4);
});

test('a cancelled order tells why and leads on', { tag: '@nojs' }, async ({ page, neighbour, complaints, axe }) => {
  complaints.allow(/status of 410/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  await doIt(jun.page.request, 'join_party', order.id);
  const hosts = await at(mina, order.path);
  await hosts.cancel('가게가 쉬는 날이래요');
  await expect(hosts.main).toContainText('취소된 모임이에요');

  const meal = await at(jun, order.path);
  await expect(meal.main).toContainText('방장의 말: 가게가 쉬는 날이래요');
  await axe(jun.page);
  await meal.main.getByRole('link', { name: '다른 모임 보기' }).click();
  await expect(jun.page).toHaveURL(/\/meals\?region=11440124/);
  // For those who were never part of it, it is gone.
  const answer = await page.goto(order.path);
  expect(answer?.status()).toBe(410);
  await expect(page.getByRole('main')).toContainText('취소된 모임이에요');
});

test('who lives in another 동 is warned, and may come', { tag: ['@nojs', '@desktop'] }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  await moveByCall(jun.page.request, TOWNS.elsewhere);
  const meal = await at(jun, order.path);
  await expect(meal.main).toContainText(`내 동네 ${TOWNS.elsewhere.name}이 아니라 연남동 모임이에요.`);
  await meal.join.click();
  await meal.expectSeats(2, 4);
});

test('people from outside take seats too', { tag: ['@nojs', '@desktop'] }, async ({ neighbour }) => {
  const mina = await neighbour('미나');
  const order = await openMeal(mina.page.request, { seats: '4', outside: '2' });
  const meal = await at(mina, order.path);
  await meal.expectSeats(3, 4);
  await expect(meal.table).toHaveAccessibleName(/모임 밖 일행 2명/);
  await expect(meal.members.filter({ hasText: '모임 밖 일행 2명' })).toBeVisible();
});

test('messengers show what is free and until when', { tag: '@desktop' }, async ({ page, neighbour, server }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { title: `${mina.name}의 "반반" & <순살>`, seats: '2', shop: '온동네치킨' });
  const shown = preview(await (await page.request.get(order.path)).text());
  expect(shown['og:title']).toBe(`${mina.name}의 &quot;반반&quot; &amp; &lt;순살&gt;`);
  expect(shown['og:description']).toMatch(/^남은 자리 1 · (오늘|내일) \d\d:\d\d 마감 · 연남동 온동네치킨$/);
  expect(shown.description).toBe(shown['og:description']);
  expect(shown['og:image']).toBe(`${server.url}/og.png`);
  expect(shown['og:type']).toBe('article');
  expect(shown.title).toContain('· 모임');
  await doIt(jun.page.request, 'join_party', order.id);
  const full = preview(await (await page.request.get(order.path)).text());
  expect(full['og:description']).toBe('모집이 끝났어요 · 연남동 온동네치킨');
});

test('what a visitor may not see is not in the page', { tag: '@desktop' }, async ({ page, neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, { joining: '방장 승인' });
  await applyFor(jun.page.request, order.id, '방장만 보는 말');
  const html = await (await page.request.get(order.path)).text();
  expect(html).not.toContain('방장만 보는 말');
  expect(html).not.toContain(jun.name);
  expect(html).not.toContain(mina.email);
  expect(html).not.toMatch(/\/chat\/[0-9a-f-]{36}/);
  const hosts = await (await mina.page.request.get(order.path)).text();
  expect(hosts).toContain('방장만 보는 말');
});

test('scripts in what people type are shown as text', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const mina = await neighbour('미나');
  const script = '<script>document.title = "1"</script>';
  const order = await openMeal(mina.page.request, {
    title: `${script}<img src=x onerror=alert(1)>`.slice(0, 60),
    shop: '<svg onload=alert(2)>',
    pickup: '<img src=x onerror=alert(3)>',
    body: `${script}\n\n[눌러 보세요](javascript:alert(4))\n\n<img src=x onerror="alert(5)">\n\n[집](https://shop.example/)`,
  });
  mina.page.on('dialog', (dialog) => {
    throw new Error(`a script ran: ${dialog.message()}`);
  });
  const meal = await at(mina, order.path);
  await expect(meal.heading).toContainText('<script>document.title');
  await expect(meal.main).toContainText('<svg onload=alert(2)>');
  await expect(meal.main).toContainText('<img src=x onerror=alert(3)>');
  await expect(meal.main.locator('script, img, [onerror], [onload], a[href^="javascript"]')).toHaveCount(0);
  await expect(meal.main.getByRole('link', { name: '집', exact: true })).toHaveAttribute('href', 'https://shop.example/');
  await expect(mina.page).toHaveTitle(/<script>/);
  await open(mina.page, '/meals?sort=new');
  await expect(mina.page.getByRole('main')).toContainText('<svg onload=alert(2)>');
  await expect(mina.page.getByRole('main').locator('script, img, [onerror], [onload]')).toHaveCount(0);
});

test('seats are never given twice', { tag: '@desktop' }, async ({ neighbour }) => {
  const mina = await neighbour('미나');
  const order = await openMeal(mina.page.request, { seats: '3' });
  const others: Person[] = [];
  for (let i = 0; i < 5; i += 1) others.push(await neighbour('이웃'));
  const answers = await Promise.all(others.map(({ page }) => tryTo(page.request, 'join_party', order.id)));
  expect(answers.map((answer) => answer.status()).sort()).toEqual([200, 200, 409, 409, 409]);
  const meal = await at(mina, order.path);
  await meal.expectSeats(3, 3);
});

test('two of a person are one seat', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  const meal = await at(jun, order.path);
  await doIt(jun.page.request, 'join_party', order.id);
  await meal.join.click();
  await meal.expectSeats(2, 4);
});
