/** Versioning: git mirrors, workspaces, patches, landing and the ledger of changes. Pure contract. */

/** Lower-case hex sha256. */
export type Digest = string;
/** Full hex object id of a commit. */
export type CommitId = string;

/** A registered git repository. */
export interface Repository {
  /** Short, stable, file-name safe: `[a-z0-9-]{1,64}`. */
  readonly id: string;
  readonly name: string;
  /** Absolute path of a working tree or bare repository, or a URL. */
  readonly source: string;
  /** Branch that changes are based on; null = the source's HEAD. */
  readonly baseBranch: string | null;
  /** Branch that changes land on. */
  readonly targetBranch: string;
  /** Sub-directory of the package inside the repository, '' for the root. */
  readonly directory: string;
  readonly policy: RepositoryPolicy;
}

/** What the owner of a repository allows. All limits inclusive. */
export interface RepositoryPolicy {
  readonly testCommand: string | null;
  readonly maxFiles: number;
  readonly maxLines: number;
  readonly maxOpenProposals: number;
  /** Additional protected globs. */
  readonly protectedPaths: readonly string[];
  /** When not empty, only these globs may be changed. */
  readonly allowedPaths: readonly string[];
  /** Milliseconds until a waiting proposal is rejected by time-out. */
  readonly decisionTimeoutMs: number;
  /** Milliseconds of wall time for one run of the suite. */
  readonly suiteTimeoutMs: number;
  readonly coverageMinimum: number;
}

/** One file of a patch with the content hashes that bind it. Null hash = the file does not exist on that side. */
export interface PatchFile {
  readonly path: string;
  readonly before: Digest | null;
  readonly after: Digest | null;
  readonly addedLines: number;
  readonly removedLines: number;
}

/** A unified diff plus the content hash of every file it expects; `digest` is its identity. */
export interface Patch {
  readonly digest: Digest;
  /** git-style unified diff, LF between lines of the diff itself, content bytes kept. */
  readonly diff: string;
  readonly files: readonly PatchFile[];
}

/** One hunk of a parsed diff; line numbers count from 1. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Lines with their mark: ' ', '+', '-', '\\'. */
  readonly lines: readonly string[];
}

/** One file section of a parsed diff. */
export interface FileDiff {
  readonly oldPath: string | null;
  readonly newPath: string | null;
  readonly oldMode: string | null;
  readonly newMode: string | null;
  readonly binary: boolean;
  readonly renamed: boolean;
  readonly hunks: readonly Hunk[];
}

/** A reason why a diff is refused by policy: a stable rule id, where, and the sentence. */
export interface PolicyBreach {
  readonly rule: string;
  readonly path: string | null;
  readonly message: string;
}

/** A checked-out tree that belongs to one trial. */
export interface Workspace {
  /** Lease name; creating the same lease twice gives the same workspace. */
  readonly id: string;
  /** Absolute path. */
  readonly path: string;
  readonly repositoryId: string;
  readonly commit: CommitId;
}

/** Where a repository stands: what the cycle starts from. */
export interface RepositoryState {
  /** The commit that trials are based on. */
  readonly base: CommitId;
  /** Tip of the target branch, null when it does not exist yet. */
  readonly targetTip: CommitId | null;
  /** Branch name the base came from, null when detached. */
  readonly branch: string | null;
  readonly notes: readonly string[];
}

/** Result of landing one patch. Everything but `landed` leaves the repository untouched. */
export type LandOutcome =
  | { readonly kind: 'landed'; readonly change: Change }
  | { readonly kind: 'moved'; readonly tip: CommitId }
  | { readonly kind: 'stale'; readonly path: string; readonly reason: string }
  | { readonly kind: 'targetCheckedOut'; readonly worktree: string };

/** An applied proposal: it can be rolled back alone, for ever. */
export interface Change {
  /** Derived from the proposal: landing twice is landing once. */
  readonly id: string;
  readonly repositoryId: string;
  readonly proposalId: string;
  readonly title: string;
  readonly rule: string | null;
  readonly commit: CommitId;
  readonly parent: CommitId;
  readonly tree: string;
  readonly patchDigest: Digest;
  readonly evidenceDigest: Digest;
  readonly reviewedBy: string;
  /** refs/ratchet/rollback/<id>: the tip before landing. */
  readonly rollbackRef: string;
  /** ISO 8601. */
  readonly landedAt: string;
  readonly state: 'landed' | 'verified' | 'rolledBack';
  /** Commit that undid it (or the parent when the tip was moved back). */
  readonly rolledBackBy: CommitId | null;
  readonly rollbackReason: string | null;
}

export type RollbackOutcome =
  | { readonly kind: 'rolledBack'; readonly change: Change; readonly by: 'reset' | 'revert' }
  | { readonly kind: 'alreadyRolledBack'; readonly change: Change }
  | { readonly kind: 'conflict'; readonly change: Change; readonly paths: readonly string[] };

/** What a landing needs to know. */
export interface LandRequest {
  readonly repository: Repository;
  readonly patch: Patch;
  /** Tip that the accepted trial ran on; landing on another tip answers `moved`. */
  readonly expectedTip: CommitId;
  readonly changeId: string;
  readonly proposalId: string;
  readonly title: string;
  readonly reason: string;
  readonly rule: string | null;
  readonly evidenceDigest: Digest;
  readonly reviewedBy: string;
}

/** Throws a STOPPED fault when the emergency stop is set. Passed in: versioning does not know how stop works. */
export type StopCheck = () => Promise<void>;
