/** Checks that evidence says what its own parts say: verdict, deterministic digest, the digest that was asked for. */
import type { Digest } from '../../versioning/types.js';
import { decideVerdict } from '../policy.js';
import type { Evidence } from '../types.js';
import { canonicalJson, sha256 } from '../../canonical.js';
import { deterministicDigest } from './deterministic.js';
import { readBundle, type Flaw } from './read-bundle.js';

/** What a check of evidence found; `intact` when there is no flaw. */
export interface EvidenceCheck {
  readonly intact: boolean;
  readonly digest: Digest | null;
  readonly evidence: Evidence | null;
  readonly flaws: readonly Flaw[];
}

/** Flaws inside evidence whose bytes are as written: a consistent forgery still has to obey the verdict table. */
export function inconsistenciesOf(evidence: Evidence): Flaw[] {
  const flaws: Flaw[] = [];
  const decision = decideVerdict(evidence.gates, evidence);
  if (decision.verdict !== evidence.verdict) {
    flaws.push({
      where: 'verdict',
      reason: `says ${evidence.verdict}; the gates' answers give ${decision.verdict}`,
    });
  }
  const digest = deterministicDigest({
    ...evidence,
    harness: evidence.environment.harness,
    gateVersions: evidence.environment.gates,
  });
  if (digest !== evidence.deterministicDigest) {
    flaws.push({ where: 'deterministicDigest', reason: 'is not the digest of the deterministic verdicts' });
  }
  return flaws;
}

/** Flaws inside parsed evidence; a document of another shape is one flaw. */
function consistency(evidence: Evidence): Flaw[] {
  try {
    return inconsistenciesOf(evidence);
  } catch (error) {
    // Whatever a stranger's document made us stumble over: its shape is not that of evidence.
    const detail = error instanceof Error ? error.message : String(error);
    return [{ where: 'evidence', reason: `has not the shape of evidence (${detail})` }];
  }
}

/** Checks a bundle, optionally against the digest that a decision or a commit names. */
export function verifyBundle(bytes: Uint8Array, expected: Digest | null): EvidenceCheck {
  const reading = readBundle(bytes);
  const flaws = [...reading.flaws];
  if (expected !== null && reading.digest !== expected) {
    flaws.push({ where: 'digest', reason: `is ${reading.digest ?? 'none'}, asked for was ${expected}` });
  }
  if (reading.evidence !== null && reading.flaws.length === 0) flaws.push(...consistency(reading.evidence));
  return { intact: flaws.length === 0, digest: reading.digest, evidence: reading.evidence, flaws };
}

/** Checks evidence as it lies in the artifact store. */
export function verifyEvidence(evidence: Evidence, expected: Digest): EvidenceCheck {
  const digest = sha256(canonicalJson(evidence));
  const flaws = consistency(evidence);
  if (digest !== expected)
    flaws.unshift({ where: 'digest', reason: `is ${digest}, asked for was ${expected}` });
  return { intact: flaws.length === 0, digest, evidence, flaws };
}
