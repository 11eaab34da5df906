/** The schedule of the watch: made by whichever worker starts first, so that no API is needed for alerts. */
import { Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { queues } from './types.js';

const scheduleId = 'watch/metrics';
const definition = {
  spec: { intervals: [{ every: '1 minute' as const }] },
  action: {
    ...({ type: 'startWorkflow', workflowType: 'watch', workflowId: 'watch/metrics' } as const),
    ...{ taskQueue: queues.main, args: [], staticSummary: 'measurements · alerts · report' },
    workflowExecutionTimeout: '10 minutes' as const,
  },
  // What was missed is in the series: one look sees it all.
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' as const },
};

/** Safe to repeat, and at the same time. @throws what the server says */
export async function ensureWatch(
  connection: NativeConnection,
  namespace: string,
): Promise<'made' | 'there'> {
  const client = new Client({ connection, namespace });
  try {
    await client.schedule.create({ scheduleId, ...definition });
    return 'made';
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return 'there';
    throw error;
  }
}
