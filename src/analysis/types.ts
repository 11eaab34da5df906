/**
 * Analysis: source text → findings and metrics. This file is the room's contract and is pure.
 * Offsets are UTF-16 code units into the file's text; lines and columns count from 1.
 */
import type ts from 'typescript';
import type { FunctionMetrics, TreeMetrics } from './metric-types.js';

export type * from './metric-types.js';

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';
export type Confidence = 'high' | 'medium' | 'low';

/** T1 proved by code; T2 deterministic with named assumptions; T3 needs a model or a person. */
export type Tier = 'T1' | 'T2' | 'T3';

export interface Position {
  readonly line: number;
  readonly column: number;
}
export interface Span {
  readonly start: Position;
  readonly end: Position;
}

/** One place worth a person's attention, as printed by `ratchet analyze --json`. */
export interface Finding {
  readonly rule: string;
  /** Relative to the analysed root, `/` on every platform. */
  readonly file: string;
  readonly span: Span;
  /** UTF-16 offsets of the span in the file's text. */
  readonly range: readonly [start: number, end: number];
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Set only for an entry with a fix. */
  readonly tier: Tier | null;
  /** One line: what is done here, e.g. "`ids.includes(id)` inside a loop scans the array each time". */
  readonly title: string;
  /** Estimated effect in words with numbers, e.g. "n×m → n+m; about 34× at 1,000". */
  readonly effect: string;
  /** Stable under line shifts: hash of rule, file, enclosing declaration, normalised text, ordinal. */
  readonly fingerprint: string;
  /** Share (0…1) of the suite's self time spent in the enclosing function; null when not profiled. */
  readonly hotShare: number | null;
  /** Name of the enclosing declaration ("Class.method"), null at module level. */
  readonly declaration: string | null;
  /** Why the fixer made no fix, in words; null when it made one or the rule has none. */
  readonly noFix: string | null;
}

/** One text edit; `oldText` is stored so that applying can refuse a stale edit and can be inverted. */
export interface Edit {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly oldText: string;
  readonly newText: string;
}

/** What a fixer (codemod) answers for one match: the edits with their proof, or why not. */
export type FixPlan =
  | {
      readonly kind: 'fix';
      readonly tier: 'T1' | 'T2';
      readonly edits: readonly Edit[];
      /** Preconditions that were checked by code, in words. */
      readonly preconditions: readonly string[];
      /** Empty for T1. Each is printed in the proposal and must be covered by the gates. */
      readonly assumptions: readonly string[];
      /** Files (relative) whose content the proof read besides the edited ones. */
      readonly reads: readonly string[];
      /** One sentence for the reviewer: what changes and why it is the same. */
      readonly explanation: string;
      /** Complexity class before and after, e.g. "n·m" and "n+m"; null for constant factors. */
      readonly complexity: { readonly before: string; readonly after: string } | null;
    }
  | { readonly kind: 'noFix'; readonly reason: string };

/** A finding together with its fix, before it becomes a proposal. */
export interface FixableFinding {
  readonly finding: Finding;
  readonly fix: Extract<FixPlan, { kind: 'fix' }>;
  /** sha256 (hex) of every file that the proof read, edited files included. */
  readonly reads: Readonly<Record<string, string>>;
}

/** yes / no only when proved; everything else is unknown and must be treated as the unsafe answer. */
export type Tri = 'yes' | 'no' | 'unknown';

/** What the elements (or a value) can be at run time, as far as the checker proves it. */
export type ValueKind =
  | 'string'
  | 'number'
  | 'bigint'
  | 'boolean'
  | 'symbol'
  | 'nullish'
  | 'object'
  | 'function'
  | 'mixed'
  | 'unknown';

/**
 * The few typed questions that rules and fixers may ask, at candidate sites only. Small on purpose: a second
 * backend (TypeScript 7's native API) must be able to answer all of them. Nodes belong to the backend's program.
 */
export interface TypeOracle {
  /** False without usable type information: every answer is then unknown. */
  readonly typed: boolean;
  /** A real Array or tuple in every union member: not any, not a typed array, not a subclass. */
  isArray(node: ts.Node): Tri;
  /** Proved by its type to be an array, null or undefined, and nothing else. */
  isArrayOrNullish(node: ts.Node): boolean;
  isMap(node: ts.Node): Tri;
  isSet(node: ts.Node): Tri;
  isString(node: ts.Node): Tri;
  isRegExp(node: ts.Node): Tri;
  isDate(node: ts.Node): Tri;
  /** Has (or may have) a `then`: awaiting it matters. */
  isThenable(node: ts.Node): Tri;
  /** What the expression itself can be. */
  valueKind(node: ts.Node): ValueKind;
  /** Every kind that the value can have, sorted; null when not proved. Holes and missing elements are 'nullish'. */
  possibleKinds(node: ts.Node): readonly ValueKind[] | null;
  /** The same for the elements of an array-typed expression; null when not proved. Holes are not counted. */
  elementKinds(node: ts.Node): readonly ValueKind[] | null;
  /** Proved: the value (or every element) is never NaN. */
  neverNaN(node: ts.Node, what: 'value' | 'elements'): boolean;
  /** Element kind of an array-typed expression. */
  elementKind(node: ts.Node): ValueKind;
  /** Number of elements when the type is a tuple of known length, else null. */
  tupleLength(node: ts.Node): number | null;
  /** Can the property read run code (accessor), as declared? */
  isAccessor(node: ts.PropertyAccessExpression): Tri;
  /** The declaration of an identifier, or null when it is not resolvable to one. */
  declarationOf(node: ts.Identifier): ts.Declaration | null;
  /** All references to a local declaration inside its own file, the declaration's name excluded. */
  referencesOf(declaration: ts.Declaration): readonly ts.Identifier[];
  /** Does the name resolve to the global built-in of that name (not shadowed)? */
  isGlobal(node: ts.Identifier): Tri;
  /** ECMAScript library level the file is compiled against, e.g. 2022; null when unknown. */
  libraryYear(): number | null;
  /** Do `for…of` and spread compile for every iterable (target ES2015 or later, or downlevelIteration)? */
  iteratesFreely(): boolean;
}

/** What a rule or a fixer sees of one source file. */
export interface RuleContext {
  readonly ts: typeof ts;
  readonly sourceFile: ts.SourceFile;
  /** Relative path with `/`. */
  readonly file: string;
  readonly oracle: TypeOracle;
}

/** A place where a rule fires. */
export interface Match {
  readonly rule: string;
  readonly node: ts.Node;
  readonly title: string;
  readonly effect: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
}

/** One codemod: re-checks every precondition at the match and writes the edits. Passed in to analysis. */
export interface Fixer {
  readonly rule: string;
  readonly version: number;
  plan(match: Match, context: RuleContext): FixPlan;
}

/** Documentation and behaviour of one rule; docs/rules is generated from these. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly complexity: { readonly before: string; readonly after: string } | null;
  readonly severityRule: string;
  readonly preconditions: readonly string[];
  readonly examples: { readonly firing: readonly string[]; readonly silent: readonly string[] };
  /** Syntax kinds (names of ts.SyntaxKind) that `match` wants to see. */
  readonly visits: readonly (keyof typeof ts.SyntaxKind)[];
  match(node: ts.Node, context: RuleContext): Match | null;
}

export interface AnalysisSummary {
  readonly files: number;
  readonly lines: number;
  readonly functions: number;
  readonly findings: Readonly<Record<Severity, number>>;
  readonly fixable: number;
  /** Findings that a comment in the source silences, with its reason. */
  readonly suppressed: number;
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** False when something could not be analysed (child out of memory, parse failure …); `skipped` says what. */
  readonly complete: boolean;
  /** Milliseconds. */
  readonly elapsedMs: number;
}

/** The whole report. `ratchet analyze --json` prints it without `fixes`. */
export interface AnalysisReport extends TreeMetrics {
  readonly schemaVersion: 1;
  readonly summary: AnalysisSummary;
  readonly functions: readonly FunctionMetrics[];
  readonly findings: readonly Finding[];
  readonly fixes: readonly FixableFinding[];
}

/** Self time per function from a V8 CPU profile: "file:line:column" (1-based) → share 0…1. */
export type HotShares = Readonly<Record<string, number>>;

export interface AnalyseOptions {
  /** Absolute path of the tree to analyse. */
  readonly root: string;
  readonly fixers: readonly Fixer[];
  readonly hotShares?: HotShares;
  /** Directory for the content-hash cache; none = no cache. */
  readonly cacheDirectory?: string;
  readonly signal?: AbortSignal;
  /** Definition of cognitive complexity; `sonarjs` reproduces SonarJS with its deviations. */
  readonly compat?: 'specification' | 'sonarjs';
  /**
   * URL of a compiled module that exports `fixers`: with it (or without any fixers) the analysis runs in a child
   * process with a memory cap, which can be stopped at any moment. Otherwise it runs in the calling process.
   */
  readonly fixersModule?: string;
  /** False: never in a child process. */
  readonly isolate?: boolean;
  /** Heap limit of the child; default 60 % of the machine's memory, at most 4,096. */
  readonly memoryMegabytes?: number;
  /** What the cache belongs to, e.g. a repository id; default the real path of the root. */
  readonly cacheScope?: string;
  /** Ask git how often each file changed; default no. */
  readonly history?: boolean;
  /** Search for copied code; takes about as long as the analysis. Default no. */
  readonly duplicates?: boolean;
  /** Ids of the rules to run; default all. */
  readonly rules?: readonly string[];
  /** Severity by rule id, or `off`; overrides the rule's own. */
  readonly severities?: Readonly<Record<string, Severity | 'off'>>;
  /** Report these files only (relative paths). Small lists are analysed alone, without the cache. */
  readonly only?: readonly string[];
  /** Globs relative to the root. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly step: string;
  }) => void;
}
