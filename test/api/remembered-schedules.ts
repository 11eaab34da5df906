/** Temporal's schedules in a Map, for tests of the routes alone. */
import type { ScheduleGateway } from '../../src/api/schedule-gateway.js';
import { RatchetError } from '../../src/errors.js';
import type { NightInput, ScheduleView } from '../../src/activities/night-types.js';

export function rememberedSchedules(): ScheduleGateway {
  const kept = new Map<string, ScheduleView>();
  const get = async (name: string): Promise<ScheduleView> => {
    const found = kept.get(name);
    if (found === undefined) throw new RatchetError('NOT_FOUND', `No schedule ${name}.`, { where: name });
    return found;
  };
  const change = async (name: string, more: Partial<ScheduleView>): Promise<void> => {
    kept.set(name, { ...(await get(name)), ...more });
  };
  return {
    async set(definition: NightInput) {
      const { schedule: name } = definition;
      const known = kept.get(name);
      const fresh = { note: null, next: [], running: false, taken: 0, skipped: 0, missed: 0 };
      kept.set(name, { ...fresh, name, definition, paused: known?.paused ?? false });
      return known === undefined ? 'created' : 'changed';
    },
    list: async () => [...kept.values()],
    get,
    pause: (name, note) => change(name, { paused: true, note }),
    resume: (name, note) => change(name, { paused: false, note }),
    run: async (name) => change(name, { taken: (await get(name)).taken + 1 }),
    async backfill(name) {
      await get(name);
    },
    async remove(name) {
      await get(name);
      kept.delete(name);
    },
  };
}
