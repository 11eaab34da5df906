/** What a patch may do. Pure: the same answer in a workflow, a gate, a command and a test. */
export { parseDiff } from './parse-diff.js';
export { judgePatch } from './judge-patch.js';
export type { JudgeInput } from './judge-patch.js';
import type { RepositoryPolicy } from './types.js';

/** The policy of a repository whose owner said nothing. */
export const defaultPolicy: RepositoryPolicy = {
  testCommand: null,
  maxFiles: 5,
  maxLines: 200,
  maxOpenProposals: 8,
  protectedPaths: [],
  allowedPaths: [],
  decisionTimeoutMs: 72 * 60 * 60 * 1000,
  suiteTimeoutMs: 10 * 60 * 1000,
  coverageMinimum: 0.8,
};
