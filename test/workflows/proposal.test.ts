import { WorkflowNotFoundError } from '@temporalio/client';
import type { ProposalStatus } from '../../src/activities/types.js';
import {
  cycleStatusQuery,
  decideUpdate,
  proposalStatusQuery,
  resumeSignal,
  stopSignal,
  workflowIds,
} from '../../src/workflows/messages.js';
import { startHarness, type WorkflowHarness } from './harness.js';
import { acceptedOn, repository, summaryOf } from './scripted-activities.js';

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
}, 120_000);
afterAll(async () => {
  await harness.close();
});

const proposalHandle = (id: string) => harness.client.workflow.getHandle(workflowIds.proposal(id));

/** Null until the cycle started the proposal's workflow. */
async function statusOf(id: string): Promise<ProposalStatus | null> {
  try {
    return await proposalHandle(id).query(proposalStatusQuery);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

async function until(id: string, stage: ProposalStatus['stage']): Promise<ProposalStatus> {
  const end = Date.now() + 30_000;
  for (;;) {
    const status = await statusOf(id);
    if (status?.stage === stage) return status;
    if (Date.now() > end) throw new Error(`${id} is ${status?.stage ?? 'absent'}, not ${stage}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

const approve = (evidence: string) => ({ approve: true, evidence, by: 'ada', reason: null });

describe('an improvement cycle', () => {
  it('tries what a model wrote after what rules made, says what it cost, and needs none', async () => {
    const written = [{ ...summaryOf('p-written'), proposer: 'model' as const }];
    const note = 'Model-written: written 3 → parses 2; 3 of 24 calls.';
    const script = { proposals: [summaryOf('p-rule')], written: { proposals: written, note } };
    await harness.play(script, async ({ calls }) => {
      const id = await harness.startCycle(repository('three'));
      const result = await harness.client.workflow.getHandle(id).result();
      expect(result).toMatchObject({
        stage: 'finished',
        notes: [note],
        proposals: [
          { id: 'p-rule', ordinal: 1 },
          { id: 'p-written', ordinal: 2, stage: 'awaitingDecision' },
        ],
      });
      expect(calls.filter((call) => call.startsWith('suggest'))).toEqual(['suggest up to 7']);
      await harness.keep(id, 'cycle-written');
    });
  });

  it('tries each proposal, finishes, and leaves accepted ones waiting for a person', async () => {
    const proposals = [summaryOf('p-good'), summaryOf('p-bad')];
    await harness.play({ proposals, refuse: ['p-bad'] }, async ({ calls, records }) => {
      const id = await harness.startCycle(repository('two'));
      const result = await harness.client.workflow.getHandle(id).result();
      expect(result).toMatchObject({
        stage: 'finished',
        base: 'b0',
        proposals: [
          { id: 'p-good', stage: 'awaitingDecision', covered: '12/12' },
          { id: 'p-bad', stage: 'refused', outcome: 'tests: order differs' },
        ],
      });
      expect(calls).not.toContain('apply');
      const audited = records.flatMap((one) => one.audit ?? []).map((note) => note.action);
      expect(audited).toEqual(
        expect.arrayContaining(['cycle.started', 'cycle.finished', 'proposal.refused']),
      );
      await harness.keep(id, 'cycle-finished');
      await harness.keep(workflowIds.proposal('p-bad'), 'proposal-refused');

      const evidence = acceptedOn('b0').evidence;
      const handle = proposalHandle('p-good');
      await expect(handle.executeUpdate(decideUpdate, { args: [approve('f'.repeat(64))] })).rejects.toThrow();
      await handle.executeUpdate(decideUpdate, { args: [approve(evidence)] });
      await expect(handle.executeUpdate(decideUpdate, { args: [approve(evidence)] })).rejects.toThrow();
      expect(await handle.result()).toMatchObject({
        stage: 'landed',
        changeId: 'ch-1',
        decision: { by: 'ada' },
      });
      await harness.keep(workflowIds.proposal('p-good'), 'proposal-landed');
    });
  });

  it('ends by a fault with its code and mend when preparing fails', async () => {
    await harness.play({ prepareFault: 'NOT_A_REPOSITORY' }, async () => {
      const id = await harness.startCycle(repository('no-git'));
      const handle = harness.client.workflow.getHandle(id);
      await expect(handle.result()).rejects.toThrow();
      expect(await handle.query(cycleStatusQuery)).toMatchObject({
        stage: 'failed',
        fault: {
          code: 'NOT_A_REPOSITORY',
          message: 'scripted NOT_A_REPOSITORY',
          where: 'here',
          mend: 'Mend it.',
        },
      });
      await harness.keep(id, 'cycle-failed');
    });
  });

  it('stops running trials and cleans up', async () => {
    await harness.play({ hang: true, proposals: [summaryOf('p-hang')] }, async ({ calls }) => {
      const id = await harness.startCycle(repository('hang'));
      await until('p-hang', 'trialling');
      await harness.client.workflow.getHandle(id).signal(stopSignal, { by: 'ada', reason: 'enough' });
      expect(await harness.client.workflow.getHandle(id).result()).toMatchObject({
        stage: 'stopped',
        stopped: { by: 'ada' },
      });
      expect(await proposalHandle('p-hang').result()).toMatchObject({ stage: 'stopped' });
      expect(calls.filter((call) => call === 'cleanUp')).toHaveLength(2);
      await harness.keep(id, 'cycle-stopped');
      await harness.keep(workflowIds.proposal('p-hang'), 'proposal-stopped');
    });
  });
});

describe('a proposal', () => {
  const waiting = async (name: string, timeoutMs?: number): Promise<string> => {
    await harness.startCycle(repository(name, timeoutMs));
    await until(`p-${name}`, 'awaitingDecision');
    return acceptedOn('b0').evidence;
  };

  it('is tried again when the target branch moved, and lands on the new tip', async () => {
    const apply = (call: number) =>
      call === 0
        ? ({ kind: 'moved', tip: 'b1' } as const)
        : ({ kind: 'landed', changeId: 'ch-2', commit: 'c2' } as const);
    await harness.play({ proposals: [summaryOf('p-moved')], apply }, async ({ calls }) => {
      const evidence = await waiting('moved');
      await proposalHandle('p-moved').executeUpdate(decideUpdate, { args: [approve(evidence)] });
      expect(await proposalHandle('p-moved').result()).toMatchObject({
        stage: 'landed',
        base: 'b1',
        commit: 'c2',
      });
      expect(calls.filter((call) => call === 'trial')).toHaveLength(2);
      await harness.keep(workflowIds.proposal('p-moved'), 'proposal-moved');
    });
  });

  it('is rolled back by itself when the landed commit does not verify', async () => {
    const verify = () => ({ kind: 'broken', reason: 'cart.test.ts is red' }) as const;
    await harness.play({ proposals: [summaryOf('p-broken')], verify }, async () => {
      const evidence = await waiting('broken');
      await proposalHandle('p-broken').executeUpdate(decideUpdate, { args: [approve(evidence)] });
      const ended = await proposalHandle('p-broken').result();
      expect(ended).toMatchObject({
        stage: 'rolledBack',
        outcome: 'Rolled back by itself: cart.test.ts is red',
      });
      await harness.keep(workflowIds.proposal('p-broken'), 'proposal-rolled-back');
    });
  });

  it('is rejected by time-out', async () => {
    await harness.play({ proposals: [summaryOf('p-late')] }, async ({ calls }) => {
      await harness.startCycle(repository('late', 1_000));
      await until('p-late', 'expired');
      expect(calls).not.toContain('apply');
      await proposalHandle('p-late').result();
      await harness.keep(workflowIds.proposal('p-late'), 'proposal-expired');
    });
  });

  it('goes on waiting for a person when everything is stopped', async () => {
    await harness.play({ proposals: [summaryOf('p-waits')] }, async () => {
      await waiting('waits');
      await proposalHandle('p-waits').signal(stopSignal, { by: 'ada', reason: 'enough' });
      expect(await proposalHandle('p-waits').query(proposalStatusQuery)).toMatchObject({
        stage: 'awaitingDecision',
      });
    });
  });

  it('ends as stopped when the worker saw the stop flag, even with no signal', async () => {
    await harness.play({ proposals: [summaryOf('p-flag')], trialFault: 'STOPPED' }, async () => {
      const id = await harness.startCycle(repository('flag'));
      await until('p-flag', 'stopped');
      expect(await harness.client.workflow.getHandle(id).result()).toMatchObject({ stage: 'finished' });
    });
  });

  it('verifies after the stop was lifted when it landed just before', async () => {
    const verify = (call: number) => (call === 0 ? 'STOPPED' : ({ kind: 'verified', tests: 3 } as const));
    await harness.play({ proposals: [summaryOf('p-resume')], verify }, async ({ calls }) => {
      const evidence = await waiting('resume');
      await proposalHandle('p-resume').executeUpdate(decideUpdate, { args: [approve(evidence)] });
      const status = await until('p-resume', 'verifying');
      expect(status.commit).not.toBeNull();
      while (!calls.includes('verify')) await new Promise((resolve) => setTimeout(resolve, 50));
      await proposalHandle('p-resume').signal(resumeSignal);
      expect(await proposalHandle('p-resume').result()).toMatchObject({ stage: 'landed' });
      await harness.keep(workflowIds.proposal('p-resume'), 'proposal-resumed');
    });
  });
});
