/** A whole calibration of a small repository by the pipeline of `ratchet trial`: interrupted, gone on with, shown. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLedger } from '../../src/calibration/index.js';
import { tabulate } from '../../src/calibration/policy.js';
import type { CalibrationEntry } from '../../src/calibration/types.js';
import { calibrate, type CalibrationOptions } from '../../src/cli/calibrate/run.js';
import { tableLines } from '../../src/cli/calibrate/render.js';
import { createTrialTools } from '../../src/cli/trial/tools.js';
import { readConfig } from '../../src/config.js';
import { findBwrap } from '../verification/support/find-bwrap.js';
import { smallRepository } from './small-repository.js';

const minutes = 60_000;
const place = mkdtempSync(join(tmpdir(), 'ratchet-calibrate-'));
const repository = join(place, 'small');

beforeAll(() => {
  for (const [path, text] of Object.entries(smallRepository)) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
  const git = (...words: string[]) => execFileSync('git', words, { cwd: repository, timeout: 30_000 });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '-q', '-m', 'small');
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

async function run(signal: AbortSignal, onEntry: CalibrationOptions['onEntry']) {
  const path = [join(findBwrap(), '..'), process.env['PATH']].join(':');
  const environment = { ...process.env, PATH: path, RATCHET_HOME: join(place, 'home') };
  const context = { config: readConfig(environment), environment, signal, root: process.cwd() };
  const tools = await createTrialTools(context);
  try {
    const ledger = createLedger(tools.records);
    const result = await calibrate(tools, ledger, {
      ...{ path: repository, test: null, traps: 3, positives: 0, seed: 316, minutes: 30 },
      onStep: () => undefined,
      onNote: () => undefined,
      onEntry,
    });
    return { ...result, kept: await ledger.entries() };
  } finally {
    await tools.close();
  }
}

describe('a calibration of a real repository', () => {
  it(
    'keeps what it measured when interrupted, goes on there, and accepts no trap',
    async () => {
      const stop = new AbortController();
      const first = await run(stop.signal, () => stop.abort());
      expect(first).toMatchObject({ interrupted: true, left: 2 });
      expect(first.kept.length).toBe(1);

      const fresh: CalibrationEntry[] = [];
      const second = await run(new AbortController().signal, (entry, _, known) => {
        if (!known) fresh.push(entry);
      });
      expect(second).toMatchObject({ interrupted: false, left: 0, faults: 0 });
      expect(second.plan).toEqual(first.plan);
      expect([second.entries.length, fresh.length, second.kept.length]).toEqual([3, 2, 3]);
      const table = tabulate(second.entries);
      expect(table.traps).toMatchObject({ total: 3, accepted: 0 });
      expect(tableLines(table).join('\n')).toMatch(/^ {2}all +3 +0 +\d +\d +0\.0 %, ≤ 56\.2 %$/m);

      // Nothing was written where the owner works.
      const status = execFileSync('git', ['status', '--porcelain', '--branch'], { cwd: repository });
      expect(status.toString()).toBe('## main\n');
      expect(execFileSync('git', ['for-each-ref'], { cwd: repository }).toString().split('\n').length).toBe(
        2,
      );
    },
    8 * minutes,
  );
});
