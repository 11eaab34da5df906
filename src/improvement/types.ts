/** Improvement: findings → proposals. Pure contract. */
import type { Tier } from '../analysis/types.js';
import type { CommitId, Digest, Patch } from '../versioning/types.js';

export type * from './model-written/types.js';

/** Who wrote a proposal. */
export type Proposer = 'codemod' | 'model' | 'person';

/** A suggested change. Stored as an artifact; workflows carry `ProposalSummary`. */
export interface Proposal {
  readonly id: string;
  readonly repositoryId: string;
  readonly cycleId: string;
  readonly base: CommitId;
  readonly proposer: Proposer;
  readonly rule: string;
  readonly tier: Tier;
  readonly title: string;
  /** One sentence for the reviewer. */
  readonly reason: string;
  readonly preconditions: readonly string[];
  readonly assumptions: readonly string[];
  readonly fingerprints: readonly string[];
  readonly patch: Patch;
  readonly claimsGain: boolean;
  readonly complexity: { readonly before: string; readonly after: string } | null;
  readonly impact: string;
  readonly risk: Risk;
  /** File and line of the first finding, for headings. */
  readonly place: { readonly file: string; readonly line: number };
}

export type Risk = 'low' | 'medium' | 'high';

/** What the workflow and lists know of a proposal: small, no code. */
export interface ProposalSummary {
  readonly id: string;
  /** Absent: a codemod. */
  readonly proposer?: Proposer;
  readonly rule: string;
  readonly tier: Tier;
  readonly title: string;
  readonly file: string;
  readonly line: number;
  readonly risk: Risk;
  readonly impact: string;
  readonly patchDigest: Digest;
  /** Artifact of the whole proposal. */
  readonly artifact: Digest;
}

/** What a language model added to a cycle; `note` says what came of it and what it cost. */
export interface SuggestResult {
  readonly proposals: readonly ProposalSummary[];
  readonly note: string | null;
}
