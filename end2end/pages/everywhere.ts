// What is true of every page.

import { expect, type Locator, type Page } from '@playwright/test';

/** The widths that pages are made for: a small phone, a phone, a desk. */
export const WIDTHS = [320, 390, 1280];

/** The same for a test that plays a phone: a browser that does keeps what was wide before it was turned. */
export const PHONE_WIDTHS = [320, 390];

/** The page is not wider than the window, whatever its width. */
export async function expectNoSidewaysScroll(page: Page, widths = WIDTHS): Promise<void> {
  const before = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    await expect(async () => {
      const { wide, widest } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        widest: [...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
          .slice(0, 3)
          .map((element) => `${element.tagName}.${element.className}`),
      }));
      expect(wide, `${page.url()} at ${width} scrolls sideways, see ${widest.join(' ')}`).toBeLessThanOrEqual(0);
    }).toPass({ timeout: 20_000 });
  }
  if (before) await page.setViewportSize(before);
}

/** Presses Tab until the control has the focus; fails when it takes more than `most` presses. */
export async function tabTo(page: Page, control: Locator, most = 40): Promise<void> {
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press('Tab');
    if (await control.evaluate((element) => element === document.activeElement)) {
      const shown = await control.evaluate((element) => {
        // A control that is only there for the keyboard and screen readers shows its focus on the label around it.
        const drawn = [element, element.nextElementSibling, element.closest('label'), element.parentElement];
        // A link that covers its whole row shows it on the cover.
        const looks = drawn.flatMap((candidate) => (candidate ? [getComputedStyle(candidate), getComputedStyle(candidate, '::after')] : []));
        return looks.some(({ outlineStyle, outlineWidth, boxShadow }) => {
          return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
        });
      });
      expect(shown, 'the focus is visible').toBe(true);
      await expect(control).toBeInViewport();
      return;
    }
  }
  throw new Error(`${most} presses of Tab did not reach ${control}`);
}

/** The picture and words that messengers show of a page, from its HTML as it comes over the wire. */
export function preview(html: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [tag] of html.matchAll(/<meta\b[^>]*>/g)) {
    const name = /\b(?:property|name)="([^"]*)"/.exec(tag)?.[1];
    const content = /\bcontent="([^"]*)"/.exec(tag)?.[1];
    if (name && content !== undefined) found[name] = content;
  }
  const title = /<title>([^<]*)<\/title>/.exec(html)?.[1];
  if (title !== undefined) found.title = title;
  return found;
}
