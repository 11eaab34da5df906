/** A stop that comes while proposals are being started: the cycle ends all the same, and so does each of them. */
import type { CycleStatus } from '../../src/activities/types.js';
import { stopSignal, workflowIds } from '../../src/workflows/messages.js';
import { startHarness, type WorkflowHarness } from './harness.js';
import { repository, summaryOf } from './scripted-activities.js';

const rounds = 4;
const width = 12;
const waitMs = 60_000;
let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
}, 120_000);
afterAll(async () => {
  await harness.close();
});

/** The result, or null when the workflow still runs after a minute. */
async function endOf<T>(workflowId: string): Promise<T | null> {
  const handle = harness.client.workflow.getHandle(workflowId);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), waitMs);
  });
  const ended = await Promise.race([handle.result() as Promise<T>, late]);
  clearTimeout(timer);
  return ended;
}

describe('a stop while children are being started', () => {
  it.each(Array.from({ length: rounds }, (_, round) => round))(
    'ends the cycle, round %i',
    async (round) => {
      const proposals = Array.from({ length: width }, (_, index) => summaryOf(`race-${round}-${index}`));
      await harness.play({ hang: true, proposals }, async ({ calls }) => {
        const cycle = await harness.startCycle(repository(`race-${round}`), width);
        const end = Date.now() + waitMs;
        // The first trial runs while the others are still being started, one after the other.
        while (calls.filter((call) => call === 'trial').length <= round && Date.now() < end) {
          await new Promise((resolve) => {
            setTimeout(resolve, 2);
          });
        }
        const stop = { by: 'test', reason: 'in the middle of starting' };
        await harness.client.workflow.getHandle(cycle).signal(stopSignal, stop);
        const ended = await endOf<CycleStatus>(cycle);
        expect(ended).toMatchObject({ stage: 'stopped', stopped: stop });
        const started = calls.filter((call) => call === 'trial').length;
        for (const { id } of proposals.slice(0, started)) {
          expect(await endOf(workflowIds.proposal(id))).toMatchObject({ stage: 'stopped' });
        }
      });
    },
    180_000,
  );
});
