/** Verification: workspace → evidence. Pure contract of sandbox, runners, gates and evidence. */
import type { FunctionMetrics } from '../analysis/types.js';
import type { CommitId, Digest, Patch } from '../versioning/types.js';

export type GateId =
  'policy' | 'parses' | 'types' | 'tests' | 'coverage' | 'equivalence' | 'performance' | 'complexity';

/** A gate's answer. `inconclusive` is an answer; `notApplicable` says that the question does not arise. */
export type GateResult = 'pass' | 'fail' | 'inconclusive' | 'notApplicable';

/** One gate's verdict with the numbers behind it. */
export interface Verdict {
  readonly gate: GateId;
  readonly verdict: GateResult;
  /** One sentence for a person. */
  readonly reason: string;
  /** Figures with their unit in the name (`wallMs`, `ratioLower`); flat or nested JSON. */
  readonly numbers: Readonly<Record<string, unknown>>;
  /** What would settle an inconclusive answer. */
  readonly settle?: string;
  /** Milliseconds spent; not part of the digest. */
  readonly elapsedMs: number;
}

export type TrialVerdict = 'accepted' | 'refused' | 'inconclusive';

/** Bounds of one sandboxed process tree. */
export interface Limits {
  readonly wallMs: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  readonly processes: number;
  /** stdout + stderr kept; beyond it the tree is killed. */
  readonly outputBytes: number;
  /** Largest single file. */
  readonly fileBytes: number;
  /** Size of writable scratch (overlay upper and /tmp). */
  readonly scratchBytes: number;
}

/**
 * What to run. The workspace (and, over it, the dependencies) is seen at `/work`, writable but thrown away after the
 * run: the host's copy never changes. `output` is the only host directory that is written, seen at `/out`.
 */
export interface SandboxRequest {
  /** Absolute path of the tree under test. */
  readonly workspace: string;
  /** Absolute path of a tree that holds node_modules (root and packages), or null. */
  readonly dependencies: string | null;
  /** Further trees laid over workspace and dependencies, the last on top (instrumented or restored files). */
  readonly layers?: readonly string[];
  /** Read-only directory of our own harness files, seen at `/harness`, or null. */
  readonly harness: string | null;
  /** Additional read-only host directories, seen at `/ro/<name>`. */
  readonly readOnly?: Readonly<Record<string, string>>;
  readonly output: string;
  readonly argv: readonly string[];
  /** Relative to the workspace. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: Limits;
}

/** Which bound ended the run. */
export type LimitName = 'wall' | 'cpu' | 'memory' | 'processes' | 'output' | 'stopped';

export interface SandboxResult {
  /** Null when killed by a signal or limit. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly limit: LimitName | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly wallMs: number;
  readonly cpuMs: number | null;
  readonly peakRssBytes: number | null;
}

/** The only door to untrusted code. Fails closed with SANDBOX_UNAVAILABLE. */
export interface Sandbox {
  readonly description: string;
  /**
   * Runs one process tree. Crossing a limit is a result; being stopped is not: the emergency stop or `signal` kills
   * the tree at once and throws the signal's reason (STOPPED, else CANCELLED), so that nobody reads it as red tests.
   * Never follow links when reading `request.output` afterwards (`readOutput` of this room does it safely).
   */
  run(request: SandboxRequest, signal?: AbortSignal): Promise<SandboxResult>;
}

export type RunnerId = 'jest' | 'vitest' | 'mocha' | 'node:test' | 'ava' | 'tape' | 'tap' | 'command';

export type TestStatus = 'passed' | 'failed' | 'skipped' | 'todo';

/** One test; `id` = "file › suite › name", unique in a run (a repeated name gets " #2"). */
export interface TestResult {
  readonly id: string;
  readonly file: string;
  readonly name: string;
  readonly status: TestStatus;
  readonly durationMs: number | null;
  readonly message: string | null;
}

/** One run of the suite. */
export interface TestRun {
  readonly runner: RunnerId;
  readonly tests: readonly TestResult[];
  readonly exitCode: number | null;
  readonly limit: LimitName | null;
  readonly wallMs: number;
  readonly cpuMs: number | null;
  /** Tail of the output for people, at most 20 kB. */
  readonly outputTail: string;
  /** `.only` seen by the runner. */
  readonly only: boolean;
}

/** How the suite of a repository is run. */
export interface TestPlan {
  readonly runner: RunnerId;
  /** Shell command run by `sh -c` inside the sandbox; reporters are injected by us. */
  readonly command: string;
  readonly directory: string;
  /** Where the plan came from, for people ("package.json scripts.test", "policy.testCommand"). */
  readonly origin: string;
}

/** Installed dependencies, cached by lockfile hash. */
export interface Dependencies {
  /** Absolute path of the tree with node_modules, null when the package needs none. */
  readonly path: string | null;
  readonly manager: 'npm' | 'pnpm' | 'yarn' | 'none' | 'checkout';
  readonly lockHash: Digest;
  readonly cached: boolean;
  readonly elapsedMs: number;
  /** What a person should know (no lockfile, versions resolved anew); none when absent. */
  readonly notes?: readonly string[];
}

/** What the unchanged repository does: trials compare against it. */
export interface Baseline {
  readonly commit: CommitId;
  readonly plan: TestPlan;
  readonly dependencies: Dependencies;
  /** Test id → status agreed by both runs. */
  readonly tests: Readonly<Record<string, TestStatus>>;
  readonly durationsMs: Readonly<Record<string, number>>;
  /** Ids whose two runs disagree. */
  readonly flaky: readonly string[];
  /** Ids red in both runs. */
  readonly red: readonly string[];
  /** Wall time of the faster run, ms. */
  readonly suiteMs: number;
  /** Diagnostics of the base, as stable keys with counts; null when the repository has no TypeScript. */
  readonly node: string;
}

/** A changed function (or other declaration) of a patch. */
export interface ChangedDeclaration {
  readonly file: string;
  readonly name: string;
  readonly before: { readonly start: number; readonly end: number } | null;
  readonly after: { readonly start: number; readonly end: number } | null;
}

/** Everything a gate may look at. Paths are absolute host paths of pristine trees. */
export interface TrialContext {
  readonly repositoryId: string;
  readonly base: CommitId;
  readonly baseTree: string;
  readonly candidateTree: string;
  readonly directory: string;
  readonly patch: Patch;
  readonly baseline: Baseline;
  readonly sandbox: Sandbox;
  readonly limits: Limits;
  /** Does the proposal claim to be faster? Then `performance` must pass. */
  readonly claimsGain: boolean;
  /** Absolute path of a workload module given by a person, or null. */
  readonly workload: string | null;
  /** Seed of everything random in this trial. */
  readonly seed: number;
  /** Fresh scratch directory of this trial on the host. */
  readonly scratch: string;
  readonly coverageMinimum: number;
  /** Answers of earlier gates in this trial. */
  readonly earlier: readonly Verdict[];
  readonly onProgress: (message: string) => void;
  /** Told about each whole run of the suite on the candidate; for the history of tests. */
  readonly onSuiteRun?: (run: TestRun) => void;
}

/** One question asked of a trial. Throws only coded faults; expected ends are verdicts. */
export interface Gate {
  readonly id: GateId;
  /** Part of the evidence: bump when the meaning of the verdict changes. */
  readonly version: number;
  run(context: TrialContext, signal: AbortSignal): Promise<Verdict>;
}

/** What the run depended on. */
export interface Environment {
  readonly ratchet: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly sandbox: string;
  readonly gates: Readonly<Record<string, number>>;
  /** sha256 over all harness files that run beside untrusted code. */
  readonly harness: Digest;
}

/** All verdicts of a trial + environment + digests; stored content-addressed, its digest binds the decision. */
export interface Evidence {
  readonly schemaVersion: 1;
  readonly repositoryId: string;
  readonly proposalId: string;
  readonly base: CommitId;
  readonly patch: Patch;
  readonly verdict: TrialVerdict;
  /** One sentence: which gate decided and why. */
  readonly reason: string;
  readonly settle: string | null;
  readonly gates: readonly Verdict[];
  readonly baseline: {
    readonly tests: number;
    readonly flaky: readonly string[];
    readonly red: readonly string[];
  };
  readonly plan: TestPlan;
  readonly lockHash: Digest;
  readonly seed: number;
  readonly claimsGain: boolean;
  /** False when the patch changes nothing that runs (comments, types, white space). */
  readonly changesCode: boolean;
  /** Artifacts that belong to the evidence: workload, recorded inputs. Name → digest. */
  readonly attachments: Readonly<Record<string, Digest>>;
  readonly environment: Environment;
  readonly complexity: {
    readonly before: readonly FunctionMetrics[];
    readonly after: readonly FunctionMetrics[];
  } | null;
  /** Limits of each sandboxed process of the trial. */
  readonly limits: Limits;
  /** sha256 over what does not depend on the machine or the minute: a replay gives the same. */
  readonly deterministicDigest: Digest;
  /** ISO 8601. */
  readonly finishedAt: string;
}
