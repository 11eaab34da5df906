/**
 * All that workflows see of the outside world: the activities' inputs and results, small and JSON. Bodies (reports,
 * patches, evidence) live in the artifact store; workflows carry digests.
 */
import type { Severity, Tier } from '../analysis/types.js';
import type { Answer } from '../calibration/policy.js';
import type { ProposalSummary, Risk, SuggestResult } from '../improvement/types.js';
import type { AuditInput } from '../safety/types.js';
import type { GateId, GateResult, TrialVerdict } from '../verification/types.js';
import type { CommitId, Digest, Repository } from '../versioning/types.js';

export type CycleStage =
  'preparing' | 'baseline' | 'analysing' | 'proposing' | 'trialling' | 'finished' | 'failed' | 'stopped';

export type ProposalStage =
  | 'queued'
  | 'trialling'
  | 'awaitingDecision'
  | 'applying'
  | 'verifying'
  | 'landed'
  | 'refused'
  | 'inconclusive'
  | 'rejected'
  | 'expired'
  | 'stale'
  | 'rolledBack'
  | 'stopped'
  | 'failed';

/** A fault as people and scripts see it. */
export interface FaultNote {
  readonly code: string;
  readonly message: string;
  readonly where: string | null;
  readonly mend: string | null;
}

/** One gate's verdict, without its raw numbers. */
export interface GateNote {
  readonly gate: GateId;
  readonly verdict: GateResult;
  readonly reason: string;
}

/** Who asked for a stop, and why. */
export interface StopRequest {
  readonly by: string;
  readonly reason: string;
}

/** A person's (or the policy's) answer, bound to the evidence digest. */
export interface Decision {
  readonly approve: boolean;
  readonly evidence: Digest;
  readonly by: string;
  readonly reason: string | null;
}

/** Where a proposal stands; the record that lists, review pages and scripts read. */
export interface ProposalStatus extends ProposalSummary {
  readonly repositoryId: string;
  readonly repositoryName: string;
  readonly cycleId: string;
  readonly ordinal: number;
  readonly stage: ProposalStage;
  readonly base: CommitId;
  readonly verdict: TrialVerdict | null;
  readonly gates: readonly GateNote[];
  /** Digest that a decision must name. */
  readonly evidence: Digest | null;
  /** "41× [38, 44] at 1,000", or null when not measured. */
  readonly measured: string | null;
  /** "12/12" changed lines executed, or null. */
  readonly covered: string | null;
  /** Why it ended as it did, one sentence. */
  readonly outcome: string | null;
  readonly decision: Decision | null;
  readonly changeId: string | null;
  readonly commit: CommitId | null;
  readonly decideBefore: string | null;
  readonly updatedAt: string;
}

/** Where a cycle stands. */
export interface CycleStatus {
  readonly schemaVersion: 1;
  readonly cycleId: string;
  readonly repositoryId: string;
  readonly repositoryName: string;
  readonly stage: CycleStage;
  readonly trigger: 'person' | 'schedule';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly base: CommitId | null;
  readonly branch: string | null;
  readonly files: number | null;
  readonly baseline: BaselineNote | null;
  readonly analysis: AnalysisNote | null;
  readonly proposals: readonly ProposalSummaryStatus[];
  readonly notes: readonly string[];
  readonly fault: FaultNote | null;
  readonly stopped: StopRequest | null;
}

/** The part of a proposal's status that its cycle shows. */
export interface ProposalSummaryStatus {
  readonly id: string;
  readonly ordinal: number;
  readonly title: string;
  readonly rule: string;
  readonly tier: Tier;
  readonly file: string;
  readonly line: number;
  readonly risk: Risk;
  readonly stage: ProposalStage;
  readonly verdict: TrialVerdict | null;
  readonly outcome: string | null;
  readonly measured: string | null;
  readonly covered: string | null;
  readonly evidence: Digest | null;
}

export interface BaselineNote {
  readonly runner: string;
  readonly command: string;
  readonly tests: number;
  readonly flaky: readonly string[];
  readonly red: readonly string[];
  /** Wall time of one run of the suite, ms. */
  readonly suiteMs: number;
  readonly node: string;
  readonly dependencies: string;
}

export interface AnalysisNote {
  readonly report: Digest;
  readonly files: number;
  readonly lines: number;
  readonly elapsedMs: number;
  readonly findings: Readonly<Record<Severity, number>>;
  readonly fixable: number;
}

/** Input of the improvement cycle. */
export interface CycleInput {
  readonly cycleId: string;
  readonly repository: Repository;
  readonly trigger: 'person' | 'schedule';
  readonly startedBy: string;
  /** Trials that run side by side. */
  readonly parallelTrials: number;
  readonly maxProposals: number;
  /** Only these rules, or all when empty. */
  readonly rules: readonly string[];
  readonly seed: number;
}

/** Input of one proposal's workflow. */
export interface ProposalInput {
  readonly cycleId: string;
  readonly repository: Repository;
  readonly ordinal: number;
  readonly proposal: ProposalSummary;
  readonly base: CommitId;
  readonly seed: number;
}

/** Input of a trial of a patch from outside; diff and workload are artifacts. */
export interface PatchTrialInput {
  readonly id: string;
  /** Digest of everything that was asked for: the same key with another order is refused. */
  readonly order: Digest;
  readonly repository: Repository;
  readonly base: CommitId | null;
  readonly diff: Digest;
  readonly workload: Digest | null;
  readonly claimsGain: boolean;
  readonly seed: number;
}

/** Where a trial of a patch from outside stands; a record. `gates` grows while it runs. */
export interface PatchTrialStatus {
  readonly id: string;
  readonly order: Digest;
  readonly repositoryId: string;
  readonly repositoryName: string;
  readonly stage: 'queued' | 'trialling' | 'finished' | 'cancelled' | 'stopped' | 'failed';
  readonly gates: readonly GateNote[];
  readonly result: TrialResult | null;
  readonly fault: FaultNote | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** Input of a rollback, one per change. */
export interface RollbackInput {
  readonly repository: Repository;
  readonly changeId: string;
  readonly by: string;
  readonly reason: string;
}

export interface PrepareResult {
  readonly base: CommitId;
  readonly branch: string | null;
  readonly files: number;
  readonly notes: readonly string[];
}

export interface TrialResult {
  readonly verdict: TrialVerdict;
  readonly evidence: Digest;
  readonly gates: readonly GateNote[];
  readonly outcome: string;
  readonly measured: string | null;
  readonly covered: string | null;
}

export type ApplyResult =
  | { readonly kind: 'landed'; readonly changeId: string; readonly commit: CommitId }
  | { readonly kind: 'moved'; readonly tip: CommitId }
  | { readonly kind: 'refused'; readonly reason: string };

export type VerifyResult =
  | { readonly kind: 'verified'; readonly tests: number }
  | { readonly kind: 'broken'; readonly reason: string };

export type RollBackResult =
  | { readonly kind: 'rolledBack'; readonly by: 'reset' | 'revert'; readonly commit: CommitId | null }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] };

/** One line for the audit log, written once per key. */
export type AuditNote = AuditInput & { readonly key: string };

/** What a workflow asks to be written down. */
export interface RecordInput {
  readonly cycle?: CycleStatus;
  readonly proposal?: ProposalStatus;
  readonly patchTrial?: PatchTrialStatus;
  readonly audit?: readonly AuditNote[];
}

/** Activities on queue `ratchet`: light, on any worker. */
export interface LightActivities {
  /** Writes projections and audit lines; idempotent. */
  record(input: RecordInput): Promise<void>;
  /** May the policy approve this evidence without a person? Never fails: what cannot be read permits nothing. */
  askPolicy(input: { repositoryId: string; evidence: Digest }): Promise<Answer>;
}

/** Activities on queue `ratchet-exec`: they need the mirror, workspaces and the sandbox of this host. */
export interface ExecActivities {
  /** Refreshes the mirror and finds the base commit. */
  prepare(input: { repository: Repository; cycleId: string }): Promise<PrepareResult>;
  /** Installs dependencies and runs the unchanged suite twice. */
  measureBaseline(input: { repository: Repository; base: CommitId; cycleId: string }): Promise<BaselineNote>;
  /** Finds and weighs findings; stores the report. */
  analyse(input: { repository: Repository; base: CommitId; cycleId: string }): Promise<AnalysisNote>;
  /** Turns findings into ranked proposals. */
  propose(input: {
    repository: Repository;
    base: CommitId;
    cycleId: string;
    report: Digest;
    limit: number;
    rules: readonly string[];
  }): Promise<readonly ProposalSummary[]>;
  /** Asks a language model, when one answers, for changes that no codemod makes; those that the gates let through. */
  suggest(input: Parameters<ExecActivities['propose']>[0] & { seed: number }): Promise<SuggestResult>;
  /** Runs all gates over one proposal; stores the evidence. */
  trial(input: {
    repository: Repository;
    base: CommitId;
    cycleId: string;
    proposal: ProposalSummary;
    seed: number;
  }): Promise<TrialResult>;
  /** Runs all gates over a patch from outside; stores the evidence. */
  tryPatch(input: PatchTrialInput): Promise<TrialResult>;
  /** Lands the accepted patch on the tip that its trial ran on. */
  apply(input: {
    repository: Repository;
    base: CommitId;
    proposal: ProposalSummary;
    evidence: Digest;
    reviewedBy: string;
  }): Promise<ApplyResult>;
  /** Checks the landed tree byte by byte, then runs the whole suite at the landed commit. */
  verify(input: { repository: Repository; changeId: string; base: CommitId }): Promise<VerifyResult>;
  rollBack(input: RollbackInput): Promise<RollBackResult>;
  /** Gives back workspaces and leases of a cycle or proposal; safe to repeat. */
  cleanUp(input: { owner: string }): Promise<void>;
}

/** The queues by what they need. */
export const queues = { main: 'ratchet', exec: 'ratchet-exec', llm: 'ratchet-llm' } as const;
