/** Which workload decides: a person's file, else calls recorded from the suite, else inputs from the types. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { RatchetError } from '../../errors.js';
import type { TrialContext } from '../types.js';
import type { Workload } from './types.js';

const workloadBytesMaximum = 1024 * 1024;

/** Builds a workload from what the equivalence gate knows; null when it cannot. Passed in. */
export type WorkloadSource = (context: TrialContext, signal: AbortSignal) => Promise<Workload | null>;

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

/** The first source that has one; the order is the order of trust in what the workload stands for. */
export async function findWorkload(
  context: TrialContext,
  sources: readonly WorkloadSource[],
  signal: AbortSignal,
): Promise<Workload | null> {
  if (context.workload !== null) return readWorkload(context.workload);
  for (const source of sources) {
    const workload = await source(context, signal);
    if (workload !== null) return workload;
  }
  return null;
}
