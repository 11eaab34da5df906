/** State of one cycle: a pure class, so that handlers are one line and the workflow reads like the process. */
import type {
  AnalysisNote,
  AuditNote,
  BaselineNote,
  CycleInput,
  CycleStage,
  CycleStatus,
  FaultNote,
  PrepareResult,
  ProposalStage,
  ProposalSummaryStatus,
  StopRequest,
} from '../activities/types.js';
import type { ProposalSummary } from '../improvement/types.js';
import { cycleWords } from './policy.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const inTrial: readonly ProposalStage[] = ['queued', 'trialling'];

export class CycleState {
  /** Counts what proposals reported, so that the workflow notices news. */
  moves = 0;
  readonly #status: Mutable<CycleStatus>;
  readonly #started = new Set<string>();
  readonly #startedBy: string;

  constructor(input: CycleInput, startTime: Date) {
    this.#startedBy = input.startedBy;
    this.#status = {
      schemaVersion: 1,
      cycleId: input.cycleId,
      repositoryId: input.repository.id,
      repositoryName: input.repository.name,
      stage: 'preparing',
      trigger: input.trigger,
      startedAt: startTime.toISOString(),
      finishedAt: null,
      base: null,
      branch: null,
      files: null,
      baseline: null,
      analysis: null,
      proposals: [],
      notes: [],
      fault: null,
      stopped: null,
    };
  }

  get status(): CycleStatus {
    return { ...this.#status };
  }

  get stopping(): boolean {
    return this.#status.stopped !== null;
  }

  enter(stage: CycleStage, now: number): void {
    this.#status.stage = stage;
    if (stage === 'finished' || stage === 'failed' || stage === 'stopped') {
      this.#status.finishedAt = new Date(now).toISOString();
    }
  }

  prepared(result: PrepareResult): void {
    this.#status.base = result.base;
    this.#status.branch = result.branch;
    this.#status.files = result.files;
    this.#status.notes = [...this.#status.notes, ...result.notes];
  }

  measured(note: BaselineNote): void {
    this.#status.baseline = note;
  }

  analysed(note: AnalysisNote): void {
    this.#status.analysis = note;
  }

  proposed(proposals: readonly ProposalSummary[]): void {
    this.#status.proposals = proposals.map((summary, index) => ({
      id: summary.id,
      ordinal: index + 1,
      title: summary.title,
      rule: summary.rule,
      tier: summary.tier,
      file: summary.file,
      line: summary.line,
      risk: summary.risk,
      stage: 'queued',
      verdict: null,
      outcome: null,
      measured: null,
      covered: null,
      evidence: null,
    }));
  }

  noted(note: string): void {
    this.#status.notes = [...this.#status.notes, note];
  }

  started(id: string): void {
    this.#started.add(id);
  }

  moved(moved: ProposalSummaryStatus): void {
    this.moves += 1;
    this.#status.proposals = this.#status.proposals.map((known) => (known.id === moved.id ? moved : known));
  }

  stopRequested(request: StopRequest): void {
    this.#status.stopped ??= request;
  }

  stopReason(): StopRequest {
    this.#status.stopped ??= { by: 'ratchet', reason: 'The emergency stop is set.' };
    return this.#status.stopped;
  }

  failed(fault: FaultNote): void {
    this.#status.fault = fault;
  }

  /** Ids of proposals that were started and whose trial has not ended. */
  trialling(): string[] {
    return this.#status.proposals
      .filter((one) => this.#started.has(one.id) && inTrial.includes(one.stage))
      .map((one) => one.id);
  }

  trialsRunning(): number {
    return this.trialling().length;
  }

  /** Current details in Temporal's UI, Markdown. */
  details(): string {
    const { stage, proposals, baseline, analysis, fault, stopped, repositoryId } = this.#status;
    const lines = [`**${cycleWords[stage]}**`];
    if (baseline)
      lines.push(
        `- baseline: ${baseline.tests} tests, ${(baseline.suiteMs / 1000).toFixed(1)} s, ${baseline.runner}`,
      );
    if (analysis) lines.push(`- analysis: ${analysis.lines} lines, ${analysis.fixable} findings with a fix`);
    for (const one of proposals)
      lines.push(`- #${one.ordinal} ${one.title} (${one.file}:${one.line}): ${one.stage}`);
    if (fault) lines.push(`- fault ${fault.code}: ${fault.message}`);
    if (stopped) lines.push(`- stopped by ${stopped.by}: ${stopped.reason}`);
    lines.push('', `Repository \`${repositoryId}\`, cycle \`${this.#status.cycleId}\``);
    return lines.join('\n');
  }

  /** Only the first and the last stage are worth a line in the audit log. */
  auditFor(stage: CycleStage): AuditNote[] {
    const subject = this.#status.cycleId;
    const base = { subject, data: { repository: this.#status.repositoryId, base: this.#status.base } };
    if (stage === 'preparing') {
      return [{ key: `cycle-started/${subject}`, actor: this.#startedBy, action: 'cycle.started', ...base }];
    }
    if (stage === 'finished' || stage === 'failed' || stage === 'stopped') {
      const reason = this.#status.fault?.message ?? this.#status.stopped?.reason ?? null;
      return [{ key: `cycle-ended/${subject}`, actor: 'ratchet', action: `cycle.${stage}`, reason, ...base }];
    }
    return [];
  }
}
