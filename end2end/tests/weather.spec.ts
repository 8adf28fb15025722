// The weather on the first page: there, and not to be had.

import type { Page } from '@playwright/test';
import { expect, open, test } from '../fixtures.ts';
import { moveByCall, navigation, TOWNS } from '../pages/accounts.ts';

/** What the first page says of today, as soon as it says this. Without JavaScript the page is read again until it does. */
async function today(page: Page, words: string) {
  const line = page.getByRole('main').getByText(words);
  const scripted = await page.locator('html').evaluate(() => matchMedia('(scripting: enabled)').matches);
  if (scripted) {
    await expect(line).toBeVisible();
  } else {
    await expect(async () => {
      await page.reload();
      await expect(line).toBeVisible({ timeout: 500 });
    }).toPass();
  }
  return line;
}

test.afterEach(({ weather }) => {
  weather.works = true;
});

test('a member sees the weather of their own town, and more of it when they ask', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const { page } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.rainy);
  await open(page, '/');
  const line = await today(page, `${TOWNS.rainy.name} 17° · 비`);
  const facts = page.getByRole('main').getByRole('definition');
  await expect(facts.first()).toBeHidden();
  await line.click();
  await expect(facts).toHaveText(['17.4℃', '2.3m/s', '흐림', '비', '1.2mm', '86%']);
  await expect(page.getByRole('link', { name: 'Open-Meteo.com' })).toBeVisible();
  await axe(page);
});

test('weather that comes after the page changes what it says to eat, and nothing else', { tag: '@desktop' }, async ({ neighbour, weather }) => {
  const { page } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.clouding);
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  await page.route('**/api/weather*', async (route) => {
    await told;
    await route.continue();
  });
  const release = weather.hold();
  const drawn = page.waitForResponse((response) => response.request().isNavigationRequest());
  const opened = open(page, '/');
  await drawn;
  release();
  await opened;
  const headline = page.getByRole('heading', { level: 1 });
  await expect(headline).not.toContainText('비 오는');
  // What is drawn anew does not have this.
  await page.getByRole('main').evaluate((main) => main.setAttribute('data-stands', ''));
  await headline.evaluate((h1) => h1.setAttribute('data-stands', ''));
  tell();
  await expect(headline).toContainText('비 오는');
  await expect(page.getByText('비 오는 날에 잘 어울려요.')).toBeVisible();
  await expect(page.locator('main[data-stands] h1[data-stands]')).toHaveCount(1);
});

test('a headline that was made before the weather was known is made again, once', { tag: '@desktop' }, async ({ neighbour }) => {
  const { page } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.rainy);
  await open(page, '/');
  await today(page, `${TOWNS.rainy.name} 17° · 비`);
  await open(page, '/meals');
  // The two that the page asks for beside each other: the headline comes of before the weather did.
  let asked = 0;
  await page.route('**/api/todays_menu*', async (route) => {
    asked += 1;
    const response = await route.fetch();
    const headline = await response.json();
    const early = { ...headline, title: '아직 모르는 날씨', has_weather: false, weather_of: null };
    await route.fulfill({ response, json: asked === 1 ? early : headline });
  });
  await navigation(page).getByRole('link', { name: '홈' }).click();
  const headline = page.getByRole('heading', { level: 1 });
  await expect(headline).toContainText('비 오는');
  await expect(headline).not.toContainText('아직 모르는 날씨');
  expect(asked).toBe(2);
});

test('a member whose weather cannot be had is told, and does what they came for', { tag: '@nojs' }, async ({ neighbour, weather, axe }) => {
  const { page, name } = await neighbour('준호');
  await moveByCall(page.request, TOWNS.unknown);
  weather.works = false;
  await open(page, '/');
  await today(page, `${TOWNS.unknown.name} · 지금은 날씨를 알 수 없어요`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${name} 님`);
  await axe(page);
  await page.getByRole('main').getByRole('link', { name: '빈자리 보기' }).click();
  await expect(page).toHaveURL('/meals');
});
