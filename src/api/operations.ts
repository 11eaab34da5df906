/** Every operation of the API, in the order of its document. */
import type { Operation } from './operation.js';
import { alertOperations } from './routes/alerts.js';
import { analysisOperations } from './routes/analyses.js';
import { changeOperations } from './routes/changes.js';
import { cycleOperations } from './routes/cycles.js';
import { documentOperations } from './routes/document.js';
import { evidenceOperations } from './routes/evidence.js';
import { findingOperations } from './routes/findings.js';
import { healthOperations } from './routes/health.js';
import { measurementOperations } from './routes/measurements.js';
import { memoryOperations } from './routes/memory.js';
import { metricOperations } from './routes/metrics.js';
import { modelOperations } from './routes/models.js';
import { openAiOperations } from './routes/openai.js';
import { proposalOperations } from './routes/proposals.js';
import { reportOperations } from './routes/reports.js';
import { repositoryOperations } from './routes/repositories.js';
import { safetyOperations } from './routes/safety.js';
import { scheduleOperations } from './routes/schedules.js';
import { sessionOperations } from './routes/sessions.js';
import { signInOperations } from './routes/sign-in.js';
import { testOperations } from './routes/tests.js';
import { trialOperations } from './routes/trials.js';
import { turnOperations } from './routes/turns.js';

export const operations: readonly Operation[] = [
  ...repositoryOperations,
  ...testOperations,
  ...analysisOperations,
  ...findingOperations,
  ...cycleOperations,
  ...proposalOperations,
  ...evidenceOperations,
  ...changeOperations,
  ...trialOperations,
  ...scheduleOperations,
  ...sessionOperations,
  ...turnOperations,
  ...memoryOperations,
  ...modelOperations,
  ...openAiOperations,
  ...safetyOperations,
  ...healthOperations,
  ...metricOperations,
  ...measurementOperations,
  ...alertOperations,
  ...reportOperations,
  ...signInOperations,
  ...documentOperations,
];
