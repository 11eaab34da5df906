/** Writes projections and audit lines. Runs as a local activity: quick, idempotent, and not held up by a stop. */
import { ApplicationFailure } from '@temporalio/common';
import { toRatchetError } from '../errors.js';
import type { AuditLog } from '../safety/types.js';
import type { RecordStore } from '../storage/types.js';
import type { CycleStatus, LightActivities, PatchTrialStatus, ProposalStatus } from './types.js';

interface Dependencies {
  readonly records: RecordStore;
  readonly audit: AuditLog;
}

/** Light activities for queue `ratchet`. */
export function createLightActivities({ records, audit }: Dependencies): Pick<LightActivities, 'record'> {
  return {
    async record({ cycle, proposal, patchTrial, audit: notes }) {
      try {
        if (cycle) await records.put<CycleStatus>('cycles', cycle.cycleId, cycle);
        if (proposal) await records.put<ProposalStatus>('proposals', proposal.id, proposal);
        if (patchTrial) await records.put<PatchTrialStatus>('patchTrials', patchTrial.id, patchTrial);
        for (const note of notes ?? []) await audit.append(note);
      } catch (error) {
        const fault = toRatchetError(error);
        // A full disk is mended by a person; the workflow waits for it instead of ending.
        throw ApplicationFailure.create({ type: fault.code, message: fault.message, nonRetryable: false });
      }
    },
  };
}
