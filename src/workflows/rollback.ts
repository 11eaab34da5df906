/** Rolls one change back because a person asked for it; durable, once per change. */
import * as wf from '@temporalio/workflow';
import type { ExecActivities, RollBackResult, RollbackInput } from '../activities/types.js';
import { searchKeys } from './messages.js';
import { execOptions } from './policy.js';

const exec = wf.proxyActivities<ExecActivities>(execOptions);

/** Undoes `changeId` by moving the branch back, or by a revert commit when others landed on top. */
export async function rollback(input: RollbackInput): Promise<RollBackResult> {
  wf.setCurrentDetails(`**rolling back** \`${input.changeId}\` for ${input.by}: ${input.reason}`);
  const result = await exec.rollBack.executeWithOptions({ summary: `roll back ${input.changeId}` }, [input]);
  const stage = result.kind === 'rolledBack' ? 'rolledBack' : 'failed';
  wf.upsertSearchAttributes([{ key: searchKeys.stage, value: stage }]);
  wf.setCurrentDetails(
    result.kind === 'rolledBack'
      ? `**rolled back** \`${input.changeId}\` (${result.by})`
      : `**conflict** in ${result.paths.join(', ')}: undo by hand`,
  );
  return result;
}
