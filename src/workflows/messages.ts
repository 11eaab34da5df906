/** Signals, queries and updates: the only way to talk to a running workflow. Also its ids. */
import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  CycleStatus,
  Decision,
  PatchTrialStatus,
  ProposalStage,
  ProposalStatus,
  ProposalSummaryStatus,
  StopRequest,
} from '../activities/types.js';
import type { ConversationStatus, QueuedTurn } from '../conversation/types.js';
import type { NightStatus } from '../activities/night-types.js';

/** Emergency stop, or a person's stop of one cycle. */
export const stopSignal = defineSignal<[StopRequest]>('stop');
/** The emergency stop was lifted: what waits because of it may go on. */
export const resumeSignal = defineSignal('resume');
/** A proposal tells its cycle where it stands. */
export const proposalMovedSignal = defineSignal<[ProposalSummaryStatus]>('proposalMoved');
/** Approve or reject exactly one evidence digest. */
export const decideUpdate = defineUpdate<ProposalStage, [Decision]>('decide');
/** Ask a conversation one more question; its id is the key: the same turn is taken once. */
export const askUpdate = defineUpdate<ConversationStatus, [QueuedTurn]>('ask');
/** End the generation of one turn; what came so far stays. */
export const stopTurnSignal = defineSignal<[string]>('stopTurn');
/** The conversation was cleared or deleted: nothing of it is worth going on with. */
export const forgetSignal = defineSignal('forget');
export const conversationStatusQuery = defineQuery<ConversationStatus>('status');
export const cycleStatusQuery = defineQuery<CycleStatus>('status');
export const nightStatusQuery = defineQuery<NightStatus>('status');
export const trialStatusQuery = defineQuery<PatchTrialStatus>('status');
export const proposalStatusQuery = defineQuery<ProposalStatus>('status');

/** Workflow ids; one cycle at a time per repository, one workflow per proposal, per patch from outside and per rollback. */
export const workflowIds = {
  cycle: (repositoryId: string) => `cycle/${repositoryId}`,
  proposal: (proposalId: string) => `proposal/${proposalId}`,
  trial: (trialId: string) => `trial/${trialId}`,
  conversation: (sessionId: string) => `conversation/${sessionId}`,
  night: (schedule: string) => `night/${schedule}`,
  rollback: (changeId: string) => `rollback/${changeId}`,
} as const;

/** What people search by in Temporal's UI. */
export const searchKeys = {
  kind: defineSearchAttributeKey('RatchetKind', 'KEYWORD'),
  repository: defineSearchAttributeKey('RatchetRepository', 'KEYWORD'),
  stage: defineSearchAttributeKey('RatchetStage', 'KEYWORD'),
  decision: defineSearchAttributeKey('RatchetDecision', 'KEYWORD'),
  rule: defineSearchAttributeKey('RatchetRule', 'KEYWORD'),
  risk: defineSearchAttributeKey('RatchetRisk', 'KEYWORD'),
} as const;
