import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { faults } from '../../src/errors.js';
import { nonRetryable } from '../../src/workflows/policy.js';
import { histories, quietRuntime, workflowBundle } from './harness.js';

const names = readdirSync(histories).filter((name) => name.endsWith('.json'));

beforeAll(quietRuntime);

describe('golden histories', () => {
  it('are there for every path', () => {
    expect(names.length).toBeGreaterThanOrEqual(9);
  });

  it.each(names)('%s replays without a server', async (name) => {
    const history: unknown = JSON.parse(readFileSync(join(histories, name), 'utf8'));
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
  });

  it('notices a workflow that does something else', async () => {
    const name = names.find((one) => one.startsWith('proposal-landed'));
    const text = readFileSync(join(histories, name ?? ''), 'utf8').replaceAll(
      '"name":"verify"',
      '"name":"somethingElse"',
    );
    await expect(
      Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, JSON.parse(text)),
    ).rejects.toThrow(/Determinism|Nondeterminism|TMPRL1100/);
  });
});

describe('retry table of the workflows', () => {
  it('is the table of the faults', () => {
    const expected = Object.entries(faults)
      .filter(([, { retryable }]) => !retryable)
      .map(([code]) => code);
    expect(nonRetryable.toSorted()).toEqual(expected.toSorted());
  });
});
