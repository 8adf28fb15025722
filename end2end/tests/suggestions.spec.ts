// What to eat: `/meals/suggestions`.

import { expect, live, open, test } from '../fixtures.ts';
import { expectNoSidewaysScroll } from '../pages/everywhere.ts';
import { MealForm } from '../pages/meals.ts';
import { SuggestionsPage } from '../pages/suggestions.ts';

test('five menus lead to a form that is filled in', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const { page } = await neighbour('미나');
  await open(page, '/meals');
  await page.getByRole('link', { name: '뭐 먹을지 고민이라면' }).click();
  await expect(page).toHaveURL('/meals/suggestions');
  const suggestions = new SuggestionsPage(page);
  await expect(suggestions.menus).toHaveCount(5);
  await expect(suggestions.left).toHaveText('오늘 10번 더 물어볼 수 있어요.');
  await axe(page);
  await expectNoSidewaysScroll(page);
  const name = await suggestions.menus.first().getByRole('heading').innerText();
  await suggestions.menus.first().getByRole('link', { name: `${name}: 이 메뉴로 모임 열기` }).click();
  await expect(page).toHaveURL(/\/meals\/new\?menu=/);
  const form = new MealForm(page);
  await expect(form.title).toHaveValue(`${name} 같이 시켜요`);
  await expect(form.category).not.toHaveValue('');
});

test('others are shown ten times a day', { tag: '@nojs' }, async ({ neighbour, complaints }) => {
  complaints.allow(/status of 429/);
  const { page } = await neighbour('미나');
  await open(page, '/meals/suggestions');
  const suggestions = new SuggestionsPage(page);
  const before = await suggestions.names();
  await suggestions.more.click();
  await expect(suggestions.left).toHaveText('오늘 9번 더 물어볼 수 있어요.');
  const after = await suggestions.names();
  expect(after.filter((name) => before.includes(name))).toEqual([]);
  await page.reload();
  expect(await suggestions.names()).toEqual(after);
  for (let n = 0; n < 9; n += 1) expect((await page.request.post('/api/more_menus', { form: {} })).ok()).toBe(true);
  await open(page, '/meals/suggestions');
  await suggestions.more.click();
  await expect(page.getByRole('alert')).toHaveText('하루에 10번만 질문할 수 있습니다. 밤 12시부터 다시 물어볼 수 있어요.');
});

test('the model answers, and its menus lead to a form', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const { page } = await neighbour('미나');
  await open(page, '/meals/suggestions');
  const suggestions = new SuggestionsPage(page);
  await suggestions.ask('비 오는데 뭐 먹지?');
  const answer = suggestions.exchanges.last();
  await expect(answer).toContainText('비 오는데 뭐 먹지?');
  await expect(answer).toContainText('이런 메뉴는 어때요?');
  await expect(answer.getByRole('heading')).toHaveText(['칼국수', '할머니 손두부']);
  await expect(suggestions.left).toHaveText('오늘 9번 더 물어볼 수 있어요.');
  await axe(page);
  await suggestions.ask('고장 났어?');
  await expect(suggestions.exchanges).toHaveCount(2);
  await expect(suggestions.exchanges.last()).toContainText('이 질문은 세지 않았어요.');
  await expect(suggestions.left).toHaveText('오늘 9번 더 물어볼 수 있어요.');
  await suggestions.exchanges.first().getByRole('link', { name: '할머니 손두부: 이 메뉴로 모임 열기' }).click();
  await expect(new MealForm(page).title).toHaveValue('할머니 손두부 같이 시켜요');
  await page.goBack();
  await suggestions.forget.click();
  await expect(suggestions.exchanges).toHaveCount(0);
});

test('words are read while they are said, on every page and after a reload', { tag: '@desktop' }, async ({ neighbour, server }) => {
  const { page, context } = await neighbour('미나');
  await open(page, '/meals/suggestions');
  const other = await context.newPage();
  await open(other, '/meals/suggestions');
  await live(page, other);
  const [here, there] = [new SuggestionsPage(page), new SuggestionsPage(other)];
  await here.ask('천천히 골라 줘');
  await expect(here.exchanges.last()).toContainText('이런 메뉴는 어때요?');
  await expect(here.exchanges.last()).toContainText('답하고 있어요');
  await other.reload();
  await expect(there.exchanges.last()).toContainText('이런 메뉴는 어때요?');
  server.model.goOn();
  for (const { exchanges } of [here, there]) {
    await expect(exchanges.last().getByRole('heading')).toHaveText(['칼국수', '할머니 손두부']);
    await expect(exchanges.last()).not.toContainText('답하고 있어요');
  }
  await expect(here.question).toHaveValue('');
  await here.ask('끊겨도 돼');
  await expect(here.exchanges.last()).toContainText('답이 여기서 끊겼어요.');
});

test('an answer is shown also when the page could not read it at first', { tag: '@desktop' }, async ({ neighbour, server, complaints }) => {
  complaints.allow(/ERR_FAILED/);
  const { page } = await neighbour('미나');
  await open(page, '/meals/suggestions');
  await live(page);
  const suggestions = new SuggestionsPage(page);
  await suggestions.ask('천천히 골라 줘');
  await expect(suggestions.exchanges.last()).toContainText('답하고 있어요');
  // Both when it hears of the end and when it would have looked after it.
  let failures = 2;
  await page.route('**/api/suggest_menus*', async (route) => {
    failures -= 1;
    await (failures >= 0 ? route.abort() : route.continue());
  });
  server.model.goOn();
  // It looks after it every three seconds.
  await expect(suggestions.exchanges.last()).not.toContainText('답하고 있어요', { timeout: 15_000 });
  await expect(suggestions.exchanges.last().getByRole('heading')).toHaveText(['칼국수', '할머니 손두부']);
});
