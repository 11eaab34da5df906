/**
 * What of a trial must come out the same on any machine at any time: every verdict but the measured ones, without
 * times and sizes of processes. `replay` compares exactly this, byte for byte.
 */
import type { Evidence, GateId, Verdict } from '../types.js';
import { canonicalJson, sha256 } from '../../canonical.js';

/** Gates whose answer is measured: re-measured by a replay, never compared byte for byte. */
export const measuredGates: ReadonlySet<GateId> = new Set<GateId>(['performance']);

/** Names of figures that are measured: times, memory, rates; how many mutants are tried depends on time. */
const measuredName =
  /(Ms|Seconds|Bytes|PerSecond|Us|Ns)$|^(measured|samples|timings|elapsed|duration|mutants)/;

/** Times in a sentence ("3.8 s", "12 ms") say nothing about the verdict. */
const timeInText = /\b\d[\d,]*(\.\d+)?\s?(ms|s|min)\b/g;

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value === 'string') return value.replace(timeInText, '…');
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).filter(([key]) => !measuredName.test(key));
  return Object.fromEntries(members.map(([key, member]) => [key, strip(member)]));
}

/** The part of one verdict that a replay must reproduce; null for a measured gate. */
export function deterministicVerdict(verdict: Verdict): unknown {
  if (measuredGates.has(verdict.gate)) return null;
  const { gate, verdict: answer, reason, numbers, settle } = verdict;
  return strip({ gate, verdict: answer, reason, numbers, settle: settle ?? null });
}

type DeterministicInput = Pick<
  Evidence,
  'base' | 'patch' | 'seed' | 'claimsGain' | 'changesCode' | 'lockHash' | 'gates'
> & { readonly harness: string; readonly gateVersions: Readonly<Record<string, number>> };

/** sha256 over the canonical JSON of everything that does not depend on the machine or the minute. */
export function deterministicDigest(input: DeterministicInput): string {
  return sha256(
    canonicalJson({
      schemaVersion: 1,
      base: input.base,
      patch: input.patch.digest,
      files: input.patch.files,
      seed: input.seed,
      claimsGain: input.claimsGain,
      changesCode: input.changesCode,
      lockHash: input.lockHash,
      harness: input.harness,
      gateVersions: input.gateVersions,
      gates: input.gates.map(deterministicVerdict),
    }),
  );
}
