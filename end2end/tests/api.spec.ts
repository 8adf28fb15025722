import { expect, test } from '../fixtures.ts';

// Without a program: the page is the same for everybody, so it has no `open` to wait for.
test('the page of the API names every call of its document', { tag: '@nojs' }, async ({ page, axe }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'API 문서' }).click();
  await expect(page).toHaveURL('/api/docs');
  await expect(page.getByRole('heading', { level: 1, name: 'API' })).toBeVisible();
  const answer = await page.request.get('/api/openapi.json');
  expect(answer.ok()).toBe(true);
  const document = (await answer.json()) as { openapi: string; paths: Record<string, object> };
  expect(document.openapi).toBe('3.1.0');
  const headings = page.getByRole('article').getByRole('heading', { level: 3 });
  const names = (await headings.allInnerTexts()).map((name) => name.replace(/\s+/g, ' '));
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of Object.keys(methods)) expect(names).toContain(`${method.toUpperCase()} ${path}`);
  }
  // One of many that are alike: all of them would take half a minute.
  await axe(page, { exclude: ['.api__call ~ .api__call'] });
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page).toHaveURL('/api/docs');
  await expect(page.getByRole('heading', { level: 2, name: 'How to call' })).toBeVisible();
});
