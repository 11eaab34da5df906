/**
 * kill -9 at named points: the cycle ends as it would have, with one commit per change and nothing left over. Points
 * inside activities are hit by RATCHET_CRASH_AT; a crash between a person's steps is made by the test itself.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProposalStatus } from '../../src/activities/types.js';
import type { Change } from '../../src/versioning/types.js';
import {
  changesOf,
  createProduct,
  fingerprintOf,
  git,
  tinyRepository,
  type Product,
  type Summary,
} from './product.js';

type Target = 'worker' | 'api' | 'redis' | 'temporal';

/** One cycle per row; each point is hit once, in the order of the cycle. */
const rows: readonly { readonly name: string; readonly points: readonly string[] }[] = [
  {
    name: 'the worker',
    points: [
      'measureBaseline:end=worker',
      'trial:start=worker',
      'apply:check-1=worker',
      'apply:end=worker',
      'rollBack:check-1=worker',
    ],
  },
  {
    name: 'Temporal',
    points: [
      'prepare:end=temporal',
      'trial:end=temporal',
      'apply:check-1=temporal',
      'verify:start=temporal',
      'rollBack:end=temporal',
    ],
  },
  {
    name: 'Redis and the API',
    points: [
      'analyse:end=redis',
      'trial:start=api',
      'apply:end=redis',
      'verify:start=api',
      'rollBack:start=redis',
    ],
  },
];

function kill(product: Product, name: Target): void {
  const pid = product.stack().processes.find((one) => one.name === name)?.pid;
  if (pid === undefined || pid === null) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGKILL');
}

function leftovers(product: Product): string[] {
  const list = (name: string) => {
    const directory = join(product.home, name);
    return existsSync(directory) ? readdirSync(directory) : [];
  };
  return [
    ...list('workspaces').filter((name) => !name.startsWith('.')),
    ...list('scratch/trials'),
    ...list('scratch/verify'),
  ];
}

/** A clean-up whose worker was killed is taken up again when its heartbeat is missed, after 10 s and more. */
async function settledLeftovers(product: Product): Promise<string[]> {
  const until = Date.now() + 90_000;
  let left = leftovers(product);
  while (left.length > 0 && Date.now() < until) {
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    left = leftovers(product);
  }
  return left;
}

describe.each(rows)('kill -9 of $name', ({ points }) => {
  let product: Product;
  let target: string;
  beforeAll(() => {
    target = tinyRepository();
    product = createProduct({ RATCHET_CRASH_AT: points.join(',') });
  });
  afterAll(async () => {
    await product.stop();
  });

  it(`at ${points.length} points and between the steps: one commit, verified, rolled back, nothing left`, async () => {
    const before = fingerprintOf(target);
    const summary = await product.json<Summary>(['improve', target]);
    expect(summary).toMatchObject({ kind: 'summary', stage: 'finished' });
    const [waiting] = summary.proposals.filter((one) => one.stage === 'awaitingDecision');
    expect(waiting).toBeDefined();
    const { id, evidence } = waiting as ProposalStatus;

    // Nothing runs while a person thinks: every process may die here.
    for (const name of ['worker', 'redis', 'api', 'temporal'] as const) kill(product, name);
    const landed = await product.json<ProposalStatus>(['approve', id, '--evidence', evidence ?? '']);
    expect(landed).toMatchObject({ id, stage: 'landed' });
    expect(git(target, 'rev-list', '--count', 'main..ratchet/improvements')).toBe('1');

    kill(product, 'worker');
    const undone = await product.json<Change>([
      'rollback',
      landed.changeId ?? '',
      '--reason',
      'crash matrix',
    ]);
    expect(undone).toMatchObject({ state: 'rolledBack' });
    expect(git(target, 'diff', '--stat', 'main', 'ratchet/improvements')).toBe('');
    expect(await changesOf(product)).toHaveLength(1);

    expect(await product.json(['audit', 'verify'])).toMatchObject({ kind: 'intact' });
    expect(fingerprintOf(target)).toBe(before);
    expect(await settledLeftovers(product)).toEqual([]);
    const crashed = readdirSync(join(product.home, 'scratch')).filter((name) => name.startsWith('crashed-'));
    expect(crashed).toHaveLength(points.length);
    const actions = readFileSync(join(product.home, 'audit.jsonl'), 'utf8').trim().split('\n');
    const landings = actions.filter((line) => line.includes('"change.landed"'));
    expect(landings).toHaveLength(1);
  }, 1_200_000);
});
