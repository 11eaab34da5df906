/** The dashboard in a real browser: from an empty install to a rollback and the emergency stop; and for everybody. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { ProposalStatus } from '../../src/activities/types.js';
import { git } from '../e2e/product.js';
import { openBrowser, patienceMs, violationsOf } from './browser.js';
import { startDashboard, type DashboardHarness, type Planned } from './harness.js';

const browser = await openBrowser();
const withBrowser = browser === null ? describe.skip : describe;

const lines = (word: string): string =>
  Array.from(
    { length: 180 },
    (_, index) => `export const ${index % 9 === 4 ? word : 'kept'}${index} = ${index};`,
  ).join('\n') + '\n';
const hostile =
  'export const level = "user‮ ⁦// admin⁩ ⁦";\nconst x = "<img src=x onerror=window.hacked=1>";\n';
const files = {
  'package.json': '{"name": "tiny", "version": "1.0.0", "type": "module"}\n',
  'src/a.ts': lines('before'),
  'src/b.ts': 'export const b = 1;\n',
  'src/c.ts': 'export const level = "user";\n',
};
const plan: readonly Planned[] = [
  {
    id: 'p-aaaaaaaaaa',
    title: 'Build the lookup once (pick)',
    file: 'src/a.ts',
    after: lines('after'),
    accepted: true,
  },
  {
    id: 'p-bbbbbbbbbb',
    title: 'Ask once (b)',
    file: 'src/b.ts',
    after: 'export const b = 2;\n',
    accepted: true,
  },
  { id: 'p-cccccccccc', title: 'Level <b>of</b> a user', file: 'src/c.ts', after: hostile, accepted: false },
];

let servers: DashboardHarness;
let context: BrowserContext;
let page: Page;
/** Requests to elsewhere, and what the browser complains about (a broken content policy, an uncaught error). */
const strange: string[] = [];

async function signedInPage(options: object): Promise<{ context: BrowserContext; page: Page }> {
  if (browser === null) throw new Error('no browser');
  const made = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const opened = await made.newPage();
  opened.setDefaultTimeout(patienceMs);
  opened.on('request', (request) => {
    if (!request.url().startsWith(servers.url)) strange.push(request.url());
  });
  opened.on('pageerror', (error) => strange.push(String(error)));
  opened.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) strange.push(message.text());
  });
  const { code } = await servers.api<{ code: string }>('POST', '/api/sign-in/codes', {});
  await opened.goto(`${servers.url}/#code=${code}`);
  await opened.getByRole('navigation', { name: 'Pages' }).waitFor();
  return { context: made, page: opened };
}

async function goTo(address: string): Promise<void> {
  await page.goto(servers.url + address);
  await page.locator('h1').waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

const cycleId = async (): Promise<string> =>
  (await servers.api<{ items: { cycleId: string }[] }>('GET', '/api/cycles')).items[0]?.cycleId ?? '';

/** Turns the wheel until the last line was on screen; parts that a busy machine scrolled past are asked for. */
async function readWholeDiff(): Promise<void> {
  await page.locator('.diff tr').first().waitFor();
  const approve = page.getByRole('button', { name: /^Approve/ });
  const next = page.getByRole('button', { name: 'Show the next' });
  await page.mouse.move(700, 450);
  for (let turn = 0; turn < 300; turn += 1) {
    if (await approve.isEnabled()) return;
    if (turn < 40) await page.mouse.wheel(0, 300);
    // It is gone as soon as everything was seen; the next turn notices.
    else await next.click({ timeout: 2_000 }).catch(() => undefined);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }
}

beforeAll(async () => {
  if (browser === null) return;
  servers = await startDashboard(files, plan);
  ({ context, page } = await signedInPage({ viewport: { width: 1440, height: 900 } }));
}, 300_000);
afterAll(async () => {
  await browser?.close();
  if (browser !== null) await servers.close();
}, 120_000);

withBrowser('a story in the browser', () => {
  it('the code is gone from the address; an empty install says what to do', async () => {
    expect(page.url()).toBe(`${servers.url}/`);
    await page.getByText('Nothing waits for you.').first().waitFor();
    await page.getByText('ratchet improve PATH').waitFor();
    expect(await context.cookies()).toEqual([
      expect.objectContaining({ name: 'ratchet_session', httpOnly: true, sameSite: 'Strict' }),
    ]);
  }, 180_000);

  it('a cycle is started and watched to its end', async () => {
    await page.getByRole('link', { name: 'Cycles', exact: true }).click();
    await page.getByRole('button', { name: 'Start a cycle' }).click();
    await page.getByRole('heading', { name: /tiny, cycle/ }).waitFor();
    await page.locator('.page-head .stage', { hasText: 'finished' }).waitFor();
    await page.getByRole('link', { name: 'Ask once (b)' }).waitFor();
  }, 180_000);

  it('home leads to the queue, the queue to the proposal', async () => {
    await page.getByRole('link', { name: 'Home', exact: true }).click();
    await page.getByText('2 changes for you to decide.').waitFor();
    await page.getByRole('link', { name: 'Review queue' }).click();
    await page.getByRole('link', { name: 'Build the lookup once (pick)' }).click();
    await page.getByRole('heading', { name: 'Build the lookup once (pick)' }).waitFor();
    expect(await page.getByRole('img', { name: /Ratio of time/ }).count()).toBe(1);
  }, 180_000);

  it('approving needs the whole diff, and names the evidence; it lands', async () => {
    const approve = page.getByRole('button', { name: /^Approve/ });
    expect(await approve.isDisabled()).toBe(true);
    await page.keyboard.press('a');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('Home');
    await readWholeDiff();
    await approve.click();
    const { evidence } = await servers.api<ProposalStatus>('GET', '/api/proposals/p-aaaaaaaaaa');
    const asked = page.waitForRequest((request) => request.url().endsWith('/decision'));
    await page.getByRole('button', { name: `Approve ${evidence?.slice(0, 8)}` }).click();
    expect((await asked).postDataJSON()).toMatchObject({ decision: 'approve', evidence });
    await page.locator('.decision .stage', { hasText: 'landed' }).waitFor();
    expect(git(servers.target, 'show', 'ratchet/improvements:src/a.ts')).toBe(lines('after').trim());
  }, 180_000);

  it('the next one is rejected by keyboard alone, with a reason', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.getByRole('heading', { name: 'Review' }).waitFor();
    await page.getByRole('link', { name: 'Ask once (b)' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Ask once (b)' }).waitFor();
    await page.locator('.decision button').first().waitFor();
    await page.keyboard.press('r');
    await page.getByRole('textbox', { name: 'Reason' }).focus();
    await page.keyboard.type('not worth it');
    await page.keyboard.press('Enter');
    await page.locator('.decision .stage', { hasText: 'rejected' }).waitFor();
    await page.goto(`${servers.url}/cycles/${await cycleId()}`);
    await page.locator('.trial-row .stage', { hasText: 'landed' }).waitFor();
    await page.locator('.trial-row .stage', { hasText: 'rejected' }).waitFor();
    const { decision } = await servers.api<ProposalStatus>('GET', '/api/proposals/p-bbbbbbbbbb');
    expect(decision).toMatchObject({ approve: false, reason: 'not worth it' });
  }, 180_000);

  it('a landed change is rolled back, alone', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('button', { name: /^Roll back Build/ }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('to see it undone');
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.locator('.change-row .stage', { hasText: 'rolled back' }).waitFor();
    expect(git(servers.target, 'diff', '--stat', 'main', 'ratchet/improvements')).toBe('');
  }, 180_000);

  it('the stop takes effect, refuses work, and is lifted again', async () => {
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Stop everything' }).click();
    await page.getByText('Everything is stopped').waitFor();
    expect(existsSync(join(servers.home, 'STOP'))).toBe(true);
    await page.getByRole('link', { name: 'Cycles', exact: true }).click();
    await page.getByRole('button', { name: 'Start a cycle' }).click();
    await page.getByText('The emergency stop is set').waitFor();
    await page.getByRole('button', { name: /Stopped/ }).click();
    await page.getByRole('button', { name: 'Lift the stop' }).click();
    await page.getByText('Everything is stopped').waitFor({ state: 'detached' });
    expect(existsSync(join(servers.home, 'STOP'))).toBe(false);
  }, 180_000);

  it('the audit log tells all of it, and is whole', async () => {
    await goTo('/audit');
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText(/none changed, dropped or moved/).waitFor();
    for (const action of ['stop.set', 'stop.lifted', 'change.rolledBack'])
      expect(await page.getByText(action, { exact: true }).count()).toBeGreaterThan(0);
  }, 180_000);

  it('what a patch holds is shown as text, with badges for what cannot be seen', async () => {
    await goTo('/proposals/p-cccccccccc');
    await page.getByText('characters that cannot be seen').waitFor();
    expect(await page.locator('.diff .unseen').allTextContents()).toContain('U+202E');
    expect(await page.locator('main img, main b:has(b)').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    await page.getByText('// before: [3, 1]').waitFor();
  }, 180_000);
});

withBrowser('for everybody', () => {
  const pages = (cycle: string): readonly string[] => [
    ...[
      '/',
      '/review',
      '/review?show=all',
      '/proposals/p-aaaaaaaaaa?diff=split',
      '/proposals/p-cccccccccc?diff=unified',
    ],
    ...['/cycles', `/cycles/${cycle}`, '/nights', '/changes', '/findings', '/chat', '/audit', '/settings'],
  ];
  const sessionId = async (): Promise<string> =>
    (await servers.api<{ id: string }>('POST', '/api/sessions', { title: 'About the lookup' })).id;

  it.each(['light', 'dark'] as const)(
    'no page has a violation of accessibility, %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      const found: string[] = [];
      for (const address of [...pages(await cycleId()), `/chat/${await sessionId()}`]) {
        await goTo(address);
        found.push(...(await violationsOf(page)).map((words) => `${address} ${words}`));
      }
      expect(found).toEqual([]);
    },
    240_000,
  );

  it('a phone shows every page without scrolling sideways', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const wide: string[] = [];
    for (const address of [...pages(await cycleId()), `/chat/${await sessionId()}`]) {
      await goTo(address);
      const width = await page.locator('html').evaluate(({ scrollWidth }) => scrollWidth);
      if (width > 390) wide.push(`${address} is ${width} px wide`);
    }
    expect(wide).toEqual([]);
  }, 240_000);

  it('signing out leaves nothing; the sign-in page is accessible too', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await context.cookies()).toEqual([]);
    expect(await violationsOf(page)).toEqual([]);
  }, 180_000);

  it('nothing was asked of anybody else, and no policy was broken', () => {
    expect(strange).toEqual([]);
  });
});
