// What is true of every page: it can be read, seen, and used with the keyboard; and the kit is for developers only.

import { expect, open, type Person, test } from '../fixtures.ts';
import { FIRST_PAGE, navigation, SignInPage } from '../pages/accounts.ts';
import { expectNoSidewaysScroll, tabTo } from '../pages/everywhere.ts';
import { doIt, MealPage, openMeal } from '../pages/meals.ts';

const FOR_ALL = ['/', '/meals?region=11440124', '/sign-up', '/sign-in', '/terms', '/privacy', '/about'];
const FOR_MEMBERS = [
  '/', '/meals', '/meals/new', '/me', '/me/sessions', '/me/password', '/me/logins', '/me/profile', '/me/school', '/me/parties', '/me/notices', '/me/blocks',
  '/me/close', '/chat',
];

/** An order whose words are as long as they may be. */
const LONG = {
  title: '무척이나긴제목을가진모임이라도화면밖으로나가지않아야해요무척이나긴제목을가진모임이라도화면밖으로나가지않아야',
  shop: 'Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbau'.slice(0, 60),
  pickup: 'https://example.com/a-very-long-address-without-any-place-to-break-it-in-two-parts-at-all',
  body: `${'가나다라마바사아자차카타파하'.repeat(20)}\n\n${'x'.repeat(300)}`,
  fee: '1000000',
  minimum: '1000000',
  seats: '10',
};

test('the kit is not part of a release', { tag: '@nojs' }, async ({ page, complaints }) => {
  complaints.allow(/status of 404/);
  const answer = await page.goto('/kit');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1, name: '이 자리는 비어 있어요' })).toBeVisible();
});

for (const path of FOR_ALL) {
  test(`${path} can be read by everybody, in both themes`, async ({ page, axe }) => {
    await open(page, path);
    await expectWhole(page);
    await axe(page);
  });
}

for (const path of FOR_MEMBERS) {
  test(`${path} can be read by members, in both themes`, async ({ neighbour, axe }) => {
    const { page } = await neighbour('미나');
    await open(page, path);
    await expectWhole(page);
    await axe(page);
  });
}

test('an order and its form can be read, in both themes', async ({ neighbour, axe }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, LONG);
  await doIt(jun.page.request, 'join_party', order.id);
  for (const [person, path] of [[mina, order.path], [mina, `${order.path}/edit`], [jun, order.path]] as [Person, string][]) {
    await open(person.page, path);
    await expectWhole(person.page);
    // With everything open that can be opened.
    const closed = person.page.getByRole('main').locator('details:not([open]) > summary:visible');
    // Each leaves the set when it opens.
    for (let left = await closed.count(); left > 0; left -= 1) await closed.first().click();
    // In a window as tall as the page: what is half behind a bar that stays would count as too small to be hit.
    const tall = await person.page.evaluate(() => document.documentElement.scrollHeight);
    await person.page.setViewportSize({ width: person.page.viewportSize()!.width, height: tall });
    await axe(person.page);
  }
});

test('no page is wider than its window', { tag: '@desktop' }, async ({ page, neighbour, complaints }) => {
  test.slow();
  complaints.allow(/status of 404/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request, LONG);
  await doIt(jun.page.request, 'join_party', order.id);
  for (const path of [...FOR_ALL, order.path]) {
    await page.goto(path);
    await expectNoSidewaysScroll(page);
  }
  for (const path of [...FOR_MEMBERS, order.path, `${order.path}/edit`, '/nowhere']) {
    await mina.page.goto(path);
    await expectNoSidewaysScroll(mina.page);
  }
});

test('the first press of Tab offers to skip to the content', { tag: '@desktop' }, async ({ page }) => {
  for (const path of ['/', '/meals', '/sign-in']) {
    await open(page, path);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: '본문으로 건너뛰기' });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/#main$/);
    await page.keyboard.press('Tab');
    const inside = await page.evaluate(() => document.querySelector('main')?.contains(document.activeElement));
    expect(inside, `the next Tab on ${path} is in the content`).toBe(true);
  }
});

test('somebody signs in with the keyboard alone', { tag: '@desktop' }, async ({ page, neighbour }) => {
  const mina = await neighbour('미나');
  await open(page, '/sign-in');
  const form = new SignInPage(page);
  await tabTo(page, form.email);
  await page.keyboard.type(mina.email);
  await tabTo(page, form.password);
  await page.keyboard.type(mina.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(FIRST_PAGE);
});

test('somebody sits down and gets up with the keyboard alone', { tag: '@desktop' }, async ({ neighbour }) => {
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const order = await openMeal(mina.page.request);
  const { page } = jun;
  await open(page, order.path);
  const meal = new MealPage(page);
  await tabTo(page, meal.join);
  await page.keyboard.press('Enter');
  await meal.expectSeats(2, 4);
  const leave = meal.cta.locator('summary').filter({ hasText: '나가기' });
  await tabTo(page, leave);
  await page.keyboard.press('Enter');
  const question = meal.cta.getByRole('group', { name: '이 모임에서 나갈까요?' });
  await expect(question).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(leave).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, question.getByRole('button', { name: '나가기' }));
  await page.keyboard.press('Enter');
  await meal.expectSeats(1, 4);
});

test('targets are large enough for a thumb', { tag: '@mobile' }, async ({ page }) => {
  for (const path of ['/', '/meals?region=11440124', '/sign-in', '/sign-up']) {
    await open(page, path);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')].flatMap((element) => {
        // What is drawn and pressed may be the label around it, or a layer over the card.
        const target = element.closest('label') ?? element;
        const { width, height } = target.getBoundingClientRect();
        const style = getComputedStyle(element);
        const shown = width > 1 && height > 1 && style.visibility !== 'hidden' && element.checkVisibility();
        const inText = style.display === 'inline' && element.parentElement?.matches('p, li, span, small');
        const cover = element.matches('.cover, .skip');
        return shown && !inText && !cover && (width < 24 || height < 43.5) ? [`${element.outerHTML.slice(0, 120)} ${width}×${height}`] : [];
      }),
    );
    expect(small, path).toEqual([]);
  }
});

/** A page has one main part with one first heading, a title, and a language. */
async function expectWhole(page: Person['page']): Promise<void> {
  await expect(page.getByRole('main')).toHaveCount(1);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await expect(page).toHaveTitle(/모임/);
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
  // A phone shows the way back in place of the navigation where a form or a room needs its room.
  await expect(navigation(page).or(page.locator('.appbar, .art').getByRole('link')).first()).toBeAttached();
}
