/** How long each attempt of an activity took and waited, by its name; what it does is left alone. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Recorder } from '../metrics/types.js';

export function measureActivities(recorder: Pick<Recorder, 'record'>): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const activity = info.activityType;
        const scheduled = info.currentAttemptScheduledTimestampMs;
        // Two clocks: the server's and this machine's. A negative wait is none.
        if (!info.isLocal)
          recorder.record('activity.wait', { activity }, Math.max(0, Date.now() - scheduled));
        const began = performance.now();
        const done = (outcome: string): void =>
          recorder.record('activity.duration', { activity, outcome }, performance.now() - began);
        try {
          const result = await next(input);
          done('done');
          return result;
        } catch (error) {
          done('failed');
          throw error;
        }
      },
    },
  });
}
