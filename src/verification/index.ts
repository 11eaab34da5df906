/** The door of verification: workspace → evidence. */
export { createSandbox, type SandboxOptions } from './sandbox/create-sandbox.js';
export { listOutput, readOutput } from './sandbox/read-output.js';
export { detectTestPlan } from './detect-plan.js';
export { countTests, harnessDirectory, runSuite, type SuiteRequest, type SuiteRun } from './run-suite.js';
export { runTrial, type TrialProgress, type TrialRequest } from './run-trial.js';
export { refuseTrial, type RefusalRequest } from './refuse-trial.js';
export {
  prepareBaseline,
  tryOnBase,
  type OnSuiteRun,
  type SuiteStep,
  type TrialOrder,
  type TrialParts,
} from './prepare-trial.js';
export { suiteLimitsOf } from './suite-limits.js';
export { harnessDigest } from './harness-digest.js';
export { createGates, type GateParts } from './gates/create-gates.js';
export { createPolicyGate, type JudgeDiff } from './gates/policy.js';
export { createComplexityGate, type MetricsOf } from './gates/complexity.js';
export { createPerformanceGate, type PerformanceOptions } from './gates/performance.js';
export { decideVerdict, gateOrder } from './policy.js';
export { canonicalJson, sha256 } from '../canonical.js';
export { evidenceDigest, openBundle, writeBundle } from './evidence/bundle.js';
export { readBundle, type Flaw } from './evidence/read-bundle.js';
export { verifyBundle, verifyEvidence, type EvidenceCheck } from './evidence/verify-evidence.js';
export { deterministicVerdict, measuredGates } from './evidence/deterministic.js';
export { installDependencies, type InstallRequest } from './install-dependencies.js';
export {
  adoptBaseline,
  measureBaseline,
  type BaselineRequest,
  type MeasuredBaseline,
} from './measure-baseline.js';
export { measureExecution, type ExecutedShares } from './measure-execution.js';
export { readHotShares } from './runners/read-profiles.js';
export { createParsesGate } from './gates/parses.js';
export { createTypesGate } from './gates/types.js';
export { createTestsGate } from './gates/tests.js';
export { createCoverageGate } from './gates/coverage.js';
export { compareTests, worse, type Difference } from './runners/compare-tests.js';
