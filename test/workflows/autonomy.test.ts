/** Earned autonomy through the workflow: the real question over real records, asked by the proposal itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import { askPolicy } from '../../src/activities/ask-policy.js';
import type { ProposalStatus } from '../../src/activities/types.js';
import { granted, revoked, standingOf } from '../../src/calibration/policy.js';
import { createEmergencyStop } from '../../src/safety/index.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';
import { decideUpdate, proposalStatusQuery, workflowIds } from '../../src/workflows/messages.js';
import { entryWith } from '../calibration/entries.js';
import { evidenceWith } from '../verification/review/evidence.js';
import { startHarness, type WorkflowHarness } from './harness.js';
import { acceptedOn, repository, summaryOf, type Script } from './scripted-activities.js';

let harness: WorkflowHarness;
let home: string;
beforeAll(async () => {
  harness = await startHarness();
}, 120_000);
afterAll(async () => {
  await harness.close();
});
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ratchet-autonomy-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A repository with a permission and 200 traps, none of which slipped through. */
async function world(name: string) {
  const records = createRecordStore(join(home, 'records'));
  const artifacts = createArtifactStore(join(home, 'artifacts'));
  const stopFile = join(home, 'STOP');
  const stop = createEmergencyStop({ file: stopFile, redisUrl: null });
  const { id } = repository(name);
  const [file] = [{ path: 'src/a.ts', before: null, after: null, addedLines: 2, removedLines: 2 }];
  const patch = { digest: 'd'.repeat(64), diff: '', files: [file] };
  const evidence = { ...evidenceWith({}), repositoryId: id, claimsGain: true, patch };
  const digest = await artifacts.putJson(evidence);
  const standing = standingOf(evidence);
  for (let index = 0; index < 200; index += 1) {
    const canary = index.toString(16).padStart(64, '0');
    await records.put('calibrations', `trap-${index}`, entryWith({ canary, repositoryId: id, standing }));
  }
  const request = { changeClass: 'gain/small', falseAcceptUpperBound: 0.02, minTraps: 190 } as const;
  const grantedAt = new Date().toISOString();
  await records.put('autonomy', id, granted(null, request, { name: 'ada', at: grantedAt }));
  const policy: NonNullable<Script['policy']> = ({ repositoryId }) =>
    askPolicy({ records, artifacts, stop }, { repositoryId, evidence: digest });
  return { records, policy, id, stopFile };
}

const handle = (id: string) => harness.client.workflow.getHandle(workflowIds.proposal(id));

/** Null until the cycle started the proposal's workflow. */
async function statusOf(id: string): Promise<ProposalStatus | null> {
  try {
    return await handle(id).query(proposalStatusQuery);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Polls; a minute is generous on a busy machine. */
async function until<T>(what: () => Promise<T | null>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await what();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error('nothing came within a minute');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

/** The sentence that a waiting proposal carries, once the policy was asked. */
const waitingWords = (id: string): Promise<string> =>
  until(async () => {
    const status = await statusOf(id);
    const isNew = status?.outcome !== acceptedOn('b0').outcome;
    return status?.stage === 'awaitingDecision' && isNew ? status.outcome : null;
  });

it('lands a change without a person, once its class has earned it, and names who permitted it', async () => {
  const { policy } = await world('earned');
  await harness.play({ proposals: [summaryOf('p-earned')], policy }, async ({ records }) => {
    await harness.startCycle(repository('earned'));
    const landed = await until(async () => {
      const status = await statusOf('p-earned');
      return status?.stage === 'landed' ? status : null;
    });
    expect(landed).toMatchObject({
      stage: 'landed',
      decision: {
        approve: true,
        by: 'policy',
        reason: 'gain/small: 0 wrong of 200 traps, ≤ 1.9 % (permitted by ada: 2.0 %)',
        evidence: acceptedOn('b0').evidence,
      },
    });
    const notes = records.flatMap((one) => one.audit ?? []);
    expect(notes).toContainEqual(
      expect.objectContaining({ actor: 'policy', action: 'proposal.approved', subject: 'p-earned' }),
    );
    await harness.keep(workflowIds.proposal('p-earned'), 'proposal-by-policy');
  });
});

it('waits for a person after a roll-back, says so, and takes that person’s word', async () => {
  const { policy, records, id } = await world('taken');
  const because = 'ch-1 was rolled back: wrong';
  const revocation = { at: new Date().toISOString(), by: 'bob', because };
  await records.update('autonomy', id, (kept: Parameters<typeof revoked>[0]) =>
    revoked(kept, 'all', revocation),
  );
  await harness.play({ proposals: [summaryOf('p-taken')], policy }, async ({ calls }) => {
    await harness.startCycle(repository('taken'));
    expect(await waitingWords('p-taken')).toBe(`The permission for gain/small was taken back: ${because}`);
    expect(calls).not.toContain('apply');
    const decision = { approve: true, evidence: acceptedOn('b0').evidence, by: 'ada', reason: null };
    await handle('p-taken').executeUpdate(decideUpdate, { args: [decision] });
    expect(await handle('p-taken').result()).toMatchObject({ stage: 'landed', decision: { by: 'ada' } });
  });
});

it('waits for a person while the emergency stop is set, and when the ledger cannot be read', async () => {
  const { policy, stopFile, id } = await world('stopped');
  writeFileSync(stopFile, JSON.stringify({ by: 'ada', reason: 'enough', at: new Date().toISOString() }));
  expect(await policy({ repositoryId: id, evidence: '' })).toMatchObject({
    kind: 'wait',
    reason: expect.stringContaining('emergency stop'),
  });
  rmSync(stopFile);
  expect(await policy({ repositoryId: id, evidence: '' })).toMatchObject({ kind: 'approve' });
  writeFileSync(join(home, 'records', 'autonomy', `${id}.json`), '{ damaged');
  expect(await policy({ repositoryId: id, evidence: '' })).toMatchObject({
    kind: 'wait',
    reason: expect.stringContaining('Waits for a person'),
  });
});
