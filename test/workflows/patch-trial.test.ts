import type { PatchTrialInput, PatchTrialStatus } from '../../src/activities/types.js';
import { queues } from '../../src/activities/types.js';
import { stopSignal, trialStatusQuery, workflowIds } from '../../src/workflows/messages.js';
import { startHarness, type WorkflowHarness } from './harness.js';
import { digestOf, repository } from './scripted-activities.js';

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
}, 120_000);
afterAll(async () => {
  await harness.close();
});

async function start(id: string) {
  const input: PatchTrialInput = {
    id,
    order: digestOf('0d'),
    repository: repository(`repository-of-${id}`),
    base: null,
    diff: digestOf('df'),
    workload: null,
    claimsGain: true,
    seed: 1,
  };
  return harness.client.workflow.start<(order: PatchTrialInput) => Promise<PatchTrialStatus>>('trial', {
    workflowId: workflowIds.trial(id),
    taskQueue: queues.main,
    args: [input],
  });
}

async function untilRunning(calls: readonly string[]): Promise<void> {
  const end = Date.now() + 30_000;
  while (!calls.includes('tryPatch')) {
    if (Date.now() > end) throw new Error('the gates never started');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

describe('a trial of a patch from outside', () => {
  it('runs the gates, records its end and lands nothing', async () => {
    await harness.play({}, async ({ calls, records }) => {
      const handle = await start('t-accepted');
      expect(await handle.result()).toMatchObject({
        stage: 'finished',
        result: { verdict: 'accepted' },
        gates: [{ gate: 'tests', verdict: 'pass' }],
        fault: null,
      });
      expect(calls).toEqual(['tryPatch', 'cleanUp']);
      expect(records.map((one) => one.patchTrial?.stage)).toEqual(['trialling', 'finished']);
      expect(records.flatMap((one) => one.audit ?? [])).toMatchObject([
        { action: 'trial.finished', subject: 't-accepted', data: { verdict: 'accepted' } },
      ]);
      expect(await handle.query(trialStatusQuery)).toMatchObject({ stage: 'finished' });
      await harness.keep(workflowIds.trial('t-accepted'), 'trial-finished');
    });
  });

  it('is cancelled by a person, and cleans up', async () => {
    await harness.play({ hang: true }, async ({ calls }) => {
      const handle = await start('t-cancelled');
      await untilRunning(calls);
      await handle.cancel();
      expect(await handle.result()).toMatchObject({ stage: 'cancelled', result: null });
      expect(calls.at(-1)).toBe('cleanUp');
      await harness.keep(workflowIds.trial('t-cancelled'), 'trial-cancelled');
    });
  });

  it('ends when everything is stopped', async () => {
    await harness.play({ hang: true }, async ({ calls }) => {
      const handle = await start('t-stopped');
      await untilRunning(calls);
      await handle.signal(stopSignal, { by: 'ada', reason: 'enough' });
      expect(await handle.result()).toMatchObject({ stage: 'stopped' });
      await harness.keep(workflowIds.trial('t-stopped'), 'trial-stopped');
    });
  });

  it('fails with the fault that people read', async () => {
    await harness.play({ trialFault: 'NO_TESTS' }, async ({ records }) => {
      const handle = await start('t-failed');
      await expect(handle.result()).rejects.toThrow();
      expect(records.at(-1)?.patchTrial).toMatchObject({
        stage: 'failed',
        fault: { code: 'NO_TESTS', mend: 'Mend it.' },
      });
      await harness.keep(workflowIds.trial('t-failed'), 'trial-failed');
    });
  });
});
