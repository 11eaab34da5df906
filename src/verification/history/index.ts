/** The light door of the history of tests: kept on Redis when there is one. */
import { createRedisHistory } from './redis-history.js';
import type { TestHistory } from './types.js';

export { assessHistory, suiteId } from './policy.js';
export type { RunToKeep, SlowAlert, TestAssessment, TestHistory, TestSeries } from './types.js';

/** Without Redis nothing is kept, and `read` says null. */
export function createTestHistory(redisUrl: string | null, log?: (message: string) => void): TestHistory {
  if (redisUrl !== null) return createRedisHistory(redisUrl, log);
  return { keep: async () => false, read: async () => null, close: async () => undefined };
}
