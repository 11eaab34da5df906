/**
 * One trial: all gates over one patch, in order of cost, stopping at the first `fail`. The activity and `ratchet
 * trial` both call this. It writes nothing outside the trial's scratch: running it twice is the same as once.
 */
import type { FunctionMetrics } from '../analysis/types.js';
import { RatchetError, toRatchetError } from '../errors.js';
import type { Digest } from '../versioning/types.js';
import { changesCode } from './changes-code.js';
import { deterministicDigest } from './evidence/deterministic.js';
import { environmentOf } from './environment.js';
import { decideVerdict, gateOrder } from './policy.js';
import type { Evidence, Gate, GateId, TrialContext, Verdict } from './types.js';

/** What a trial needs besides the gates. */
export interface TrialRequest {
  /** Everything the gates see, without what runTrial adds itself. */
  readonly context: Omit<TrialContext, 'earlier' | 'onProgress'>;
  readonly proposalId: string;
  readonly gates: readonly Gate[];
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: TrialProgress) => void;
  /** Version of Ratchet itself, for the environment record. */
  readonly version: string;
  /** sha256 over all harness files. */
  readonly harness: Digest;
  /** Artifacts that belong to the evidence (name → digest), asked for after the last gate. */
  readonly attachments?: () => Promise<Readonly<Record<string, Digest>>>;
}

/** A trial's progress: one event when a gate starts, any number of messages, one when it has answered. */
export type TrialProgress =
  | { readonly kind: 'started'; readonly gate: GateId }
  | { readonly kind: 'message'; readonly gate: GateId; readonly message: string }
  | { readonly kind: 'answered'; readonly gate: GateId; readonly verdict: Verdict };

/** JSON carries neither NaN nor Infinity: they become null, so that evidence can always be written down. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function skipped(gate: GateId, reason: string): Verdict {
  return { gate, verdict: 'notApplicable', reason, numbers: {}, elapsedMs: 0 };
}

/** Asks one gate; a fault inside it is the trial's fault, named by gate. */
async function ask(
  gate: Gate,
  request: TrialRequest,
  earlier: readonly Verdict[],
  context: TrialContext,
): Promise<Verdict> {
  if (request.signal.aborted) {
    throw toRatchetError(request.signal.reason ?? new RatchetError('CANCELLED', 'Interrupted.'), 'CANCELLED');
  }
  const started = Date.now();
  request.onProgress?.({ kind: 'started', gate: gate.id });
  const onProgress = (message: string): void =>
    request.onProgress?.({ kind: 'message', gate: gate.id, message });
  const answer = await gate.run({ ...context, earlier, onProgress }, request.signal);
  const verdict: Verdict = {
    ...answer,
    numbers: plain(answer.numbers) as Verdict['numbers'],
    elapsedMs: Date.now() - started,
  };
  request.onProgress?.({ kind: 'answered', gate: gate.id, verdict });
  return verdict;
}

async function askAll(request: TrialRequest, runs: boolean): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let failed: GateId | null = null;
  const context: TrialContext = { ...request.context, earlier: [], onProgress: () => undefined };
  for (const id of gateOrder) {
    const gate = request.gates.find((candidate) => candidate.id === id);
    // A gate that is missing has not answered: that must never look like "does not apply".
    if (gate === undefined)
      verdicts.push({ ...skipped(id, 'not asked: this trial has no such gate'), verdict: 'inconclusive' });
    else if (failed !== null) verdicts.push(skipped(id, `not reached: ${failed} failed`));
    else if (!runs && id !== 'policy' && id !== 'parses') {
      verdicts.push(skipped(id, 'the patch changes nothing that runs'));
    } else {
      const verdict = await ask(gate, request, verdicts, context);
      verdicts.push(verdict);
      if (verdict.verdict === 'fail') failed = id;
    }
  }
  return verdicts;
}

/** Metrics that the complexity gate left in its numbers. */
function complexityOf(gates: readonly Verdict[]): Evidence['complexity'] {
  const numbers = gates.find((verdict) => verdict.gate === 'complexity')?.numbers ?? {};
  const { before, after } = numbers as {
    readonly before?: readonly FunctionMetrics[];
    readonly after?: readonly FunctionMetrics[];
  };
  return Array.isArray(before) && Array.isArray(after) ? { before, after } : null;
}

/**
 * Runs all gates over one patch and puts the answers together.
 * @throws RatchetError CANCELLED or STOPPED when the signal is aborted; any coded fault of a gate.
 */
export async function runTrial(request: TrialRequest): Promise<Evidence> {
  const { context } = request;
  const runs = await changesCode(context.patch, {
    base: context.baseTree,
    candidate: context.candidateTree,
  });
  const gates = await askAll(request, runs);
  const facts = { claimsGain: context.claimsGain, changesCode: runs };
  const decision = decideVerdict(gates, facts);
  const environment = environmentOf({
    version: request.version,
    harness: request.harness,
    sandbox: context.sandbox.description,
    node: context.baseline.node,
    gateVersions: Object.fromEntries(request.gates.map((gate) => [gate.id, gate.version])),
  });
  const fixed = {
    base: context.base,
    patch: context.patch,
    seed: context.seed,
    lockHash: context.baseline.dependencies.lockHash,
    gates,
    ...facts,
  };
  return {
    schemaVersion: 1,
    repositoryId: context.repositoryId,
    proposalId: request.proposalId,
    verdict: decision.verdict,
    reason: decision.reason,
    settle: decision.settle,
    baseline: {
      tests: Object.keys(context.baseline.tests).length,
      flaky: context.baseline.flaky,
      red: context.baseline.red,
    },
    plan: context.baseline.plan,
    attachments: (await request.attachments?.()) ?? {},
    environment,
    complexity: complexityOf(gates),
    limits: context.limits,
    deterministicDigest: deterministicDigest({
      ...fixed,
      harness: environment.harness,
      gateVersions: environment.gates,
    }),
    finishedAt: new Date().toISOString(),
    ...fixed,
  };
}
