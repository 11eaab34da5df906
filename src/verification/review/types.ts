/** What a review shows: the evidence, and what the proposer said when there was one. Pure. */
import type { Proposal } from '../../improvement/types.js';
import type { Digest } from '../../versioning/types.js';
import type { Evidence } from '../types.js';

/** The part of a proposal that a reviewer reads. */
export type ReviewProposal = Pick<
  Proposal,
  | 'id'
  | 'title'
  | 'reason'
  | 'rule'
  | 'tier'
  | 'proposer'
  | 'risk'
  | 'impact'
  | 'preconditions'
  | 'assumptions'
  | 'complexity'
  | 'place'
>;

/** One page's subject. */
export interface ReviewSubject {
  readonly evidence: Evidence;
  readonly digest: Digest;
  /** Null for a patch from outside: nobody gave a reason. */
  readonly proposal: ReviewProposal | null;
  readonly repositoryName: string | null;
  /** How often the gates were wrong about such changes, one sentence; left out where nobody asked the ledger. */
  readonly calibration?: string;
}
