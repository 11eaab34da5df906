/** Bounds of one run of a suite, from the policy and the machine. */
import { cpus, totalmem } from 'node:os';
import type { RepositoryPolicy } from '../versioning/types.js';
import type { Limits } from './types.js';

const gigabyte = 1024 ** 3;

/** Wall time as the owner allows; CPU time on every core for as long; half the memory, at least 2 GiB. */
export function suiteLimitsOf(policy: Pick<RepositoryPolicy, 'suiteTimeoutMs'>): Limits {
  return {
    wallMs: policy.suiteTimeoutMs,
    cpuSeconds: Math.ceil((policy.suiteTimeoutMs / 1_000) * Math.max(2, cpus().length)),
    memoryBytes: Math.max(2 * gigabyte, Math.floor(totalmem() / 2)),
    processes: 512,
    outputBytes: 64 * 1024 * 1024,
    fileBytes: gigabyte,
    scratchBytes: 2 * gigabyte,
  };
}
