// The first page: what Moim is, for visitors; today, for members.

import { expect, open, test } from '../fixtures.ts';
import { moveByCall, navigation, TOWNS } from '../pages/accounts.ts';
import { preview } from '../pages/everywhere.ts';
import { doIt, inSeoul, openMeal } from '../pages/meals.ts';

test('a visitor reads what it is and finds the ways in', { tag: '@nojs' }, async ({ page, axe }) => {
  await open(page, '/');
  await expect(page.getByRole('heading', { level: 1, name: '배달비는 나누고, 밥은 따뜻하게' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: '가까운 자리 찾기' })).toBeVisible();
  await expect(page.getByRole('contentinfo').getByRole('link')).toHaveText(['모임에 대해', '이용약관', '개인정보 처리방침', 'API 문서']);
  await axe(page);
  await page.getByRole('main').getByRole('link', { name: '가입하기' }).click();
  await expect(page).toHaveURL('/sign-up');
  await page.goto('/');
  await page.getByRole('main').getByRole('link', { name: '빈자리 보기' }).click();
  await expect(page).toHaveURL('/meals');
});

test('a visitor sees what closes soon anywhere, the soonest first', { tag: ['@desktop', '@nojs'] }, async ({ page, neighbour }) => {
  const mina = await neighbour('미나');
  // Other tests open orders for 20 minutes and more.
  const later = await openMeal(mina.page.request, { title: `열 분 뒤에 닫는 ${mina.name} 피자`, dueAt: inSeoul(10) });
  const sooner = await openMeal(mina.page.request, { title: `다섯 분 뒤에 닫는 ${mina.name} 피자`, dueAt: inSeoul(6) });
  await open(page, '/');
  const soon = page.getByRole('region', { name: '지금 열린 자리' }).getByRole('article');
  const position = async (title: string) => (await soon.getByRole('heading').allInnerTexts()).indexOf(title);
  await expect(soon.filter({ hasText: sooner.title })).toContainText('마감 임박');
  await expect(soon.filter({ hasText: sooner.title })).toContainText('연남동');
  await expect(soon.filter({ hasText: sooner.title })).toContainText('1/4명');
  expect(await position(sooner.title)).toBeLessThan(await position(later.title));
  await soon.getByRole('link', { name: sooner.title }).click();
  await expect(page).toHaveURL(sooner.path);
  // Nobody else should be led to them.
  await doIt(mina.page.request, 'close_party', sooner.id);
  await doIt(mina.page.request, 'close_party', later.id);
});

test('a member without orders is greeted and told how to begin', { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const { page, name } = await neighbour('미나');
  await moveByCall(page.request, TOWNS.empty);
  await open(page, '/');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${name} 님`);
  await expect(page.getByRole('main')).toContainText(`${TOWNS.empty.name}에 열린 자리가 아직 없어요.`);
  const near = page.getByRole('region', { name: '내 근처, 곧 마감돼요' });
  await expect(near).toContainText('작성된 모임이 없습니다');
  // Said once.
  await expect(page.getByRole('region', { name: '내 모임' })).toHaveCount(0);
  await axe(page);
  await near.getByRole('link', { name: '자리 열기' }).click();
  await expect(page).toHaveURL('/meals/new');
});

test("a member sees what is near and their own, and not other towns'", { tag: '@nojs' }, async ({ neighbour, axe }) => {
  const [mina, jun, sol] = [await neighbour('미나'), await neighbour('준호'), await neighbour('솔')];
  await moveByCall(mina.page.request, TOWNS.home);
  await moveByCall(jun.page.request, TOWNS.home);
  const own = await openMeal(mina.page.request, { title: `${mina.name}의 피자`, category: '피자' });
  const joined = await openMeal(jun.page.request, { title: `${jun.name}의 족발`, category: '족발,보쌈' });
  const near = await openMeal(jun.page.request, { title: `${jun.name}의 떡볶이`, category: '분식', due: '20' });
  const far = await openMeal(sol.page.request, { title: `${sol.name}의 먼 치킨` });
  await doIt(mina.page.request, 'join_party', joined.id);

  const { page } = mina;
  await open(page, '/');
  const soon = page.getByRole('region', { name: '내 근처, 곧 마감돼요' }).getByRole('article');
  const mine = page.getByRole('region', { name: '내 모임' }).getByRole('article');
  await expect(soon.filter({ hasText: near.title })).toBeVisible();
  await expect(mine.filter({ hasText: own.title })).toContainText('내가 연 모임');
  await expect(mine.filter({ hasText: joined.title })).toContainText('함께해요');
  await expect(mine.filter({ hasText: joined.title })).toContainText('2/4명');
  await expect(mine).toHaveCount(2);
  await expect(page.getByRole('main')).not.toContainText(far.title);
  await axe(page);
});

test('the navigation knows where the reader is', { tag: '@nojs' }, async ({ page }) => {
  await open(page, '/');
  await expect(navigation(page).getByRole('link', { name: '홈' })).toHaveAttribute('aria-current', 'page');
  await navigation(page).getByRole('link', { name: '모임', exact: true }).last().click();
  await expect(page).toHaveURL('/meals');
  await expect(navigation(page).getByRole('link', { name: '모임', exact: true }).last()).toHaveAttribute('aria-current', 'page');
  await expect(navigation(page).getByRole('link', { name: '홈' })).not.toHaveAttribute('aria-current');
});

test('messengers show what Moim is', { tag: '@desktop' }, async ({ page, server }) => {
  const html = await (await page.request.get('/')).text();
  const shown = preview(html);
  expect(shown.title).toBe('모임 · 같이 앉으면 모임이에요');
  expect(shown['og:title']).toBe('모임 · 같이 앉으면 모임이에요');
  expect(shown['og:site_name']).toBe('모임');
  expect(shown['og:image']).toBe(`${server.url}/og.png`);
  expect((await page.request.get('/og.png')).status()).toBe(200);
  expect(html.match(/<meta[^>]*name="description"/g)).toHaveLength(1);
});
