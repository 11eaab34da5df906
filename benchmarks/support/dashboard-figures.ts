/** What a browser shows of the dashboard: its weight, the first paint, and long tasks while a large diff is scrolled. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../test/dashboard/browser.js';
import { median } from './figures.js';

/** Scripts and styles of the first load, gzipped, kB. */
export function bundleKb(): number {
  const directory = join('dist', 'web', 'assets');
  const files = readdirSync(directory).filter((name) => /\.(js|css)$/.test(name));
  const bytes = files.map((name) => gzipSync(readFileSync(join(directory, name)), { level: 9 }).length);
  return bytes.reduce((sum, one) => sum + one, 0) / 1_000;
}

/** The longest task of the main thread while `act` runs, ms; 0 when none took 50 ms. */
async function longestTask(page: Page, act: () => Promise<void>): Promise<number> {
  // As text: these names are the browser's, not Node's.
  await page.evaluate(`globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(duration);
    }).observe({ type: 'longtask' });`);
  await act();
  await page.waitForTimeout(500);
  return page.evaluate<number>('Math.max(0, ...longTasks)');
}

export interface BrowserFigures {
  readonly firstPaintMs: number;
  readonly diffShownMs: number;
  readonly scrollLongestTaskMs: number;
}

/** @param link signs in once; null when there is no browser */
export async function browserFigures(link: string, proposal: string): Promise<BrowserFigures | null> {
  const browser = await openBrowser();
  if (browser === null) return null;
  try {
    const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
    const page = await context.newPage();
    await page.goto(link);
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    const { origin } = new URL(link);
    const paints: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      await page.goto(`${origin}/`);
      await page.locator('h1').waitFor();
      await page.waitForTimeout(300);
      paints.push(
        await page.evaluate(
          () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
        ),
      );
    }
    const from = performance.now();
    await page.goto(`${origin}/proposals/${proposal}?diff=unified`);
    await page.locator('.diff tr').last().waitFor({ state: 'attached' });
    const diffShownMs = performance.now() - from;
    await page.waitForTimeout(1_000);
    const scrollLongestTaskMs = await longestTask(page, async () => {
      await page.mouse.move(700, 500);
      for (let step = 0; step < 120; step += 1) {
        await page.mouse.wheel(0, 400);
        await page.waitForTimeout(16);
      }
    });
    return { firstPaintMs: median(paints), diffShownMs, scrollLongestTaskMs };
  } finally {
    await browser.close();
  }
}
