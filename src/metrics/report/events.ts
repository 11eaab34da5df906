/** What happened in the house, from its records. Pure. */
import type { HouseEvent } from './types.js';

interface ChangeRecord {
  readonly id: string;
  readonly title: string;
  readonly repositoryId: string;
  readonly landedAt: string;
}
interface CycleRecord {
  readonly cycleId: string;
  readonly repositoryId: string;
  readonly repositoryName: string;
  readonly startedAt: string;
}

export const houseEvents = (
  changes: readonly ChangeRecord[],
  cycles: readonly CycleRecord[],
): HouseEvent[] => [
  ...changes.map(({ id, title, repositoryId, landedAt }): HouseEvent => ({
    ...{ kind: 'change', id, title, at: landedAt, repository: repositoryId },
  })),
  ...cycles.map(({ cycleId, repositoryId, repositoryName, startedAt }): HouseEvent => ({
    ...{ kind: 'cycle', id: cycleId, title: repositoryName, at: startedAt, repository: repositoryId },
  })),
];
