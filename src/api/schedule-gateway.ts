/** Schedules of nights: Temporal keeps them, their definition is the input of the workflow they start. */
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleSpec,
} from '@temporalio/client';
import { RatchetError } from '../errors.js';
import { queues } from '../activities/types.js';
import type { NightInput, NightTimes, ScheduleView } from '../activities/night-types.js';
import { workflowIds } from '../workflows/messages.js';

const prefix = 'nightly/';
const catchUp = '1 hour';
/** Spreads the schedules of one minute a little; intervals are exact. */
const jitter = '1 minute';
const schedulesMaximum = 100;

export interface ScheduleGateway {
  /** Creates or changes; a paused schedule stays paused. */
  set(definition: NightInput): Promise<'created' | 'changed'>;
  list(): Promise<readonly ScheduleView[]>;
  get(name: string): Promise<ScheduleView>;
  pause(name: string, note: string): Promise<void>;
  resume(name: string, note: string): Promise<void>;
  /** Starts a night now; nothing happens while one runs. */
  run(name: string): Promise<void>;
  /** Takes the firings between two instants, one after the other. */
  backfill(name: string, from: Date, to: Date): Promise<void>;
  remove(name: string): Promise<void>;
}

function specOf({ at, days, cron, everyMs, timezone }: NightTimes): ScheduleSpec {
  if (everyMs !== null) return { intervals: [{ every: everyMs }] };
  if (cron !== null) return { cronExpressions: [cron], timezone, jitter };
  const [hour = 4, minute = 0] = (at ?? '04:00').split(':').map(Number);
  // Without `end` the server reads Sunday, and refuses all days after it.
  const dayOfWeek = days.map((day) => ({ start: weekdays[day] ?? 'SUNDAY', end: weekdays[day] ?? 'SUNDAY' }));
  return { calendars: [{ hour, minute, ...(days.length === 0 ? {} : { dayOfWeek }) }], timezone, jitter };
}

const weekdays = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const;

function optionsOf(definition: NightInput) {
  return {
    spec: specOf(definition.times),
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'nightly',
      workflowId: workflowIds.night(definition.schedule),
      taskQueue: queues.main,
      args: [definition],
      staticSummary: `${definition.schedule} · ${definition.repositories.length} repositories`,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUp, pauseOnFailure: true },
  };
}

function viewOf(found: ScheduleDescription): ScheduleView {
  const { state, info, action, scheduleId } = found;
  const [definition] = (action.args ?? []) as NightInput[];
  if (definition === undefined) {
    throw new RatchetError('CORRUPT', `The schedule ${scheduleId} has no definition.`, {
      where: scheduleId,
      mend: 'Remove it and set it again.',
    });
  }
  return {
    name: scheduleId.slice(prefix.length),
    definition,
    paused: state.paused,
    note: state.note ?? null,
    next: info.nextActionTimes.slice(0, 5).map((time) => time.toISOString()),
    running: info.runningActions.length > 0,
    taken: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}

function mapped(error: unknown, name: string): unknown {
  if (error instanceof ScheduleNotFoundError) {
    return new RatchetError('NOT_FOUND', `No schedule ${name}.`, {
      where: name,
      mend: 'List them: ratchet schedule list.',
    });
  }
  // The SDK turns what the server calls an invalid argument into a TypeError.
  const refused = error instanceof TypeError ? error.message : null;
  if (refused !== null) {
    return new RatchetError('INVALID_INPUT', `Temporal refuses the schedule: ${refused.slice(0, 300)}.`, {
      where: name,
      mend: 'Check the cron expression and the time zone.',
    });
  }
  return error;
}

/** @param call runs one request with its deadline and maps what is left of its faults */
export function createScheduleGateway(
  client: Client,
  call: <T>(work: () => Promise<T>) => Promise<T>,
): ScheduleGateway {
  const handle = (name: string) => client.schedule.getHandle(prefix + name);
  const on = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    call(async () => {
      try {
        return await work();
      } catch (error) {
        throw mapped(error, name);
      }
    });
  return {
    set: (definition) =>
      on(definition.schedule, async () => {
        const options = optionsOf(definition);
        try {
          await client.schedule.create({ scheduleId: prefix + definition.schedule, ...options });
          return 'created';
        } catch (error) {
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
          await handle(definition.schedule).update(({ state }) => ({ ...options, state }));
          return 'changed';
        }
      }),
    list: () =>
      call(async () => {
        const names: string[] = [];
        for await (const { scheduleId } of client.schedule.list()) {
          if (scheduleId.startsWith(prefix)) names.push(scheduleId);
          if (names.length >= schedulesMaximum) break;
        }
        const found = await Promise.all(
          names.toSorted().map((id) => client.schedule.getHandle(id).describe()),
        );
        return found.map(viewOf);
      }),
    get: (name) => on(name, async () => viewOf(await handle(name).describe())),
    pause: (name, note) => on(name, () => handle(name).pause(note)),
    resume: (name, note) => on(name, () => handle(name).unpause(note)),
    run: (name) => on(name, () => handle(name).trigger(ScheduleOverlapPolicy.SKIP)),
    backfill: (name, start, end) =>
      on(name, () => handle(name).backfill({ start, end, overlap: ScheduleOverlapPolicy.BUFFER_ALL })),
    remove: (name) => on(name, () => handle(name).delete()),
  };
}
