/** State of one proposal: what may be decided when, and what people are told. Pure. */
import type {
  AuditNote,
  Decision,
  ExecActivities,
  ProposalInput,
  ProposalStage,
  ProposalStatus,
  ProposalSummaryStatus,
  StopRequest,
  TrialResult,
} from '../activities/types.js';
import { proposalWords } from './policy.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ended: readonly ProposalStage[] = [
  'landed',
  'refused',
  'inconclusive',
  'rejected',
  'expired',
  'stale',
  'rolledBack',
  'stopped',
  'failed',
];

export class ProposalState {
  cycleGone = false;
  readonly #input: ProposalInput;
  readonly #status: Mutable<ProposalStatus>;
  #stop: StopRequest | null = null;

  constructor(input: ProposalInput, startTime: Date) {
    this.#input = input;
    this.#status = {
      ...input.proposal,
      repositoryId: input.repository.id,
      repositoryName: input.repository.name,
      cycleId: input.cycleId,
      ordinal: input.ordinal,
      stage: 'queued',
      base: input.base,
      verdict: null,
      gates: [],
      evidence: null,
      measured: null,
      covered: null,
      outcome: null,
      decision: null,
      changeId: null,
      commit: null,
      decideBefore: null,
      updatedAt: startTime.toISOString(),
    };
  }

  get status(): ProposalStatus {
    return { ...this.#status };
  }
  get stopped(): boolean {
    return this.#stop !== null;
  }
  get decided(): boolean {
    return this.#status.decision !== null;
  }
  get approved(): boolean {
    return this.#status.decision?.approve === true;
  }

  enter(stage: ProposalStage, outcome: string | null, now: number): void {
    this.#status.stage = stage;
    if (outcome !== null) this.#status.outcome = outcome;
    this.#status.updatedAt = new Date(now).toISOString();
  }

  tried(base: string, result: TrialResult): void {
    this.#status.base = base;
    this.#status.verdict = result.verdict;
    this.#status.gates = result.gates;
    this.#status.evidence = result.evidence;
    this.#status.measured = result.measured;
    this.#status.covered = result.covered;
    this.#status.outcome = result.outcome;
  }

  refusedStage(): 'refused' | 'inconclusive' {
    return this.#status.verdict === 'refused' ? 'refused' : 'inconclusive';
  }

  waitUntil(time: number): void {
    this.#status.decideBefore = new Date(time).toISOString();
  }

  /** Synchronous: a decision that does not fit is refused before it enters history. */
  validateDecision(decision: Decision): void {
    const { stage, evidence, decision: earlier } = this.#status;
    if (earlier) throw new Error(`already ${earlier.approve ? 'approved' : 'rejected'} by ${earlier.by}`);
    if (stage !== 'awaitingDecision') throw new Error(`not waiting for a decision: ${proposalWords[stage]}`);
    if (!decision.by) throw new Error('the decision names nobody');
    if (decision.evidence !== evidence) {
      throw new Error(
        `the decision names evidence ${decision.evidence.slice(0, 8)}, but ${(evidence ?? 'none').slice(0, 8)} waits`,
      );
    }
  }

  decide(decision: Decision): ProposalStage {
    this.#status.decision = decision;
    return this.#status.stage;
  }

  /** Notes a stop; false when nothing runs that could be stopped. */
  stop(request: StopRequest): boolean {
    const { stage } = this.#status;
    if (stage !== 'queued' && stage !== 'trialling') return false;
    this.#stop = request;
    return true;
  }

  stopSentence(): string {
    return this.#stop
      ? `Stopped by ${this.#stop.by}: ${this.#stop.reason}`
      : 'Stopped by the emergency stop.';
  }

  landed(changeId: string, commit: string): void {
    this.#status.changeId = changeId;
    this.#status.commit = commit;
  }

  landing(): Parameters<ExecActivities['apply']>[0] {
    const { evidence, base, decision } = this.#status;
    return {
      repository: this.#input.repository,
      base,
      proposal: this.#input.proposal,
      evidence: evidence ?? '',
      reviewedBy: decision?.by ?? '',
    };
  }

  decisionWord(): string {
    const { decision, stage } = this.#status;
    if (decision) return decision.approve ? 'approved' : 'rejected';
    if (stage === 'awaitingDecision') return 'waiting';
    return ended.includes(stage) ? 'none' : 'open';
  }

  summary(): ProposalSummaryStatus {
    const {
      id,
      ordinal,
      title,
      rule,
      tier,
      file,
      line,
      risk,
      stage,
      verdict,
      outcome,
      measured,
      covered,
      evidence,
    } = this.#status;
    return {
      id,
      ordinal,
      title,
      rule,
      tier,
      file,
      line,
      risk,
      stage,
      verdict,
      outcome,
      measured,
      covered,
      evidence,
    };
  }

  /** Current details in Temporal's UI, Markdown. */
  details(): string {
    const { stage, gates, evidence, outcome, decision, commit, decideBefore, file, line, title } =
      this.#status;
    const lines = [`**${proposalWords[stage]}** · ${title}`, '', `\`${file}:${line}\``];
    if (outcome) lines.push('', outcome);
    for (const gate of gates) lines.push(`- ${gate.gate}: ${gate.verdict} · ${gate.reason}`);
    if (evidence) lines.push('', `Evidence \`${evidence.slice(0, 8)}\``);
    if (stage === 'awaitingDecision') lines.push(`Decide before ${decideBefore ?? ''}`);
    if (decision) lines.push(`${decision.approve ? 'Approved' : 'Rejected'} by ${decision.by}`);
    if (commit) lines.push(`Commit \`${commit.slice(0, 8)}\``);
    return lines.join('\n');
  }

  auditFor(stage: ProposalStage): AuditNote[] {
    const { id, decision, evidence, patchDigest, verdict, commit, outcome, base } = this.#status;
    const data = { evidence, patch: patchDigest, verdict, base };
    const notes: AuditNote[] = [];
    if (decision && (stage === 'applying' || stage === 'rejected')) {
      const action = decision.approve ? 'proposal.approved' : 'proposal.rejected';
      notes.push({
        key: `decision/${id}`,
        actor: decision.by,
        action,
        subject: id,
        reason: decision.reason,
        data,
      });
    }
    if (stage === 'verifying') {
      notes.push({
        key: `landed/${id}`,
        actor: 'ratchet',
        action: 'change.landed',
        subject: id,
        data: { ...data, commit },
      });
    }
    if (ended.includes(stage)) {
      notes.push({
        key: `ended/${id}`,
        actor: 'ratchet',
        action: `proposal.${stage}`,
        subject: id,
        reason: outcome,
        data,
      });
    }
    return notes;
  }
}
