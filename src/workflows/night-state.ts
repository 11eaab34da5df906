/** State of one night: a pure class, so that the workflow reads like the process. */
import type { AuditNote, CycleStatus, FaultNote, StopRequest } from '../activities/types.js';
import { headlineOf } from './night-policy.js';
import type { NightInput, NightPlan, NightRow, NightStage, NightStatus } from '../activities/night-types.js';
import type { Repository } from '../versioning/types.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class NightState {
  readonly #status: Mutable<NightStatus>;
  readonly #startedMs: number;
  #repositories: readonly Repository[] = [];

  constructor(input: NightInput, id: string, startTime: Date) {
    this.#startedMs = startTime.getTime();
    this.#status = {
      schemaVersion: 1,
      id,
      schedule: input.schedule,
      stage: 'running',
      startedAt: startTime.toISOString(),
      finishedAt: null,
      budget: input.budget,
      rows: [],
      missing: [],
      stopped: null,
    };
  }

  get status(): NightStatus {
    return { ...this.#status };
  }

  planned(plan: NightPlan): void {
    this.#repositories = plan.repositories;
    this.#status.missing = plan.missing;
    this.#status.stopped ??= plan.stopped;
  }

  stopRequested(request: StopRequest): void {
    this.#status.stopped ??= request;
  }

  /** Proposals that the next repository may still make. */
  proposalsLeft(): number {
    const { budget, rows } = this.#status;
    const made = rows.reduce((sum, row) => sum + row.proposals.length, 0);
    return Math.max(0, Math.min(budget.maxProposals, budget.totalProposals - made));
  }

  /** Why nothing new may start; null while it may. */
  closed(now: number): string | null {
    const { stopped, budget } = this.#status;
    if (stopped !== null) return `stopped by ${stopped.by}: ${stopped.reason}`;
    if (now - this.#startedMs >= budget.windowMs) return 'the night’s window had ended';
    return this.proposalsLeft() === 0 ? 'the night’s proposals were used up' : null;
  }

  skipped(repository: Repository, reason: string): void {
    this.#add({ ...rowOf(repository, null, 0), outcome: 'skipped', reason });
  }

  failed(repository: Repository, cycleId: string, fault: FaultNote, elapsedMs: number): void {
    this.#add({ ...rowOf(repository, cycleId, elapsedMs), outcome: 'failed', fault });
  }

  ended(repository: Repository, cycle: CycleStatus, elapsedMs: number): void {
    const { analysis, stopped, proposals, cycleId, fault } = cycle;
    const findings =
      analysis === null ? null : Object.values(analysis.findings).reduce((sum, count) => sum + count, 0);
    this.#add({
      ...rowOf(repository, cycleId, elapsedMs),
      outcome: cycle.stage === 'stopped' ? 'stopped' : cycle.stage === 'failed' ? 'failed' : 'finished',
      reason: stopped === null ? null : `stopped by ${stopped.by}: ${stopped.reason}`,
      fault,
      findings,
      proposals,
    });
  }

  #add(row: NightRow): void {
    this.#status.rows = [...this.#status.rows, row];
  }

  /** A night in which cycles ran and every one of them failed has failed: the schedule pauses. */
  end(now: number): void {
    const seen = new Set(this.#status.rows.map((row) => row.repositoryId));
    for (const repository of this.#repositories) {
      if (!seen.has(repository.id)) this.skipped(repository, this.closed(now) ?? 'its turn did not come');
    }
    const { rows, stopped } = this.#status;
    const failed = rows.filter((row) => row.outcome === 'failed').length;
    const good = rows.some((row) => row.outcome === 'finished');
    const stage: NightStage = stopped !== null ? 'stopped' : failed > 0 && !good ? 'failed' : 'finished';
    this.#status.stage = stage;
    this.#status.finishedAt = new Date(now).toISOString();
  }

  /** Current details in Temporal's UI, Markdown. */
  details(running: string | null): string {
    const lines = [`**${headlineOf(this.#status)}**`];
    for (const { name, outcome, reason, fault } of this.#status.rows) {
      const why = fault?.message ?? reason;
      lines.push(`- ${name}: ${outcome}${why === null ? '' : ` · ${why}`}`);
    }
    if (running !== null) lines.push(`- ${running}: running`);
    return lines.join('\n');
  }

  /** The first and the last line of a night in the audit log. */
  audit(): AuditNote[] {
    const { id, stage, schedule } = this.#status;
    const data = { schedule, headline: headlineOf(this.#status) };
    const [key, action] =
      stage === 'running'
        ? [`night-started/${id}`, 'night.started']
        : [`night-ended/${id}`, `night.${stage}`];
    return [{ key, actor: `schedule ${schedule}`, action, subject: id, data }];
  }
}

function rowOf(repository: Repository, cycleId: string | null, elapsedMs: number): NightRow {
  return {
    repositoryId: repository.id,
    name: repository.name,
    outcome: 'skipped',
    cycleId,
    reason: null,
    fault: null,
    elapsedMs,
    findings: null,
    proposals: [],
  };
}
