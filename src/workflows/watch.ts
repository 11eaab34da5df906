/** One look at the measurements: alerts are raised and ended, messages sent, the report of the day written. */
import * as wf from '@temporalio/workflow';
import type { WatchActivities, WatchResult } from '../activities/watch-types.js';

const { watchMetrics } = wf.proxyLocalActivities<WatchActivities>({
  startToCloseTimeout: '2 minutes',
  // The next look comes anyway.
  retry: { maximumAttempts: 2 },
});

/** Runs once; a schedule starts it every minute. */
export async function watch(): Promise<WatchResult> {
  const result = await watchMetrics();
  const words = result.looked
    ? `${result.series} looked at, ${result.open} open, ${result.fired.length} new, ${result.resolved.length} ended`
    : 'Redis could not be asked: nothing is said';
  wf.setCurrentDetails(words);
  return result;
}
