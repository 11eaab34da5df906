/** Activities that follow a script: the workflows' paths are tried without mirrors or suites. */
import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type {
  ApplyResult,
  ExecActivities,
  LightActivities,
  RecordInput,
  TrialResult,
  VerifyResult,
} from '../../src/activities/types.js';
import type { ProposalSummary, SuggestResult } from '../../src/improvement/types.js';
import type { NightActivities, NightPlan, NightStatus } from '../../src/activities/night-types.js';
import type { Repository } from '../../src/versioning/types.js';

export const digestOf = (text: string): string => text.padEnd(64, '0').slice(0, 64);

export const repository = (id: string, decisionTimeoutMs = 60_000): Repository => ({
  id,
  name: id,
  source: `/repositories/${id}`,
  baseBranch: null,
  targetBranch: 'ratchet/improvements',
  directory: '',
  policy: {
    testCommand: null,
    maxFiles: 5,
    maxLines: 200,
    maxOpenProposals: 8,
    protectedPaths: [],
    allowedPaths: [],
    decisionTimeoutMs,
    suiteTimeoutMs: 60_000,
    coverageMinimum: 0.8,
  },
});

export const summaryOf = (id: string): ProposalSummary => ({
  id,
  rule: 'lookup-in-loop',
  tier: 'T1',
  title: `membership test in a loop (${id})`,
  file: 'src/discounts.ts',
  line: 88,
  risk: 'low',
  impact: 'n·m → n+m',
  patchDigest: digestOf('aa'),
  artifact: digestOf('bb'),
});

export const acceptedOn = (base: string): TrialResult => ({
  verdict: 'accepted',
  evidence: digestOf(`e${base.replace(/[^0-9a-f]/g, '')}`),
  gates: [{ gate: 'tests', verdict: 'pass', reason: '214 of 214 as before' }],
  outcome: 'accepted',
  measured: null,
  covered: '12/12',
});

const refused: TrialResult = {
  verdict: 'refused',
  evidence: digestOf('ee'),
  gates: [{ gate: 'tests', verdict: 'fail', reason: 'order differs' }],
  outcome: 'tests: order differs',
  measured: null,
  covered: null,
};

/** What differs from the happy path. */
export interface Script {
  readonly proposals?: readonly ProposalSummary[];
  /** What a language model adds. */
  readonly written?: SuggestResult;
  readonly prepareFault?: string;
  /** Repositories whose preparation fails. */
  readonly unprepared?: readonly string[];
  /** What a night goes through. */
  readonly night?: NightPlan;
  readonly trialFault?: string;
  /** Proposal ids whose trial is refused. */
  readonly refuse?: readonly string[];
  /** Trials wait until they are cancelled. */
  readonly hang?: boolean;
  readonly apply?: (call: number) => ApplyResult;
  readonly policy?: LightActivities['askPolicy'];
  readonly verify?: (call: number) => VerifyResult | 'STOPPED';
}

const landed: ApplyResult = { kind: 'landed', changeId: 'ch-1', commit: digestOf('cc').slice(0, 40) };

/** Waits until it is cancelled, as a suite that never ends. */
async function hang(): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat('hanging'), 100);
  try {
    await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}

/** Scripted activities plus what they saw. */
export function scriptedActivities(script: Script): {
  readonly exec: ExecActivities;
  readonly light: LightActivities & NightActivities;
  readonly calls: string[];
  readonly records: RecordInput[];
  readonly nights: NightStatus[];
} {
  const calls: string[] = [];
  const records: RecordInput[] = [];
  const nights: NightStatus[] = [];
  const count = (name: string) => calls.filter((call) => call === name).length;
  const seen = (name: string): number => {
    calls.push(name);
    return count(name) - 1;
  };
  const fault = (type: string) =>
    ApplicationFailure.create({
      type,
      nonRetryable: true,
      message: `scripted ${type}`,
      details: [{ message: `scripted ${type}`, where: 'here', mend: 'Mend it.' }],
    });
  const exec: ExecActivities = {
    async prepare({ repository: { id } }) {
      seen('prepare');
      if (script.unprepared?.includes(id)) throw fault('NO_TESTS');
      if (script.prepareFault) throw fault(script.prepareFault);
      return { base: 'b0', branch: 'main', files: 412, notes: [] };
    },
    async measureBaseline() {
      seen('measureBaseline');
      return {
        runner: 'jest',
        command: 'npx jest',
        tests: 214,
        flaky: [],
        red: [],
        suiteMs: 3_800,
        node: '20.20.2',
        dependencies: 'npm',
      };
    },
    async analyse() {
      seen('analyse');
      const findings = { critical: 2, high: 6, medium: 9, low: 10, info: 4 };
      return { report: digestOf('dd'), files: 412, lines: 38_204, elapsedMs: 1_900, findings, fixable: 5 };
    },
    async propose({ repository: { id } }) {
      seen('propose');
      return script.proposals ?? [summaryOf(script.night === undefined ? 'p-1' : `p-${id}`)];
    },
    async suggest({ limit }) {
      seen(`suggest up to ${limit}`);
      return script.written ?? { proposals: [], note: null };
    },
    async trial({ base, proposal }) {
      seen('trial');
      if (script.trialFault) throw fault(script.trialFault);
      if (script.hang) await hang();
      return script.refuse?.includes(proposal.id) ? refused : acceptedOn(base);
    },
    async tryPatch({ base, id }) {
      seen('tryPatch');
      if (script.trialFault) throw fault(script.trialFault);
      if (script.hang) await hang();
      return script.refuse?.includes(id) ? refused : acceptedOn(base ?? 'b0');
    },
    async apply() {
      return script.apply?.(seen('apply')) ?? (script.apply ? landed : (seen('apply'), landed));
    },
    async verify() {
      const answer = script.verify?.(seen('verify')) ?? { kind: 'verified' as const, tests: 214 };
      if (answer === 'STOPPED') throw fault('STOPPED');
      return answer;
    },
    async rollBack() {
      seen('rollBack');
      return { kind: 'rolledBack', by: 'reset', commit: 'b0' };
    },
    async cleanUp() {
      seen('cleanUp');
    },
  };
  return {
    exec,
    light: {
      async record(input) {
        records.push(input);
      },
      async askPolicy(input) {
        seen('askPolicy');
        return (await script.policy?.(input)) ?? { kind: 'wait', reason: null };
      },
      async planNight() {
        return script.night ?? { repositories: [], missing: [], stopped: null };
      },
      async keepNight({ night }) {
        nights.push(night);
      },
    },
    calls,
    records,
    nights,
  };
}
