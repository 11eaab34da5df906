/** All gates of a trial; `runTrial` asks them in order of cost. */
import { generatedWorkloads, typedWorkloads } from '../performance/generated-workloads.js';
import { suiteWorkloads } from '../performance/suite/suite-workloads.js';
import type { Gate } from '../types.js';
import { createComplexityGate, type MetricsOf } from './complexity.js';
import { createEquivalenceGate } from './equivalence.js';
import { createPerformanceGate } from './performance.js';
import { createCoverageGate } from './coverage.js';
import { createParsesGate } from './parses.js';
import { createPolicyGate, type JudgeDiff } from './policy.js';
import { createTestsGate } from './tests.js';
import { createTypesGate } from './types.js';

export interface GateParts {
  /** Versioning's own rules. */
  readonly judge: JudgeDiff;
  /** Analysis's own metrics. */
  readonly metricsOf: MetricsOf;
  /** One-minute load average, for the record. */
  readonly loadAverage: () => number;
}

export function createGates(parts: GateParts): readonly Gate[] {
  return [
    createPolicyGate(parts.judge),
    createParsesGate(),
    createTypesGate(),
    createTestsGate(),
    createCoverageGate(),
    createEquivalenceGate(),
    createComplexityGate(parts.metricsOf),
    createPerformanceGate({
      loadAverage: parts.loadAverage,
      sources: [typedWorkloads, suiteWorkloads, generatedWorkloads],
    }),
  ];
}
