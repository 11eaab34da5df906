/**
 * The whole story by keyboard alone, on an empty install; and in its middle the API and Redis are killed while the page is
 * open: it comes back by itself, and shows nothing twice. What runs meanwhile is held until the test lets it go.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import type { Page } from 'playwright-core';
import { createScriptedModel } from '../../src/llm/index.js';
import type { LanguageModel } from '../../src/llm/types.js';
import { git } from '../e2e/product.js';
import { openBrowser, patienceMs } from './browser.js';
import { startDashboard, type DashboardHarness, type Planned } from './harness.js';

const browser = await openBrowser();
const withBrowser = browser === null ? describe.skip : describe;
const storyMs = 300_000;

const lines = (word: string): string =>
  Array.from(
    { length: 120 },
    (_, index) => `export const ${index % 9 === 4 ? word : 'kept'}${index} = ${index};`,
  ).join('\n') + '\n';
const files = {
  'package.json': '{"name": "tiny", "version": "1.0.0", "type": "module"}\n',
  'src/a.ts': lines('before'),
  'src/b.ts': 'export const b = 1;\n',
};
const plan: readonly Planned[] = [
  { id: 'p-aaaaaaaaaa', title: 'Build it once', file: 'src/a.ts', after: lines('after'), accepted: true },
  {
    id: 'p-bbbbbbbbbb',
    title: 'Ask once',
    file: 'src/b.ts',
    after: 'export const b = 2;\n',
    accepted: true,
  },
];
const words = ['It ', 'is ', 'built ', 'anew ', 'in ', 'each ', 'round.'];

/** A step that waits for the test. */
function held(): { readonly wait: Promise<void>; readonly letGo: () => void } {
  let letGo = (): void => undefined;
  const wait = new Promise<void>((resolve) => (letGo = resolve));
  return { wait, letGo: () => letGo() };
}
const [baseline, answer] = [held(), held()];

/** Says three words, and the others when it may. */
function haltingModel(): LanguageModel {
  const model = createScriptedModel([{ chunks: words }]);
  return {
    ...model,
    complete(request, options = {}) {
      let said = 0;
      return model.complete(request, {
        ...options,
        async onDelta(delta) {
          if (said === 3) await answer.wait;
          said += 1;
          await options.onDelta?.(delta);
        },
      });
    },
  };
}

let servers: DashboardHarness;
let page: Page;

beforeAll(async () => {
  if (browser === null) return;
  servers = await startDashboard(files, plan, {
    registered: false,
    model: haltingModel(),
    more: {
      async measureBaseline() {
        const alive = setInterval((context: Context) => context.heartbeat(), 1_000, Context.current());
        await baseline.wait;
        clearInterval(alive);
        const found = { runner: 'node:test', command: 'node --test', node: '20', dependencies: 'none' };
        return { ...found, tests: 52, flaky: [], red: [], suiteMs: 2_400 };
      },
    },
  });
  page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(patienceMs);
  const { code } = await servers.api<{ code: string }>('POST', '/api/sign-in/codes', {});
  await page.goto(`${servers.url}/#code=${code}`);
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}, storyMs);
afterAll(async () => {
  baseline.letGo();
  answer.letGo();
  await browser?.close();
  if (browser !== null) await servers.close();
}, 120_000);

const press = (key: string): Promise<void> => page.keyboard.press(key);

/** What has the focus, by its label or its words. */
const focused = (): Promise<string> =>
  page.evaluate<string>(
    `(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim()`,
  );

/** Presses Tab until the named one has the focus. @throws Error after going around */
async function tabTo(name: string | RegExp): Promise<void> {
  for (let turn = 0; turn < 150; turn += 1) {
    const found = await focused();
    if (typeof name === 'string' ? found === name : name.test(found)) return;
    await press('Tab');
  }
  throw new Error(`Tab never comes to ${String(name)}`);
}

async function go(letter: string, heading: string): Promise<void> {
  await press('g');
  await press(letter);
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

withBrowser('by keyboard alone, with crashes', () => {
  it(
    'a repository is registered, and a cycle over it is started',
    async () => {
      await go('y', 'Cycles');
      await tabTo('Register a repository');
      await press('Enter');
      await page.getByRole('textbox', { name: 'Path of a git repository' }).waitFor();
      await page.keyboard.type(servers.target);
      await press('Enter');
      await page.getByRole('button', { name: 'Start a cycle' }).waitFor();
      await tabTo('Start a cycle');
      await press('Enter');
      await page.getByRole('heading', { name: /tiny, cycle/ }).waitFor();
      await page.locator('.page-head .stage', { hasText: 'baseline' }).waitFor();
    },
    storyMs,
  );

  it(
    'the API is killed: the page says so, comes back by itself, and shows each thing once',
    async () => {
      await servers.killApi();
      await page.getByText('Live events are away; reconnecting.').waitFor();
      await page.locator('.health', { hasText: 'API' }).waitFor();
      await servers.startApiAgain();
      await page.getByText('Live events are away; reconnecting.').waitFor({ state: 'detached' });
      await page.getByTitle('All servers answer').waitFor();
      baseline.letGo();
      await page.locator('.page-head .stage', { hasText: 'finished' }).waitFor();
      await page.getByRole('link', { name: 'Ask once' }).waitFor();
      expect((await page.locator('.trial-row .row-link').allTextContents()).toSorted()).toEqual([
        'Ask once',
        'Build it once',
      ]);
    },
    storyMs,
  );

  it(
    'Redis and the API are killed while an answer is written: it is shown once, and whole',
    async () => {
      await go('t', 'Chat');
      await tabTo('New conversation');
      await press('Enter');
      await page.getByRole('textbox', { name: 'Your question' }).waitFor();
      await tabTo('Your question');
      await page.keyboard.type('Why is it slow?');
      await press('Enter');
      await page.locator('.bubble.assistant', { hasText: 'It is built' }).waitFor();
      servers.servers.kill('redis');
      await servers.servers.untilBack('redis');
      await servers.killApi();
      await page.locator('.health', { hasText: 'API' }).waitFor();
      await servers.startApiAgain();
      await page.getByTitle('All servers answer').waitFor();
      answer.letGo();
      await page.locator('.bubble.assistant:not([aria-busy])', { hasText: words.join('') }).waitFor();
      expect(await page.locator('.bubble .said').allTextContents()).toEqual([
        'Why is it slow?',
        words.join(''),
      ]);
    },
    storyMs,
  );

  it(
    'the proposal is opened from the queue, read to its end, approved, and verified',
    async () => {
      // Out of the text field, where letters are letters.
      await tabTo('Home');
      await go('r', 'Review');
      await page.getByRole('link', { name: 'Build it once' }).waitFor();
      await tabTo('Build it once');
      await press('Enter');
      await page.getByRole('heading', { name: 'Build it once' }).waitFor();
      await page.locator('.decision button').first().waitFor();
      for (let turn = 0; turn < 200 && (await page.getByRole('dialog').count()) === 0; turn += 1) {
        await press('a');
        await page.evaluate(
          'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
        );
      }
      await page.getByRole('textbox', { name: 'Remark (optional)' }).waitFor();
      await tabTo(/^Approve [0-9a-f]{8}$/);
      await press('Enter');
      await page.locator('.decision .stage', { hasText: 'landed' }).waitFor();
      expect(git(servers.target, 'show', 'ratchet/improvements:src/a.ts')).toBe(lines('after').trim());
    },
    storyMs,
  );

  it(
    'the change is rolled back',
    async () => {
      await go('c', 'Changes');
      await page.locator('.change-row .stage', { hasText: 'verified' }).waitFor();
      await tabTo(/^Roll back Build/);
      await press('Enter');
      await page.getByRole('textbox', { name: 'Reason' }).waitFor();
      await page.keyboard.type('to see it undone');
      await press('Enter');
      await page.locator('.change-row .stage', { hasText: 'rolled back' }).waitFor();
      expect(git(servers.target, 'diff', '--stat', 'main', 'ratchet/improvements')).toBe('');
      expect(await page.locator('.change-row').count()).toBe(1);
    },
    storyMs,
  );

  it(
    'everything is stopped, and goes on',
    async () => {
      await tabTo('Stop');
      await press('Enter');
      await page.getByRole('heading', { name: 'Stop everything?' }).waitFor();
      await page.keyboard.type('enough for today');
      await press('Enter');
      await page.getByText('Everything is stopped').waitFor();
      expect(existsSync(join(servers.home, 'STOP'))).toBe(true);
      await tabTo(/^Stopped/);
      await press('Enter');
      await page.getByRole('heading', { name: 'Lift the emergency stop?' }).waitFor();
      await page.keyboard.type('a new day');
      await press('Enter');
      await page.getByText('Everything is stopped').waitFor({ state: 'detached' });
      expect(existsSync(join(servers.home, 'STOP'))).toBe(false);
    },
    storyMs,
  );
});
