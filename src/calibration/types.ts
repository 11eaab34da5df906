/** Calibration: how often the gates are wrong, measured with changes whose right verdict is known. Pure contract. */
import type { TrialVerdict } from '../verification/types.js';
import type { CommitId, Digest } from '../versioning/types.js';

/** A positive is a good change that must be accepted; a trap is a wrong or worthless one that must not. */
export type CanaryRole = 'positive' | 'trap';

/** A text between two offsets (UTF-16) of a file is replaced. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** One change with a known right verdict, as the gates see it (its diff) and as the ledger knows it. */
export interface Canary {
  /** From everything that decides its content: making it twice gives the same id. */
  readonly id: Digest;
  readonly role: CanaryRole;
  /** "order", "memoised", "growing copy" … */
  readonly kind: string;
  readonly file: string;
  readonly declaration: string;
  /** What was done, one sentence for people. */
  readonly what: string;
  readonly diff: string;
  /** Fast and wrong: the trap also undoes a planted slowness, so that speed speaks for it. */
  readonly tempting: boolean;
  readonly changeClass: ChangeClass;
}

/** What a bound depends on; when a member changes, older measurements no longer count. */
export interface Standing {
  readonly node: string;
  /** "equivalence@3,policy@2 …" and the digest of the harness. */
  readonly gates: string;
  /** Command, runner, lockfile hash and number of tests. */
  readonly suite: string;
}

/** All canaries of one calibration and the tree that they are tried on. Stored as an artifact. */
export interface CalibrationPlan {
  readonly schemaVersion: 1;
  readonly repositoryId: string;
  readonly base: CommitId;
  readonly seed: number;
  /** Path from the repository's root → text with the planted slownesses. */
  readonly files: Readonly<Record<string, string>>;
  readonly canaries: readonly Canary[];
  readonly standing: Standing;
  /** What could not be had, in sentences. */
  readonly notes: readonly string[];
}

/** One judged canary: a line of the ledger. */
export interface CalibrationEntry {
  readonly schemaVersion: 1;
  readonly canary: Digest;
  readonly repositoryId: string;
  readonly repositoryName: string;
  readonly base: CommitId;
  readonly role: CanaryRole;
  readonly kind: string;
  readonly changeClass: ChangeClass;
  readonly tempting: boolean;
  readonly file: string;
  readonly declaration: string;
  readonly what: string;
  readonly verdict: TrialVerdict;
  /** The gate that decided, by the first word of the reason; null when all agreed. */
  readonly decidedBy: string | null;
  readonly reason: string;
  readonly evidence: Digest;
  readonly standing: Standing;
  readonly seconds: number;
  /** ISO 8601. */
  readonly finishedAt: string;
}

/**
 * What can be said of a change without knowing who wrote it: does it claim to be faster, and how far does it reach?
 * `beyond-source` touches something else than source files (tests, manifests, configuration).
 */
export type ChangeClass =
  | 'gain/small'
  | 'gain/one-file'
  | 'gain/several-files'
  | 'tidy/small'
  | 'tidy/one-file'
  | 'tidy/several-files'
  | 'beyond-source';

/** Counts of one class or kind. Inconclusive is its own column: neither a wrong answer nor a right one. */
export interface Tally {
  readonly total: number;
  readonly accepted: number;
  readonly refused: number;
  readonly inconclusive: number;
}

/** A tally and the share that went wrong, with Wilson's interval at 95 %. */
export interface Rate extends Tally {
  /** Traps: accepted. Positives: refused. */
  readonly wrong: number;
  readonly lower: number;
  readonly upper: number;
}

/** The ledger in figures. */
export interface CalibrationTable {
  readonly traps: Rate;
  readonly positives: Rate;
  readonly classes: readonly { readonly name: ChangeClass; readonly traps: Rate; readonly positives: Rate }[];
  readonly kinds: readonly {
    readonly role: CanaryRole;
    readonly name: string;
    readonly rate: Rate;
    /** Gate → how many it decided. */
    readonly decidedBy: Readonly<Record<string, number>>;
  }[];
}

/** What a person has to name to let a class of changes be approved without being asked. */
export interface PermissionRequest {
  readonly changeClass: ChangeClass;
  /** Upper end of Wilson's interval of wrongly accepted traps, 0 … 1. */
  readonly falseAcceptUpperBound: number;
  /** So many traps of the class must have been tried under the present conditions. */
  readonly minTraps: number;
}

export interface Permission extends PermissionRequest {
  readonly grantedBy: string;
  /** ISO 8601. */
  readonly grantedAt: string;
  readonly revoked: { readonly at: string; readonly by: string; readonly because: string } | null;
}

/** The permissions of one repository, each class at most once. */
export interface Autonomy {
  readonly schemaVersion: 1;
  readonly permissions: readonly Permission[];
}
