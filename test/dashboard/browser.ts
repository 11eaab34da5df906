/** A Chromium for these tests, found or installed by the project's own script; null when there can be none. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';

const root = join(import.meta.dirname, '../..');
const findMs = 600_000;
export const patienceMs = 60_000;

/** Says loudly why there is none. */
export async function openBrowser(): Promise<Browser | null> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/browser.mjs'], {
      ...{ cwd: root, encoding: 'utf8', timeout: findMs },
    });
    const executablePath = stdout.trim();
    if (executablePath === '') throw new Error('none was found, and none could be installed');
    const { chromium } = await import('playwright-core');
    return await chromium.launch({ executablePath, args: ['--no-sandbox'], timeout: patienceMs });
  } catch (error) {
    console.warn(`NO BROWSER: the dashboard's browser tests are SKIPPED. ${String(error)}`);
    return null;
  }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the present page, as "rule: element". */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as typeof globalThis & {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
      };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 200)}`,
      ),
    );
  });
}
