/** Whether the policy may approve a waiting proposal: the repository's permissions against the ledger of calibration. */
import { mayApprove, type Answer } from '../calibration/policy.js';
import type { Autonomy, CalibrationEntry } from '../calibration/types.js';
import { toRatchetError } from '../errors.js';
import type { Evidence } from '../verification/types.js';
import type { Tools } from './tools.js';
import type { LightActivities, ProposalStatus } from './types.js';

const entriesRead = 4_000;
const proposalsRead = 1_000;

/** Never fails: what cannot be read permits nothing, and the proposal waits for a person. */
export async function askPolicy(
  { records, artifacts, stop }: Pick<Tools, 'records' | 'artifacts' | 'stop'>,
  { repositoryId, evidence: digest }: Parameters<LightActivities['askPolicy']>[0],
): Promise<Answer> {
  try {
    const autonomy = await records.get<Autonomy>('autonomy', repositoryId);
    if (autonomy === null || autonomy.permissions.length === 0) return { kind: 'wait', reason: null };
    if ((await stop.state()) !== null)
      return { kind: 'wait', reason: 'Waits for a person: the emergency stop is set.' };
    const evidence = await artifacts.getJson<Evidence>(digest);
    const entries = await records.list<CalibrationEntry>('calibrations', entriesRead);
    const proposals = await records.list<ProposalStatus>('proposals', proposalsRead);
    const happenings = proposals.filter((one) => one.repositoryId === repositoryId);
    return mayApprove({ autonomy, entries, happenings, evidence });
  } catch (error) {
    return { kind: 'wait', reason: `Waits for a person: ${toRatchetError(error).message}` };
  }
}
