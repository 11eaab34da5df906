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
import type { LanguageModel } from '../../src/llm/types.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';
import { makePatch } from '../../src/versioning/index.js';
import type { Change } from '../../src/versioning/types.js';
import { repositoryOf } from '../e2e/product.js';
import { startTestStack, type TestStack } from '../support/servers.js';
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

/** What scripted workers are given. */
interface ScriptedWork {
  readonly plan: readonly Planned[];
  readonly target: string;
  /** Answers conversations; without one nobody does. */
  readonly model?: LanguageModel;
  /** Takes the place of further steps. */
  readonly more?: Partial<ExecActivities>;
}

export interface DashboardHarness {
  readonly url: string;
  readonly token: string;
  readonly home: string;
  /** The repository that changes land on. */
  readonly target: string;
  readonly repositoryId: string;
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Ends the API as a crash would, and starts another at the same address. */
  apiPid(): number;
  killApi(): Promise<void>;
  startApiAgain(): Promise<void>;
  readonly servers: Pick<TestStack, 'kill' | 'untilBack'>;
  close(): Promise<void>;
}

/** What a test wants otherwise. */
interface DashboardOptions extends Partial<Pick<ScriptedWork, 'model' | 'more'>> {
  /** False: nothing is registered yet, and `repositoryId` is empty. */
  readonly registered?: boolean;
}

async function startApi(
  environment: Readonly<Record<string, string>>,
  port = '0',
): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(join(root, 'dist/api/server.js'), {
    env: { ...process.env, NODE_OPTIONS: '', ...environment, RATCHET_API_PORT: port },
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

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill(signal);
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
    async suggest() {
      return { proposals: [], note: null };
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

/** Workers with the product's workflows and light activities; the steps that take minutes follow the plan. */
export async function startScriptedWorkers(
  stack: TestStack,
  { plan, target, model, more = {} }: ScriptedWork,
): Promise<{ close(): Promise<void> }> {
  const config = readConfig(stack.environment);
  const native = await NativeConnection.connect({ address: stack.temporalAddress });
  const activities = await createActivities({
    ...{ config, paths: homePaths(stack.home), environment: process.env, version: '0' },
    model: model ?? createScriptedModel([{ text: '' }]),
  });
  const options = { connection: native, shutdownGraceTime: 100, shutdownForceTime: 5_000 };
  const exec = { ...scripted(activities, stores(stack.home), plan, target), ...more };
  const workers = await Promise.all([
    Worker.create({
      ...{ ...options, taskQueue: queues.main, activities: activities.light },
      workflowBundle: await workflowBundle(),
    }),
    Worker.create({ ...options, taskQueue: queues.exec, activities: exec }),
    ...(model === undefined
      ? []
      : [Worker.create({ ...options, taskQueue: queues.llm, activities: activities.llm })]),
  ]);
  const runs = Promise.all(workers.map((worker) => worker.run()));
  return {
    async close() {
      for (const worker of workers) worker.shutdown();
      await runs;
      await activities.close();
      await native.close();
    },
  };
}

/** @param files of the repository; `plan` what a cycle over it proposes */
export async function startDashboard(
  files: Readonly<Record<string, string>>,
  plan: readonly Planned[],
  { registered = true, ...more }: DashboardOptions = {},
): Promise<DashboardHarness> {
  quietRuntime();
  const stack = await startTestStack();
  const target = repositoryOf(files);
  let running = await startApi(stack.environment);
  const { url } = running;
  const token = readFileSync(homePaths(stack.home).token, 'utf8').trim();
  const workers = await startScriptedWorkers(stack, { plan, target, ...more });
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const register = () => api<{ id: string }>('POST', '/api/repositories', { source: target });
  return {
    ...{ url, token, home: stack.home, target, api, servers: stack },
    repositoryId: registered ? (await register()).id : '',
    apiPid: () => running.child.pid ?? 0,
    killApi: () => ended(running.child, 'SIGKILL'),
    async startApiAgain() {
      running = await startApi(stack.environment, new URL(url).port);
    },
    async close() {
      await workers.close();
      await ended(running.child);
      await stack.stop();
      rmSync(dirname(target), { recursive: true, force: true });
    },
  };
}
