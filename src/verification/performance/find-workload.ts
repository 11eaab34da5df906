/** Which workload decides: a person's file, else calls recorded from the suite, else inputs from the types. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { RatchetError } from '../../errors.js';
import type { TrialContext } from '../types.js';
import type { Workload } from './types.js';

const workloadBytesMaximum = 1024 * 1024;

/** Makes workloads from what the equivalence gate knows; [] when it cannot. Passed in. */
export type WorkloadSource = (context: TrialContext, signal: AbortSignal) => Promise<readonly Workload[]>;

/** Reads a person's workload file. @throws RatchetError NOT_FOUND, LIMIT_EXCEEDED. */
async function readWorkload(path: string): Promise<Workload> {
  const info = await stat(path).catch(() => null); // absent, or not readable: one sentence for both
  if (info === null || !info.isFile()) {
    throw new RatchetError('NOT_FOUND', `The workload file ${path} cannot be read.`, { where: path });
  }
  if (info.size > workloadBytesMaximum) {
    throw new RatchetError('LIMIT_EXCEEDED', `The workload file ${path} is larger than 1 MiB.`, {
      where: path,
    });
  }
  return { origin: 'file', title: basename(path), source: await readFile(path, 'utf8') };
}

/**
 * All workloads in the order of trust in what they stand for. A person's file stands alone: when it cannot be used,
 * nothing else is tried in its place.
 */
export async function* findWorkloads(
  context: TrialContext,
  sources: readonly WorkloadSource[],
  signal: AbortSignal,
): AsyncGenerator<Workload> {
  if (context.workload !== null) {
    yield await readWorkload(context.workload);
    return;
  }
  const seen = new Set<string>();
  for (const source of sources) {
    for (const workload of await source(context, signal)) {
      if (seen.has(workload.title)) continue;
      seen.add(workload.title);
      yield workload;
    }
  }
}
