/** Stop means stop: within 5 s, with Temporal down and with Redis down, and nothing lands until it is lifted. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProposalStatus } from '../../src/activities/types.js';
import { createProduct, git, repositoryOf, tinyRepository, type Product, type Summary } from './product.js';

let product: Product;
beforeAll(() => {
  product = createProduct();
});
afterAll(async () => {
  await product.stop();
});

/** A suite that would run for minutes. */
const slowRepository = (mark: string): string =>
  repositoryOf({
    'package.json': JSON.stringify({
      name: 'slow',
      version: '1.0.0',
      type: 'module',
      scripts: { test: 'node --test' },
    }),
    'slow.test.js': `import { test } from 'node:test';\ntest('${mark}', async () => { await new Promise((resolve) => setTimeout(resolve, 120_000)); });\n`,
    [`${mark}.test.js`]: `import { test } from 'node:test';\ntest('x', async () => { await new Promise((resolve) => setTimeout(resolve, 120_000)); });\n`,
  });

const running = (mark: string): boolean => {
  try {
    return execFileSync('pgrep', ['-f', `${mark}.test.js`], { encoding: 'utf8' }).trim() !== '';
  } catch {
    // pgrep exits with 1 when nothing matches: the answer that this test waits for.
    return false;
  }
};

async function until(condition: () => boolean, ms: number): Promise<number> {
  const started = Date.now();
  while (!condition()) {
    if (Date.now() - started > ms) throw new Error(`not within ${ms} ms`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  return Date.now() - started;
}

async function stopWhileRunning(mark: string, meanwhile: () => void): Promise<number> {
  const cycle = product.run(['improve', slowRepository(mark), '--json']);
  await until(() => running(mark), 240_000);
  meanwhile();
  const stopped = product.run(['stop', '--reason', 'enough']);
  // A busy machine takes seconds to start a command; the promise counts from the moment when the stop is set.
  await until(() => existsSync(join(product.home, 'STOP')), 60_000);
  const ms = await until(() => !running(mark), 5_000);
  expect((await stopped).code).toBe(0);
  const ended = await cycle;
  expect(ended.code).toBe(130);
  return ms;
}

const kill = (name: string): void => {
  const pid = product.stack().processes.find((one) => one.name === name)?.pid;
  if (typeof pid === 'number') process.kill(pid, 'SIGKILL');
};

describe('emergency stop', () => {
  // Also after a test that failed half way: the next one begins without a stop.
  afterEach(async () => {
    await product.run(['resume']);
  }, 60_000);

  it('ends running suites with everything up', async () => {
    await stopWhileRunning('allup', () => undefined);
  }, 420_000);

  it('ends running suites with Temporal down', async () => {
    await stopWhileRunning('notemporal', () => kill('temporal'));
  }, 420_000);

  it('ends running suites with Redis down', async () => {
    await stopWhileRunning('noredis', () => kill('redis'));
  }, 420_000);

  it('lets nothing land until it is lifted', async () => {
    const target = tinyRepository();
    const summary = await product.json<Summary>(['improve', target]);
    const waiting = summary.proposals.find((one) => one.stage === 'awaitingDecision') as ProposalStatus;
    await product.run(['stop', '--reason', 'hold on']);
    const refused = await product.run(['approve', waiting.id, '--evidence', waiting.evidence ?? '']);
    expect(refused.stderr).toMatch(/emergency stop/);
    expect(refused.code).toBe(130);
    expect((await product.run(['improve', target])).code).toBe(130);
    expect(git(target, 'branch', '--list', 'ratchet/*')).toBe('');
    await product.run(['resume']);
    const landed = await product.json<ProposalStatus>([
      'approve',
      waiting.id,
      '--evidence',
      waiting.evidence ?? '',
    ]);
    expect(landed.stage).toBe('landed');
  }, 900_000);
});
