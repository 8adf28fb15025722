// What every browser test gets: a server of its worker's own, pages whose every complaint fails the test, an accessibility
// check, and other people with browsers of their own.

import { AxeBuilder } from '@axe-core/playwright';
import { test as base, type BrowserContext, type BrowserContextOptions, expect, type Page } from '@playwright/test';
import { Mailbox } from './mailbox.ts';
import { type Credentials, proveByCall, signUp, signUpByCall } from './pages/accounts.ts';
import { Server } from './server.ts';
import { WeatherProvider } from './weather.ts';

export { expect };

/** Somebody who uses Moim in a browser of their own. */
export interface Person extends Credentials {
  context: BrowserContext;
  page: Page;
}

/** What pages complained about. A test that causes a complaint on purpose allows it first. */
export class Complaints {
  private readonly allowed: RegExp[] = [];
  private readonly found: string[] = [];

  /** Complaints that match are expected in this test, for example the browser's own line about a 404. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns);
  }

  add(text: string): void {
    this.found.push(text);
  }

  get unexpected(): string[] {
    return this.found.filter((text) => !this.allowed.some((pattern) => pattern.test(text)));
  }

  /** Listens to all pages that a browser context has and will have. */
  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      // Errors are also how Chromium reports what the content security policy blocked. Leptos reports a difference between
      // the server's page and its own as a warning or an error that speaks of hydration.
      const bad = message.type() === 'error' || (message.type() === 'warning' && /hydrat/i.test(message.text()));
      if (bad) this.add(`console ${message.type()} at ${message.page()?.url() ?? '?'}: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.add(`uncaught at ${error.page()?.url() ?? '?'}: ${error.error().stack ?? error.error()}`));
    context.on('page', (page) => page.on('crash', () => this.add(`the page ${page.url()} crashed`)));
  }
}

interface TestFixtures {
  complaints: Complaints;
  /** Checks the page as it is now against WCAG 2.2 AA, in the light and in the dark theme. */
  axe: (page: Page, options?: { exclude?: string[] }) => Promise<void>;
  /** A new person, signed up through the page with an address that is theirs, in a browser context of their own. Their name gets a number: others may have it. */
  person: (name: string, options?: BrowserContextOptions) => Promise<Person>;
  /** The same, signed up by a call instead: for those whom a test is not about. Their page is blank. */
  neighbour: (name: string, options?: BrowserContextOptions) => Promise<Person>;
  /** Somebody in a browser context of their own who has not signed up; what `person` and `neighbour` begin with. */
  newcomer: (name: string, options?: BrowserContextOptions) => Promise<Person>;
  /** Fails a test in whose time the server panicked. */
  calmServer: void;
}

interface WorkerFixtures {
  /** Where the server's mails arrive. */
  mailbox: Mailbox;
  /** Where the server asks for the weather. */
  weather: WeatherProvider;
  server: Server;
}

/** Opens a page and waits until the browser's program has taken it over, where there is one: a click before that may be lost. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  // Whether JavaScript is on is asked of the page, because somebody's context may differ from the project's.
  const scripted = await page.locator('html').evaluate(() => matchMedia('(scripting: enabled)').matches);
  if (scripted) await expect(page.locator('html')).toHaveAttribute('data-ready', '', { timeout: 60_000 });
}

/** Waits until the live connection of pages stands: what happens from now on is told to them. */
export async function live(...pages: Page[]): Promise<void> {
  for (const page of pages) await expect(page.locator('html')).toHaveAttribute('data-live', '', { timeout: 60_000 });
}

/** An address that nobody else has in this run; the server is told to believe it (see MOIM_PROXIES in server.ts). */
function newAddress(): string {
  const part = () => 1 + Math.floor(Math.random() * 254);
  return `10.${part()}.${part()}.${part()}`;
}

let people = 0;

/** Credentials that nobody else has. Earlier tests share the worker's database, so what must be unique carries a number. */
export function newCredentials(name: string): Credentials {
  people += 1;
  // 호 behind the number, so that no name is the beginning of another.
  return { name: `${name}${people}호`, email: `neighbour-${people}@moim.example`, password: `일곱 마리 백로와 지붕 ${people}` };
}

/** The panics in what the server has logged since this was asked the last time. */
function panics(server: Server): string[] {
  return server.newLog().split('\n').filter((line) => line.includes('panicked'));
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  mailbox: [
    async ({}, use) => {
      const mailbox = await Mailbox.start();
      await use(mailbox);
      await mailbox.stop();
    },
    { scope: 'worker' },
  ],

  weather: [
    async ({}, use) => {
      const weather = await WeatherProvider.start();
      await use(weather);
      await weather.stop();
    },
    { scope: 'worker' },
  ],

  server: [
    async ({ mailbox, weather }, use, worker) => {
      const database = process.env.MOIM_E2E_POSTGRES ? 'postgres' : 'sqlite';
      const server = await Server.create(`${database}-${worker.project.name}-${worker.workerIndex}`, mailbox.url, weather.url);
      await use(server);
      const stopped = await server.stop();
      const late = panics(server);
      await server.destroy();
      if (late.length) throw new Error(`the server panicked, see ${server.log}:\n${late.join('\n')}`);
      if (!stopped) throw new Error('the server did not stop when it was asked to');
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  baseURL: async ({ server }, use) => use(server.url),

  extraHTTPHeaders: async ({ extraHTTPHeaders }, use) => use({ ...extraHTTPHeaders, 'X-Forwarded-For': newAddress() }),

  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    expect(complaints.unexpected, 'what pages complained about').toEqual([]);
  },

  context: async ({ context, complaints }, use) => {
    complaints.watch(context);
    await use(context);
  },

  calmServer: [
    async ({ server }, use) => {
      await use();
      // A test may leave the server down; the next one needs it.
      if (!server.running) await server.start();
      expect(panics(server), `the server panicked, see ${server.log}`).toEqual([]);
    },
    { auto: true },
  ],

  axe: async ({ javaScriptEnabled }, use) => {
    await use(async (page, options = {}) => {
      // Without JavaScript the same HTML and styles are shown, and the checker cannot run.
      if (javaScriptEnabled === false) return;
      for (const colorScheme of ['light', 'dark'] as const) {
        // Reduced motion: colours are measured, so nothing may be in the middle of fading.
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        let builder = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
        for (const selector of options.exclude ?? []) builder = builder.exclude(selector);
        const { violations } = await builder.analyze();
        const told = violations.map(
          ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `    ${node.target.join(' ')}  ${node.html.slice(0, 200)}`).join('\n')}`,
        );
        expect(told, `accessibility of ${page.url()}, ${colorScheme}`).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: null, reducedMotion: null });
    });
  },

  newcomer: async (
    { browser, complaints, baseURL, locale, timezoneId, viewport, hasTouch, isMobile, deviceScaleFactor, javaScriptEnabled },
    use,
  ) => {
    const contexts: BrowserContext[] = [];
    await use(async (name, options = {}) => {
      // The project's options by hand: a context made from `browser` takes none of the test's own.
      const context = await browser.newContext({
        baseURL, locale, timezoneId, viewport, hasTouch, isMobile, deviceScaleFactor, javaScriptEnabled,
        extraHTTPHeaders: { 'X-Forwarded-For': newAddress() },
        ...options,
      });
      contexts.push(context);
      complaints.watch(context);
      return { ...newCredentials(name), context, page: await context.newPage() };
    });
    for (const context of contexts) await context.close();
  },

  person: async ({ newcomer, mailbox }, use) => {
    await use(async (name, options) => {
      const person = await newcomer(name, options);
      await signUp(person.page, person);
      await proveByCall(person.page.request, await mailbox.token(person.email, 'verify'));
      return person;
    });
  },

  neighbour: async ({ newcomer, mailbox }, use) => {
    await use(async (name, options) => {
      const person = await newcomer(name, options);
      await signUpByCall(person.page.request, person);
      await proveByCall(person.page.request, await mailbox.token(person.email, 'verify'));
      return person;
    });
  },
});
