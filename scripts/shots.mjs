/**
 * `npm run shots`: every page of the dashboard at 1440 and 390 px, light and dark, into .cache/shots. Looks at the
 * stack of RATCHET_HOME when that is set; else at one of its own, with a cycle over examples/shop.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const place = join('.cache', 'shots');
const own = process.env.RATCHET_HOME === undefined;
const environment = {
  ...process.env,
  ...(own ? { RATCHET_HOME: join(process.cwd(), place, 'home'), RATCHET_API_PORT: '0' } : {}),
};
const only = process.argv.slice(2);

function ratchet(...argv) {
  const done = spawnSync('./ratchet', argv, { env: environment, encoding: 'utf8', timeout: 900_000 });
  if (done.status !== 0)
    throw new Error(`ratchet ${argv.join(' ')} ended with ${done.status}:\n${done.stderr}`);
  return done.stdout.trimEnd().split('\n').at(-1);
}

function exampleCopy() {
  const directory = join(process.cwd(), place, 'shop');
  rmSync(directory, { recursive: true, force: true });
  cpSync('examples/shop', directory, { recursive: true, filter: (name) => !name.includes('node_modules') });
  const git = (...argv) =>
    execFileSync('git', ['-c', 'user.name=shots', '-c', 'user.email=shots@localhost', ...argv], {
      cwd: directory,
    });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  return directory;
}

const path = execFileSync(process.execPath, ['scripts/browser.mjs'], { encoding: 'utf8' }).trim();
if (path === '') process.exit(0);
mkdirSync(place, { recursive: true });
if (own) ratchet('improve', exampleCopy(), '--max', '4', '--json');
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
try {
  await shoot();
} finally {
  await browser.close();
  if (own) ratchet('down');
}

async function shoot() {
  const { url } = JSON.parse(ratchet('open', '--json'));
  const base = new URL(url).origin;
  const token = readFileSync(join(environment.RATCHET_HOME, 'token'), 'utf8').trim();
  const read = async (address) =>
    (await (await fetch(base + address, { headers: { authorization: `Bearer ${token}` } })).json()).items;
  const [proposal] = await read('/api/proposals');
  const [cycle] = await read('/api/cycles');
  const [session] = await read('/api/sessions');
  const pages = {
    home: '/',
    review: '/review',
    'review-refused': '/review?show=refused',
    proposal: `/proposals/${proposal?.id}`,
    cycles: '/cycles',
    cycle: `/cycles/${cycle?.cycleId}`,
    changes: '/changes',
    findings: '/findings',
    chat: session === undefined ? '/chat' : `/chat/${session.id}`,
    nights: '/nights',
    audit: '/audit',
    settings: '/settings',
  };
  const state = await signedIn(url);
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1440, 390]) {
      const context = await browser.newContext({
        viewport: { width, height: width === 390 ? 844 : 900 },
        ...{ colorScheme, storageState: state, reducedMotion: 'reduce' },
      });
      const page = await context.newPage();
      for (const [name, address] of Object.entries(pages)) {
        if (only.length > 0 && !only.includes(name)) continue;
        await page.goto(base + address);
        await page.locator('h1').waitFor();
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
        await page.screenshot({ path: join(place, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      await context.close();
    }
  }
  console.log(`${place}: ${Object.keys(pages).length} pages`);
}

async function signedIn(url) {
  const context = await browser.newContext({ colorScheme: 'light', viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(new URL(url).origin);
  await page.locator('h1').waitFor();
  await page.screenshot({ path: join(place, 'sign-in-1440-light.png') });
  await page.goto('about:blank');
  await page.goto(url);
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  return context.storageState();
}
