import { queues } from '../../src/activities/types.js';
import type { NightInput, NightStatus } from '../../src/activities/night-types.js';
import { nightStatusQuery, stopSignal, workflowIds } from '../../src/workflows/messages.js';
import { startHarness, type WorkflowHarness } from './harness.js';
import { repository, summaryOf } from './scripted-activities.js';

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
}, 120_000);
afterAll(async () => {
  await harness.close();
});

const start = (schedule: string, budget: Partial<NightInput['budget']> = {}) => {
  const input: NightInput = {
    schemaVersion: 1,
    schedule,
    repositories: [],
    times: { at: '04:00', days: [], cron: null, everyMs: null, timezone: 'UTC' },
    budget: { maxProposals: 2, totalProposals: 10, windowMs: 3_600_000, ...budget },
  };
  return harness.client.workflow.start<(night: NightInput) => Promise<NightStatus>>('nightly', {
    workflowId: workflowIds.night(schedule),
    taskQueue: queues.main,
    args: [input],
  });
};
const plan = (...ids: string[]) => ({
  repositories: ids.map((id) => repository(id)),
  missing: [],
  stopped: null,
});

async function until(what: string, done: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!done()) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

describe('a night', () => {
  it('takes its repositories in turn; one that fails keeps no other from its turn', async () => {
    const night = { ...plan('one-a', 'one-b', 'one-c'), missing: ['gone'] };
    await harness.play({ night, unprepared: ['one-b'] }, async ({ nights }) => {
      const ended = await (await start('shops')).result();
      expect(ended).toMatchObject({ stage: 'finished', missing: ['gone'], stopped: null });
      expect(ended.rows.map(({ name, outcome }) => [name, outcome])).toEqual([
        ['one-a', 'finished'],
        ['one-b', 'failed'],
        ['one-c', 'finished'],
      ]);
      expect(ended.rows[0]).toMatchObject({ findings: 31, proposals: [{ stage: 'awaitingDecision' }] });
      expect(ended.rows[1]).toMatchObject({ fault: { code: 'NO_TESTS', mend: 'Mend it.' } });
      expect(nights.at(-1)).toEqual(ended);
      await harness.keep(workflowIds.night('shops'), 'night-finished');
    });
  }, 120_000);

  it('starts nothing once its proposals are used up, or its window has ended', async () => {
    await harness.play({ night: plan('two-a', 'two-b'), proposals: [summaryOf('p-two')] }, async () => {
      const spent = await (await start('spent', { totalProposals: 1 })).result();
      expect(spent.rows[1]).toMatchObject({
        outcome: 'skipped',
        reason: 'the night’s proposals were used up',
      });
    });
    await harness.play({ night: plan('three-a') }, async ({ calls }) => {
      const late = await (await start('late', { windowMs: 0 })).result();
      expect(late.rows).toMatchObject([{ outcome: 'skipped', reason: 'the night’s window had ended' }]);
      expect(calls).toEqual([]);
    });
  }, 120_000);

  it('fails, after writing its summary, when cycles ran and none finished', async () => {
    await harness.play({ night: plan('four-a', 'four-b'), prepareFault: 'NO_TESTS' }, async ({ nights }) => {
      await expect((await start('broken')).result()).rejects.toMatchObject({
        cause: { type: 'NIGHT_FAILED' },
      });
      expect(nights.at(-1)).toMatchObject({
        stage: 'failed',
        rows: [{ outcome: 'failed' }, { outcome: 'failed' }],
      });
      await harness.keep(workflowIds.night('broken'), 'night-failed');
    });
  }, 120_000);

  it('skips a repository of which a cycle is running already', async () => {
    await harness.play({ night: plan('five-a'), hang: true }, async ({ calls }) => {
      const cycle = await harness.startCycle(repository('five-a'));
      await until('a trial runs', () => calls.includes('trial'));
      const ended = await (await start('overlap')).result();
      expect(ended.rows).toMatchObject([{ outcome: 'skipped', reason: 'a cycle of it was running already' }]);
      await harness.client.workflow.getHandle(cycle).signal(stopSignal, { by: 'test', reason: 'enough' });
      await harness.client.workflow.getHandle(cycle).result();
    });
  }, 120_000);

  it('is stopped with its running cycle, and names what did not get its turn', async () => {
    await harness.play({ night: plan('six-a', 'six-b'), hang: true }, async ({ calls }) => {
      const handle = await start('stopped');
      await until('a trial runs', () => calls.includes('trial'));
      expect(await handle.query(nightStatusQuery)).toMatchObject({ stage: 'running' });
      await handle.signal(stopSignal, { by: 'maria', reason: 'too early' });
      const ended = await handle.result();
      expect(ended).toMatchObject({ stage: 'stopped', stopped: { by: 'maria' } });
      expect(ended.rows.map(({ name, outcome }) => [name, outcome])).toEqual([
        ['six-a', 'stopped'],
        ['six-b', 'skipped'],
      ]);
      await harness.keep(workflowIds.night('stopped'), 'night-stopped');
    });
  }, 120_000);
});
