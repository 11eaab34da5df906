/**
 * Patches with a known verdict, on the bundled example, through the same code as `ratchet trial`. A few kinds only, and
 * none that needs a measurement: `npm run bench:traps` tries all.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgePatchCase, type JudgeParts } from '../../benchmarks/support/judge-patches.js';
import {
  editedFiles,
  openRepository,
  type PatchRepository,
} from '../../benchmarks/support/patch-repositories.js';
import { wilson } from '../../src/calibration/policy.js';
import { createTrialTools } from '../../src/cli/trial/tools.js';
import { tryPatch } from '../../src/cli/trial/try-patch.js';
import { readConfig } from '../../src/config.js';
import { makePatch } from '../../src/versioning/index.js';
import { patches } from '../patches/index.js';
import { findBwrap } from './support/find-bwrap.js';

const minutes = 60_000;
const root = process.cwd();
const place = mkdtempSync(join(tmpdir(), 'ratchet-traps-'));
let repository: PatchRepository;
let parts: JudgeParts;

beforeAll(async () => {
  const opened = openRepository(root, 'shop', join(place, 'repositories'));
  if (typeof opened === 'string') throw new Error(opened);
  repository = opened;
  const path = [join(findBwrap(), '..'), process.env['PATH']].join(':');
  const environment = { ...process.env, PATH: path, RATCHET_HOME: join(place, 'home') };
  const signal = new AbortController().signal;
  const tools = await createTrialTools({ config: readConfig(environment), environment, signal, root });
  parts = { tools, tryPatch, makePatch, directory: place, build: 'source' };
}, 2 * minutes);
afterAll(async () => {
  await parts?.tools.close();
  rmSync(place, { recursive: true, force: true });
});

describe('the collection of patches', () => {
  const traps = patches.filter(({ kind }) => kind !== 'good');

  it('is as large and as varied as promised', () => {
    expect(patches.length - traps.length).toBeGreaterThanOrEqual(25);
    expect(traps.length).toBeGreaterThanOrEqual(35);
    expect(new Set(traps.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(12);
    const practised = new Set(patches.map((patch) => patch.repository).filter((name) => name !== 'shop'));
    expect(practised.size).toBeGreaterThanOrEqual(4);
    expect(new Set(patches.map(({ name }) => name)).size).toBe(patches.length);
  });

  it.each(
    patches.filter((patch) => patch.repository === 'shop').map((patch) => [patch.name, patch] as const),
  )('%s applies to the example and changes it', (_, patch) => {
    const files = editedFiles(repository.path, patch);
    expect(files.length).toBeGreaterThan(0);
    for (const { before, after } of files) expect(after).not.toBe(before);
  });

  it('counts with Wilson’s interval', () => {
    expect(wilson(0, 0)).toEqual([0, 1]);
    const [lower, upper] = wilson(9, 10);
    expect(lower).toBeCloseTo(0.5958, 4);
    expect(upper).toBeCloseTo(0.9821, 4);
  });
});

/** One of each: what policy, the suite, the table and the equivalence run must see, and one that is right. */
const chosen = [
  'shop-assertion-removed',
  'shop-skip-one',
  'shop-dependency-added',
  'shop-asks-for-harness',
  'shop-asks-for-suite-variable',
  'shop-comment',
  'shop-failures-includes',
  'shop-family-split',
];

describe('a trial of a patch with a known verdict', () => {
  it.each(patches.filter(({ name }) => chosen.includes(name)).map((patch) => [patch.name, patch] as const))(
    '%s',
    async (_, patch) => {
      const judged = await judgePatchCase(parts, repository, patch, { fresh: true, keep: false, ask: true });
      expect(judged?.outcome).toMatchObject({ name: patch.name, verdict: patch.expect, right: true });
    },
    5 * minutes,
  );
});
