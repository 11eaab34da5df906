/** Real runs of the performance gate, kept between calls: a bench that takes hours can be run in pieces. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { GateResult } from '../../src/verification/types.js';
import type { Kind } from './known-pairs.js';

/** One run of the gate over a pair of known ratio. */
export interface KeptRun {
  readonly kind: Kind;
  readonly ratio: number;
  /** Busy loops that ran beside it. */
  readonly load: number;
  readonly verdict: GateResult;
  readonly reason: string;
  readonly seconds: number;
  /** One-minute load average when it began: what else the machine did. */
  readonly loadAverage: number;
  /** Deciding times of each quad in microseconds: base, candidate, candidate, base. Only for identical code. */
  readonly quads: readonly (readonly number[])[];
}

interface Kept {
  readonly version: string;
  readonly runs: KeptRun[];
}

function read(path: string, version: string): Kept {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
    if (kept.version === version) return kept;
  } catch {
    // Nothing kept yet, or cut off: start anew.
  }
  return { version, runs: [] };
}

/**
 * Opens the file; runs of another version (harness or stopping rule) are left behind.
 * @param path of a JSON file
 */
export function openRunCache(path: string, version: string) {
  const kept = read(path, version);
  mkdirSync(dirname(path), { recursive: true });
  return {
    runs: kept.runs as readonly KeptRun[],
    count: (kind: Kind, ratio: number, load: number): number =>
      kept.runs.filter((run) => run.kind === kind && run.ratio === ratio && run.load === load).length,
    add(run: KeptRun): void {
      kept.runs.push(run);
      writeFileSync(`${path}.new`, JSON.stringify(kept));
      renameSync(`${path}.new`, path);
    },
  };
}
