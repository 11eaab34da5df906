/** What a night needs of this machine: whose turn it is, and its summary kept as record and as Markdown. */
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { writeAtomically } from '../disk.js';
import { toRatchetError } from '../errors.js';
import { inTurn, nightReport } from '../workflows/night-policy.js';
import type { NightActivities, NightStatus } from './night-types.js';
import type { Repository } from '../versioning/types.js';
import type { CycleStatus } from './types.js';
import type { Tools } from './tools.js';

const cyclesRead = 1_000;

/** Light activities of the nightly workflow. A full disk is waited for: a night must not lose its summary. */
export function createNightActivities(
  tools: Pick<Tools, 'records' | 'audit' | 'stop' | 'paths'>,
): NightActivities {
  const { records, audit, stop, paths } = tools;
  const kept = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const fault = toRatchetError(error);
      throw ApplicationFailure.create({ type: fault.code, message: fault.message, nonRetryable: false });
    }
  };
  return {
    planNight: ({ repositories }) =>
      kept(async () => {
        const found: Repository[] = [];
        const missing: string[] = [];
        for (const id of repositories) {
          const one = await records.get<Repository>('repositories', id);
          if (one === null) missing.push(id);
          else found.push(one);
        }
        const cycles = await records.list<CycleStatus>('cycles', cyclesRead);
        return { repositories: inTurn(found, cycles), missing, stopped: await stop.state() };
      }),
    keepNight: ({ night, audit: notes }) =>
      kept(async () => {
        await records.put<NightStatus>('nights', night.id, night);
        if (night.finishedAt !== null) await writeReport(paths.reports, night);
        for (const note of notes) await audit.append(note);
      }),
  };
}

async function writeReport(directory: string, night: NightStatus): Promise<void> {
  const name = `${night.startedAt.slice(0, 10)}-${night.id}.md`;
  await writeAtomically(join(directory, name), nightReport(night));
}
