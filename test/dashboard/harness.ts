/**
 * The dashboard's servers: the built API as a process of its own, real Temporal and Redis, the product's workflows,
 * records, landing and rollback on a real repository. Only what takes minutes follows a script: the suite, the
 * analysis, the gates.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities, type ActivitySet } from '../../src/activities/index.js';
import { queues, type ExecActivities } from '../../src/activities/types.js';
import { analyse } from '../../src/analysis/index.js';
import { homePaths, readConfig } from '../../src/config.js';
import type { Proposal, ProposalSummary } from '../../src/improvement/types.js';
import { createScriptedModel } from '../../src/llm/index.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';
import { makePatch } from '../../src/versioning/index.js';
import type { Change } from '../../src/versioning/types.js';
import { repositoryOf } from '../e2e/product.js';
import { startTestStack } from '../support/servers.js';
import { evidenceWith } from '../verification/review/evidence.js';
import { quietRuntime, workflowBundle } from '../workflows/harness.js';

const root = join(import.meta.dirname, '../..');
const readyMs = 60_000;

/** A proposal of the scripted cycle: which file, what it becomes, how its trial ends. */
export interface Planned {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly after: string;
  readonly accepted: boolean;
}

export interface DashboardHarness {
  readonly url: string;
  readonly token: string;
  readonly home: string;
  /** The repository that changes land on. */
  readonly target: string;
  readonly repositoryId: string;
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  close(): Promise<void>;
}

async function startApi(
  environment: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(join(root, 'dist/api/server.js'), {
    env: { ...process.env, NODE_OPTIONS: '', ...environment, RATCHET_API_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child.stdout?.resume();
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the API was not ready in time')), readyMs);
    child.once('exit', (code) => reject(new Error(`the API ended with ${code}`)));
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as { address: string }).address);
    });
  });
  return { child, url };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  await end;
}

type Kept = Pick<ReturnType<typeof stores>, 'artifacts' | 'records'>;
const stores = (home: string) => ({
  artifacts: createArtifactStore(homePaths(home).artifacts),
  records: createRecordStore(homePaths(home).records),
});

async function storeProposal(
  planned: Planned,
  { artifacts }: Kept,
  context: {
    readonly target: string;
    readonly repositoryId: string;
    readonly cycleId: string;
    readonly base: string;
  },
): Promise<ProposalSummary> {
  const { id, title, file, after } = planned;
  const { repositoryId, cycleId, base } = context;
  const proposal: Proposal = {
    ...{ id, repositoryId, cycleId, base, title, proposer: 'codemod', rule: 'lookup-in-loop', tier: 'T2' },
    reason: 'The list does not change in the loop.',
    preconditions: ['`listed` is an array by its type'],
    assumptions: ['nobody replaces Set'],
    fingerprints: [id],
    patch: makePatch([{ path: file, before: readFileSync(join(context.target, file), 'utf8'), after }]),
    claimsGain: true,
    complexity: null,
    ...{ impact: 'n·m → n+m', risk: 'low', place: { file, line: 3 } },
  };
  const { patch, place, rule, tier, impact, risk } = proposal;
  const artifact = await artifacts.putJson(proposal);
  return { id, rule, tier, title, ...place, risk, impact, patchDigest: patch.digest, artifact };
}

/** The steps that take minutes follow the plan; writing to the repository is the product's own. */
function scripted(
  activities: ActivitySet,
  kept: Kept,
  plan: readonly Planned[],
  target: string,
): ExecActivities {
  const { artifacts, records } = kept;
  return {
    ...activities.exec,
    async measureBaseline() {
      const found = {
        runner: 'node:test',
        command: 'node --test',
        node: process.versions.node,
        dependencies: 'none',
      };
      return { ...found, tests: 52, flaky: ['test/cart.test.js › expires'], red: [], suiteMs: 2_400 };
    },
    async analyse() {
      const report = await analyse({ root: target, fixers: [], isolate: false });
      const { files, lines, findings, fixable, elapsedMs } = report.summary;
      return { report: await artifacts.putJson(report), files, lines, elapsedMs, findings, fixable };
    },
    async propose({ repository, base, cycleId }) {
      const context = { target, base, cycleId, repositoryId: repository.id };
      return Promise.all(plan.map((planned) => storeProposal(planned, kept, context)));
    },
    async trial({ base, proposal, repository }) {
      const { patch } = await artifacts.getJson<Proposal>(proposal.artifact);
      const accepted = plan.find(({ id }) => id === proposal.id)?.accepted === true;
      const place = `${proposal.file}:${proposal.line}`;
      const plain = evidenceWith(
        { base, patch, repositoryId: repository.id, proposalId: proposal.id },
        { coverage: { executed: [place], unexecuted: [], share: 1 } },
      );
      const counterexample = { call: 'pick([3, 1], 1)', base: '[3, 1]', candidate: '[1, 3]' };
      const gates = plain.gates.map((one) =>
        accepted || one.gate !== 'equivalence'
          ? one
          : {
              ...one,
              verdict: 'fail' as const,
              reason: 'order differs',
              numbers: { ...one.numbers, counterexample },
            },
      );
      const verdict = accepted ? ('accepted' as const) : ('refused' as const);
      const outcome = accepted ? 'Every gate passed.' : 'equivalence: order differs';
      return {
        ...{ verdict, outcome, gates: gates.map(({ gate, verdict, reason }) => ({ gate, verdict, reason })) },
        evidence: await artifacts.putJson({ ...plain, verdict, gates }),
        measured: accepted ? '60.5× [50.6, 78.0] at 10,000' : null,
        covered: '12/12',
      };
    },
    async verify({ changeId }) {
      await records.update<Change>('changes', changeId, (one) =>
        one === null ? null : { ...one, state: 'verified' },
      );
      return { kind: 'verified', tests: 52 };
    },
  };
}

/** @param files of the repository; `plan` what a cycle over it proposes */
export async function startDashboard(
  files: Readonly<Record<string, string>>,
  plan: readonly Planned[],
): Promise<DashboardHarness> {
  quietRuntime();
  const stack = await startTestStack();
  const config = readConfig(stack.environment);
  const target = repositoryOf(files);
  const native = await NativeConnection.connect({ address: stack.temporalAddress });
  const { child, url } = await startApi(stack.environment);
  const token = readFileSync(homePaths(stack.home).token, 'utf8').trim();
  const activities = await createActivities({
    ...{ config, paths: homePaths(stack.home), environment: process.env, version: '0' },
    model: createScriptedModel([{ text: '' }]),
  });
  const options = { connection: native, shutdownGraceTime: 100, shutdownForceTime: 5_000 };
  const workers = await Promise.all([
    Worker.create({
      ...{ ...options, taskQueue: queues.main, activities: activities.light },
      workflowBundle: await workflowBundle(),
    }),
    Worker.create({
      ...{ ...options, taskQueue: queues.exec },
      activities: scripted(activities, stores(stack.home), plan, target),
    }),
  ]);
  const runs = Promise.all(workers.map((worker) => worker.run()));
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const { id: repositoryId } = await api<{ id: string }>('POST', '/api/repositories', { source: target });
  return {
    ...{ url, token, home: stack.home, target, repositoryId, api },
    async close() {
      for (const worker of workers) worker.shutdown();
      await runs;
      await activities.close();
      await ended(child);
      await native.close();
      await stack.stop();
      rmSync(dirname(target), { recursive: true, force: true });
    },
  };
}
