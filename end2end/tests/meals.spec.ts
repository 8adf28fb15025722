// Finding and opening shared orders.

import { expect, open, test } from '../fixtures.ts';
import { expectWrong, isScripted, moveByCall, TOWNS, YEONNAM } from '../pages/accounts.ts';
import { cancelMeal, CATEGORIES, doIt, inSeoul, MealForm, MealPage, MealsPage, openMeal } from '../pages/meals.ts';

test('a visitor chooses where to look', { tag: '@nojs' }, async ({ page, neighbour, axe }) => {
  const mina = await neighbour('미나');
  await moveByCall(mina.page.request, TOWNS.visited);
  const order = await openMeal(mina.page.request, { title: `${mina.name}의 빙수`, category: '카페,디저트' });
  await open(page, '/meals');
  const list = new MealsPage(page);
  await expect(page.getByRole('heading', { name: '어느 동네를 볼까요?' })).toBeVisible();
  await axe(page);
  await list.lookFor('없는동네이름');
  await expect(page.getByText('맞는 동네가 없어요. 동 이름으로 다시 찾아보세요.')).toBeVisible();
  await list.lookFor(TOWNS.visited.name);
  await page.getByRole('region', { name: `‘${TOWNS.visited.name}’ 동네` }).getByRole('link', { name: TOWNS.visited.name }).click();
  await expect(list.card(order.title)).toBeVisible();
  await expect(list.cards).toHaveCount(1);
  await expect(list.town).toContainText(TOWNS.visited.name);
});

test('a visitor chooses a 동 while they type its name', async ({ page, axe }) => {
  await open(page, '/meals');
  const search = page.getByRole('search');
  await search.getByRole('combobox', { name: '동네 찾기' }).fill('마포 연남');
  const option = search.getByRole('option', { name: YEONNAM.name });
  await expect(option).toHaveAttribute('aria-selected', 'true');
  await expect(search.getByRole('status')).toHaveText('1곳을 찾았어요');
  await axe(page);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/meals\?region=11440124$/);
  const list = new MealsPage(page);
  await expect(list.town).toContainText(YEONNAM.name);
  // And from the menu, where Escape leaves the list before it leaves the menu.
  await list.town.click();
  await search.getByRole('combobox', { name: '다른 동네 찾기' }).fill('연남');
  await expect(search.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(search.getByRole('option')).toHaveCount(0);
  await expect(search).toBeVisible();
});

test('a visitor looks around where they are', async ({ page, context }) => {
  await context.grantPermissions(['geolocation']);
  await context.setGeolocation({ latitude: YEONNAM.latitude, longitude: YEONNAM.longitude });
  await open(page, '/meals');
  await page.getByRole('button', { name: '현재 위치로 찾기' }).click();
  await expect(page).toHaveURL(/\/meals\?region=\d+$/);
  await expect(new MealsPage(page).town).toContainText('연남동');
});

test('a member sees their own 동, widens it and looks elsewhere', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  await moveByCall(mina.page.request, TOWNS.own);
  await moveByCall(jun.page.request, TOWNS.ownNext);
  await moveByCall(sol.page.request, TOWNS.elsewhere);
  const here = await openMeal(mina.page.request, { title: `${mina.name}의 피자` });
  const next = await openMeal(jun.page.request, { title: `${jun.name}의 옆 동네 피자` });
  const far = await openMeal(sol.page.request, { title: `${sol.name}의 먼 피자` });

  const { page } = mina;
  const list = new MealsPage(page);
  // The newest first: other tests have orders around here, too, and a page shows ten.
  await open(page, '/meals?sort=new');
  await expect(list.card(here.title)).toBeVisible();
  await expect(list.card(next.title)).toHaveCount(0);
  await expect(list.town).toContainText(TOWNS.own.name);
  await list.town.click();
  await axe(page);
  await page.getByRole('link', { name: /전체/ }).filter({ hasText: '둘레까지' }).click();
  await expect(list.card(next.title)).toContainText(TOWNS.ownNext.name);
  await expect(list.card(here.title)).toBeVisible();
  await expect(list.card(far.title)).toHaveCount(0);

  await list.town.click();
  await list.lookFor(TOWNS.elsewhere.name);
  await page.getByRole('region', { name: /동네$/ }).getByRole('link', { name: TOWNS.elsewhere.name }).click();
  await expect(list.card(far.title)).toBeVisible();
  await expect(list.card(here.title)).toHaveCount(0);
  // And back home with one press.
  await list.town.click();
  await page.getByRole('main').getByRole('listitem').getByRole('link', { name: TOWNS.own.name }).click();
  await expect(list.card(here.title)).toBeVisible();
});

test('the menu of towns closes by Escape and when the reader goes on elsewhere', { tag: '@desktop' }, async ({ page }) => {
  await open(page, `/meals?region=${TOWNS.empty.code}`);
  const list = new MealsPage(page);
  const search = page.getByRole('search');
  await list.town.click();
  await search.getByRole('combobox').focus();
  await expect(search).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(search).toBeHidden();
  await expect(list.town).toBeFocused();
  await list.town.click();
  await expect(search).toBeVisible();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(search).toBeHidden();
  await list.town.click();
  await search.getByRole('button').last().focus();
  await page.keyboard.press('Tab');
  await expect(search).toBeHidden();
});

test('an empty list says so and offers to open the first', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const { page } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.empty);
  await open(page, '/meals');
  await expect(page.getByRole('heading', { name: '작성된 모임이 없습니다' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: '더 넓게 보기' })).toBeVisible();
  await axe(page);
  await page.getByRole('main').getByRole('link', { name: '자리 열기' }).first().click();
  await expect(page).toHaveURL('/meals/new');
});

test('the fourteen kinds of food narrow the list down', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const { page, name } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.kinds);
  const pizza = await openMeal(page.request, { title: `${name}의 피자`, category: '피자' });
  const stew = await openMeal(page.request, { title: `${name}의 찌개`, category: '찜,탕,찌개' });
  await open(page, '/meals');
  const list = new MealsPage(page);
  await expect(list.kinds.getByRole('link')).toHaveText(['전체', ...Object.keys(CATEGORIES)]);
  await expect(list.cards).toHaveCount(2);
  await list.kinds.getByRole('link', { name: '찜,탕,찌개' }).click();
  await expect(list.cards).toHaveCount(1);
  await expect(list.card(stew.title)).toBeVisible();
  await expect(page).toHaveURL(/category=stew/);
  await expect(list.kinds.getByRole('link', { name: '찜,탕,찌개' })).toHaveAttribute('aria-current', 'true');
  await list.kinds.getByRole('link', { name: '아시안' }).click();
  await expect(page.getByRole('heading', { name: '작성된 모임이 없습니다' })).toBeVisible();
  await list.kinds.getByRole('link', { name: '전체' }).click();
  await expect(list.card(pizza.title)).toBeVisible();
  // Or from where nothing was found.
  await list.kinds.getByRole('link', { name: '아시안' }).click();
  await page.getByRole('link', { name: '전체 보기' }).click();
  await expect(list.cards).toHaveCount(2);
});

test('only free seats, and the order of the list', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const { page, name } = mina;
  await moveByCall(page.request, TOWNS.sorted);
  const first = await openMeal(page.request, { title: `${name} 하나`, due: '60' });
  const second = await openMeal(page.request, { title: `${name} 둘`, due: '20' });
  const third = await openMeal(page.request, { title: `${name} 셋`, due: '30', seats: '2' });
  await doIt(jun.page.request, 'join_party', third.id);
  await doIt(jun.page.request, 'join_party', first.id);

  await open(page, '/meals');
  const list = new MealsPage(page);
  // Open ones by their deadline, then those that are full.
  await expect(list.titles).toHaveText([second.title, first.title, third.title]);
  await expect(list.card(third.title)).toContainText('모집 완료');
  await expect(list.card(third.title)).toContainText('2/2명');
  await expect(list.count).toContainText('모임 3개');

  for (const [label, order] of [
    ['최신순', [third, second, first]],
    ['인기순', [third, first, second]],
  ] as const) {
    await list.sort.selectOption({ label });
    await list.sift();
    if (label === '최신순') await expect(list.titles).toHaveText(order.map(({ title }) => title));
    // Two of the three are equally popular.
    else await expect(list.titles.last()).toHaveText(order.at(-1)!.title);
  }
  await list.openOnly.check();
  await list.sift();
  await expect(list.card(third.title)).toHaveCount(0);
  await expect(list.cards).toHaveCount(2);
  await expect(page).toHaveURL(/open=1/);
  // The address says all of it: opened again it shows the same.
  await page.reload();
  await expect(list.cards).toHaveCount(2);
  await expect(list.openOnly).toBeChecked();
  await expect(list.sort).toHaveValue('popular');
});

test('the most viewed come first when asked for', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  await moveByCall(mina.page.request, TOWNS.viewed);
  const seen = await openMeal(mina.page.request, { title: `${mina.name} 많이 본 것` });
  const unseen = await openMeal(mina.page.request, { title: `${mina.name} 덜 본 것` });
  for (const reader of [jun, sol]) await reader.page.request.get(seen.path);
  // Twice a day by the same person is once.
  for (let i = 0; i < 3; i += 1) await jun.page.request.get(unseen.path);
  await open(mina.page, '/meals?sort=views');
  await expect(new MealsPage(mina.page).titles).toHaveText([seen.title, unseen.title]);
});

test('long lists have numbered pages of ten', { tag: ['@desktop', '@nojs'] }, async ({ neighbour }) => {
  const { page, name } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.long);
  for (let i = 1; i <= 23; i += 1) await openMeal(page.request, { title: `${name} 모임 ${i}` });
  await open(page, '/meals?sort=new');
  const list = new MealsPage(page);
  await expect(list.cards).toHaveCount(10);
  await expect(list.titles.first()).toHaveText(`${name} 모임 23`);
  await expect(list.pager.getByRole('link')).toHaveText(['1', '2', '3']);
  await expect(list.pager.getByRole('link', { name: '1쪽' })).toHaveAttribute('aria-current', 'page');
  await list.pager.getByRole('link', { name: '3쪽' }).click();
  await expect(list.titles).toHaveText([3, 2, 1].map((n) => `${name} 모임 ${n}`));
  await expect(page).toHaveURL(/sort=new&page=3/);
  await list.pager.getByRole('link', { name: '2쪽' }).click();
  await expect(list.titles.first()).toHaveText(`${name} 모임 13`);
  await expect(list.cards).toHaveCount(10);
  await page.goBack();
  await expect(list.titles.first()).toHaveText(`${name} 모임 3`);
});

test('whatever stands in the address, a list is shown', { tag: '@desktop' }, async ({ neighbour }) => {
  const { page } = await neighbour('미나');
  for (const query of ['page=999', 'page=-1', 'page=x&after=y', 'region=1&category=zzz&sort=zzz', 'q=%3Cscript%3Ealert(1)%3C/script%3E']) {
    const answer = await page.goto(`/meals?${query}`);
    expect(answer?.status(), query).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
});

test('a member opens an order', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const { page, name } = await neighbour('미나');
  await open(page, '/meals/new');
  const form = new MealForm(page);
  await expect(form.seats).toHaveValue('4');
  await axe(page);
  await form.fill({
    title: `${name}의 족발 대자`, category: '족발,보쌈', shop: '장충골', link: 'https://shop.example/jokbal', fee: '3,500', minimum: '28,000',
    due: '20', seats: '3', pickup: '홍제천 다리 앞', body: '막국수는 **똑같이** 나눠요.',
  });
  if (await isScripted(page)) await expect(page.getByText('3명이 다 차면 한 사람이')).toBeVisible();
  await form.open.click();
  await expect(page).toHaveURL(/\/meals\/[0-9a-f-]{36}$/);
  const meal = new MealPage(page);
  await expect(meal.heading).toHaveText(`${name}의 족발 대자`);
  await meal.expectSeats(1, 3);
  await expect(meal.main).toContainText('홍제천 다리 앞');
  await expect(meal.main).toContainText('최소 주문 28,000원 · 배달비 3,500원');
  await expect(meal.main.getByText(/(19분 \d+초|20분 0초) 남음/)).toBeVisible();
  await expect(meal.main.locator('strong')).toHaveText('똑같이');
  const shop = meal.main.getByRole('link', { name: '장충골' });
  await expect(shop).toHaveAttribute('href', 'https://shop.example/jokbal');
  await expect(shop).toHaveAttribute('rel', /noopener.*nofollow/);
  await expect(meal.desk).toBeVisible();
  await expect(meal.chat).toBeVisible();
});

test('everything wrong in a new order is said beside its field, and what was typed stays', { tag: '@nojs' }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 422/);
  const { page } = await neighbour('미나');
  await open(page, '/meals/new');
  const form = new MealForm(page);
  await form.title.fill('   ');
  await form.shop.fill('');
  await form.link.fill('javascript:alert(1)');
  await form.fee.fill('-1');
  await form.minimum.fill('1000001');
  await form.seats.selectOption('2');
  await form.outside.selectOption('2');
  await expect(form.dueAt).toBeHidden();
  await form.chooseDue('시각 정하기');
  await form.dueAt.fill(inSeoul(-5));
  await form.pickup.fill('x');
  await form.body.fill('막국수는 </textarea><script>alert(1)</script> 나눠요.');
  await form.open.click();

  await expect(form.summary).toContainText('9곳만 고치면 돼요.');
  await expect(form.summary).toBeFocused();
  await expectWrong(form.title, '제목은 2자부터 60자까지 써 주세요.');
  await expectWrong(form.category, '음식 종류를 골라 주세요.');
  await expectWrong(form.shop, '가게 이름을 적어 주세요.');
  await expectWrong(form.link, 'https://로 시작하는 주소를 적어 주세요.');
  await expectWrong(form.fee, '배달비는 0원부터 1,000,000원까지 숫자로 써 주세요.');
  await expectWrong(form.minimum, '최소 주문은 0원부터 1,000,000원까지 숫자로 써 주세요.');
  await expectWrong(form.outside, '나와 일행이 자리보다 많아요.');
  await expectWrong(form.dueAt, '이미 지난 시각이에요. 지금보다 뒤로 정해 주세요.');
  await expectWrong(form.pickup, '받는 곳은 2자부터 100자까지 써 주세요.');

  await expect(form.link).toHaveValue('javascript:alert(1)');
  await expect(form.fee).toHaveValue('-1');
  await expect(form.minimum).toHaveValue('1000001');
  await expect(form.seats).toHaveValue('2');
  await expect(form.outside).toHaveValue('2');
  await expect(form.due.getByRole('radio', { name: '시각 정하기' })).toBeChecked();
  await expect(form.pickup).toHaveValue('x');
  await expect(form.body).toHaveValue('막국수는 </textarea><script>alert(1)</script> 나눠요.');

  // Put right, it is opened; a deadline more than a day away is not.
  await form.fill({ dueAt: inSeoul(25 * 60) });
  await form.open.click();
  await expectWrong(form.dueAt, '마감은 24시간 안으로 정해 주세요.');
  await form.chooseDue('30분 뒤');
  await form.open.click();
  await expect(page).toHaveURL(/\/meals\/[0-9a-f-]{36}$/);
});

test('the same form sent twice opens one order', { tag: '@desktop' }, async ({ neighbour }) => {
  const { page, name } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.twice);
  await open(page, '/meals/new');
  const form = new MealForm(page);
  await form.fill({ title: `${name}의 한 번` });
  await form.open.dblclick();
  await expect(page).toHaveURL(/\/meals\/[0-9a-f-]{36}$/);
  await page.goBack();
  await open(page, '/meals');
  await expect(new MealsPage(page).cards).toHaveCount(1);
});

test('a visitor who wants to open one signs in first', { tag: ['@desktop', '@nojs'] }, async ({ page, complaints, axe }) => {
  complaints.allow(/status of 401/);
  const answer = await page.goto('/meals/new');
  expect(answer?.status()).toBe(401);
  await expect(page.getByRole('heading', { level: 1, name: '로그인하면 볼 수 있어요' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: '로그인' })).toHaveAttribute('href', /\/sign-in\?next=(%2F|\/)meals(%2F|\/)new/);
  await axe(page);
});

test('the host changes an order', { tag: '@nojs' }, async ({ neighbour, complaints, axe }) => {
  complaints.allow(/status of (422|409)/);
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  const order = await openMeal(mina.page.request, { title: `${mina.name}의 치킨`, body: '처음 글' });
  await doIt(jun.page.request, 'join_party', order.id);
  await doIt(sol.page.request, 'join_party', order.id);
  const { page } = mina;
  await open(page, order.path);
  const meal = new MealPage(page);
  await meal.desk.getByRole('link', { name: '글 고치기' }).click();
  await expect(page).toHaveURL(`${order.path}/edit`);
  const form = new MealForm(page);
  await expect(form.title).toHaveValue(order.title);
  await expect(form.body).toHaveValue('처음 글');
  await expect(form.due.getByRole('radio', { name: /^그대로/ })).toBeChecked();
  await axe(page);

  // Three sit there.
  await form.title.fill(`${mina.name}의 두 번째 제목`);
  await form.seats.selectOption('2');
  await form.save.click();
  await expect(page.getByRole('alert')).toContainText('이미 앉은 사람보다 자리를 줄일 수 없어요.');
  await expect(form.title).toHaveValue(`${mina.name}의 두 번째 제목`);

  await form.seats.selectOption('3');
  await form.fee.fill('4000');
  await form.save.click();
  await expect(page).toHaveURL(order.path);
  await expect(meal.heading).toHaveText(`${mina.name}의 두 번째 제목`);
  await meal.expectSeats(3, 3);
  await expect(meal.main).toContainText('배달비 4,000원');
  await expect(meal.main.getByText('모집 완료')).toBeVisible();
});

test('nobody but the host changes an order', { tag: ['@nojs', '@desktop'] }, async ({ neighbour, complaints, axe }) => {
  complaints.allow(/status of 403/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  await doIt(jun.page.request, 'join_party', order.id);
  const answer = await jun.page.goto(`${order.path}/edit`);
  expect(answer?.status()).toBe(403);
  await expect(jun.page.getByRole('heading', { level: 1, name: '여기는 앉을 수 없는 자리예요' })).toBeVisible();
  await expect(jun.page.getByRole('textbox', { name: '제목' })).toHaveCount(0);
  await axe(jun.page);
});

test('a cancelled order is no longer in the list', { tag: '@desktop' }, async ({ neighbour }) => {
  const { page, name } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.cancelled);
  const order = await openMeal(page.request, { title: `${name}의 치킨` });
  await cancelMeal(page.request, order.id);
  await open(page, '/meals');
  await expect(page.getByRole('heading', { name: '작성된 모임이 없습니다' })).toBeVisible();
});
