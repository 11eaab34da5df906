/** A schedule that fires for real: a quiet repository night after night, and one that fails and pauses its schedule. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NightStatus, ScheduleView } from '../../src/activities/night-types.js';
import { createProduct, type Product } from './product.js';

const waitMs = 180_000;
let product: Product;
let place: string;

/** A repository of two files with one test and nothing to improve; without a test its cycle fails. */
function tinyRepository(name: string, hasTests: boolean): string {
  const directory = join(place, name);
  execFileSync('git', ['init', '-q', '-b', 'main', directory]);
  const scripts = hasTests ? { test: 'node --test' } : {};
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', type: 'module', scripts }),
  );
  writeFileSync(join(directory, 'index.js'), 'export const one = 1;\n');
  if (hasTests) {
    writeFileSync(
      join(directory, 'index.test.js'),
      `import test from 'node:test';\nimport { one } from './index.js';\ntest('one', () => { if (one !== 1) throw new Error('no'); });\n`,
    );
  }
  execFileSync('git', ['-C', directory, 'add', '.']);
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
  execFileSync('git', ['-C', directory, ...who, 'commit', '-q', '-m', 'one']);
  return directory;
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + waitMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  }
}

const scheduleNamed = async (name: string): Promise<ScheduleView | undefined> => {
  const { items } = await product.json<{ items: ScheduleView[] }>(['schedule', 'list']);
  return items.find((one) => one.name === name);
};
const nightsOf = async (name: string): Promise<NightStatus[]> => {
  const { items } = await product.json<{ items: NightStatus[] }>(['schedule', 'nights']);
  return items.filter((one) => one.schedule === name);
};

beforeAll(() => {
  product = createProduct();
  place = mkdtempSync(join(tmpdir(), 'ratchet-nights-'));
});
afterAll(async () => {
  await product.stop();
  rmSync(place, { recursive: true, force: true });
});

describe('a schedule of seconds', () => {
  it('fires, is skipped while its night runs, and leaves a summary that says the night was quiet', async () => {
    const repository = tinyRepository('quiet', true);
    const set = await product.json<ScheduleView>([
      'schedule',
      'set',
      repository,
      '--name',
      'quiet',
      '--every',
      '1s',
      '--window',
      '1h',
    ]);
    expect(set).toMatchObject({ name: 'quiet', paused: false });
    const night = await until('a night ended', async () =>
      (await nightsOf('quiet')).find((one) => one.finishedAt !== null),
    );
    expect(night).toMatchObject({
      stage: 'finished',
      rows: [{ name: 'quiet', outcome: 'finished', proposals: [], fault: null }],
      headline: 'a quiet night: nothing to do',
    });
    const paused = await product.json<ScheduleView>(['schedule', 'pause', 'quiet', '--reason', 'enough']);
    expect(paused).toMatchObject({ paused: true, note: expect.stringContaining('enough') as string });
    // A night takes seconds and the schedule fires each second: the firings in between were left out.
    expect(paused.skipped).toBeGreaterThan(0);
    const [report] = readdirSync(join(product.home, 'reports')).filter((file) => file.includes(night.id));
    expect(readFileSync(join(product.home, 'reports', report ?? ''), 'utf8')).toContain('a quiet night');
  }, 600_000);

  it('pauses a schedule whose night failed, and says why', async () => {
    const repository = tinyRepository('broken', false);
    const set = ['schedule', 'set', repository, '--name', 'broken'];
    const bad = await product.run([...set, '--cron', '99 4 * * *']);
    expect([bad.code, bad.stderr]).toEqual([64, expect.stringContaining('refuses the schedule')]);
    const when = ['--at', '04:00', '--days', 'mon-fri,sun', '--timezone', 'Europe/Berlin'];
    const { next, definition } = await product.json<ScheduleView>([...set, ...when]);
    expect(definition.times).toMatchObject({ at: '04:00', days: [1, 2, 3, 4, 5, 0] });
    const berlin = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      hour: '2-digit',
      weekday: 'short',
    });
    // Up to a minute of jitter stays within the hour.
    for (const one of next) expect(berlin.format(new Date(one))).toMatch(/^(?!Sat).*04$/);
    expect(next.length).toBeGreaterThan(0);
    await product.json(['schedule', 'run-now', 'broken']);
    const paused = await until('the schedule is paused', async () => {
      const view = await scheduleNamed('broken');
      return view?.paused === true ? view : undefined;
    });
    expect(paused.note).toMatch(/fail/i);
    const [night] = await nightsOf('broken');
    expect(night).toMatchObject({
      stage: 'failed',
      rows: [{ name: 'broken', outcome: 'failed', fault: { code: 'NO_TESTS' } }],
    });
    await product.json(['schedule', 'remove', 'broken']);
    expect(await scheduleNamed('broken')).toBeUndefined();
  }, 600_000);
});
