/** Changes that a language model writes: what is asked, what came of each answer, what it cost. Pure contract. */
import type { Severity } from '../../analysis/types.js';
import type { LanguageModel } from '../../llm/types.js';
import type { Digest, Patch } from '../../versioning/types.js';

/** One declaration that a model may write anew: it has a finding without a fix, or it is hot without any finding. */
export interface Target {
  /** Stable under line shifts: the finding's fingerprint, or a hash of the hot function. */
  readonly key: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  /** UTF-16 offset inside the declaration. */
  readonly offset: number;
  /** What is slow, one line. */
  readonly title: string;
  readonly effect: string;
  readonly severity: Severity;
  readonly hotShare: number | null;
  /** Why no codemod did it. */
  readonly noFix: string | null;
}

/** Where the answer of one turn ended. Every end is an outcome; none is a fault. */
export type AttemptEnd =
  // no usable text
  | 'no-answer'
  | 'too-long'
  | 'hidden-characters'
  | 'does-not-parse'
  // not the declaration that was asked for
  | 'several-declarations'
  | 'other-declaration'
  | 'changed-signature'
  | 'changed-export'
  // beyond what a model may use
  | 'new-import'
  | 'new-name'
  | 'silences-checks'
  | 'gives-orders'
  | 'endless-loop'
  // nothing new
  | 'unchanged'
  | 'duplicate'
  // ended by a gate
  | 'policy'
  | 'types'
  | 'tests'
  | 'differs'
  | 'inconclusive'
  | 'not-faster'
  | 'untried'
  | 'accepted';

/** What the answer of one turn cost and where it ended; kept for ever, with its prompt. */
export interface Attempt {
  readonly target: string;
  readonly file: string;
  readonly rule: string;
  /** From 0; several candidates per target, several turns per candidate. */
  readonly candidate: number;
  readonly turn: number;
  readonly temperature: number;
  readonly seed: number;
  readonly promptVersion: number;
  /** Artifacts: all messages, and the answer as the model gave it. */
  readonly prompt: Digest;
  readonly answer: Digest | null;
  readonly model: string;
  readonly tokens: number;
  readonly milliseconds: number;
  readonly end: AttemptEnd;
  /** One sentence. */
  readonly detail: string;
  /** What was put right without asking: a missing `export`, a comment that was taken out. */
  readonly mended: readonly string[];
  /** Of the trial, when there was one. */
  readonly evidence: Digest | null;
}

/** What is used up, and what may be. */
export interface Usage {
  readonly calls: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly candidates: number;
}

/** What one cycle may spend, and all of a day (UTC). */
export interface Budget {
  readonly run: Usage;
  readonly day: Usage;
}

/** What the model said of its own text; shown last, and as machine-written. */
export interface Claims {
  readonly reason: string;
  readonly complexity: { readonly before: string; readonly after: string };
  readonly risk: 'low' | 'medium' | 'high';
  readonly assumptions: readonly string[];
}

/** A change that the gates let through. */
export interface Written {
  readonly target: Target;
  /** Name of the declaration. */
  readonly declaration: string;
  readonly patch: Patch;
  readonly claims: Claims;
  readonly attempt: Attempt;
}

/** A file as it is and as it would be. */
export interface FileChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** What the gates said of one change. `detail` goes back to the model: a diagnostic, or a counterexample. */
export interface Judgement {
  readonly end: Extract<
    AttemptEnd,
    'policy' | 'types' | 'tests' | 'differs' | 'inconclusive' | 'not-faster' | 'untried' | 'accepted'
  >;
  readonly reason: string;
  readonly detail: string;
  readonly patch: Patch;
  readonly evidence: Digest | null;
}

/** What is needed of other rooms. */
export interface WriteParts {
  readonly model: LanguageModel;
  /** Text of a file of the tree; null when there is none. */
  readonly readFile: (path: string) => Promise<string | null>;
  /** Code files of the tree, in which callers are looked for. */
  readonly files: readonly string[];
  /** Why a rule exists, and what it wants instead. */
  readonly explain: (rule: string) => string | null;
  /** Takes out secrets and hidden characters; `orders` names the rules by which a text tries to give orders. */
  readonly screen: (text: string) => { readonly text: string; readonly orders: readonly string[] };
  /** Runs the gates over one change. @throws RatchetError for what is no verdict */
  readonly judge: (change: FileChange, attempt: { readonly seed: number }) => Promise<Judgement>;
  /** Stores a document as an artifact. */
  readonly keep: (document: unknown) => Promise<Digest>;
  /** What was spent today before this run, and the place to add to. */
  readonly today: { readonly spent: () => Promise<Usage>; readonly add: (more: Usage) => Promise<void> };
  readonly onAttempt?: (attempt: Attempt, target: Target) => void | Promise<void>;
  readonly onStep?: (text: string) => void;
  readonly now: () => number;
}

export interface WriteRequest {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Candidates for each target, and turns after the first to put one right. */
  readonly candidates: number;
  readonly repairs: number;
  /** False: no worked example in the prompt. */
  readonly examples: boolean;
  /** End a target with its first change that was let through. */
  readonly firstIsEnough: boolean;
  /** Changes to be let through at most. */
  readonly limit: number;
  readonly budget: Budget;
  /** What an interrupted run of the same cycle has spent. */
  readonly alreadySpent?: Usage;
  readonly signal: AbortSignal;
}

export interface WriteResult {
  readonly attempts: readonly Attempt[];
  readonly written: readonly Written[];
  readonly spent: Usage;
  /** Targets for which no text could be asked, with the reason. */
  readonly skipped: readonly { readonly target: string; readonly reason: string }[];
  /** Why it ended before all targets were asked for; null when they were. */
  readonly endedEarly: string | null;
}

/** How many answers came how far. Each step counts those that passed it. */
export interface Funnel {
  readonly written: number;
  readonly parses: number;
  readonly types: number;
  readonly tests: number;
  readonly equivalent: number;
  readonly faster: number;
  readonly accepted: number;
}

/** One run as it is kept: everything that was asked, what came of it, what it cost. */
export interface ModelRun {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly repositoryId: string;
  readonly startedAt: string;
  readonly seed: number;
  readonly spent: Usage;
  readonly funnel: Funnel;
  readonly endedEarly: string | null;
  readonly skipped: WriteResult['skipped'];
  readonly attempts: readonly Attempt[];
}
