/** What a trial depended on: the machine, the runtime, the sandbox, our own harness. */
import { cpus, release, totalmem } from 'node:os';
import type { Digest } from '../versioning/types.js';
import type { Environment } from './types.js';

/** Records this machine. `node` is the runtime of the code under test. */
export function environmentOf(known: {
  readonly version: string;
  readonly harness: Digest;
  readonly sandbox: string;
  readonly gateVersions: Readonly<Record<string, number>>;
  readonly node?: string;
}): Environment {
  const processors = cpus();
  return {
    ratchet: known.version,
    node: known.node ?? process.version,
    platform: `${process.platform} ${release()} ${process.arch}`,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    sandbox: known.sandbox,
    gates: known.gateVersions,
    harness: known.harness,
  };
}
