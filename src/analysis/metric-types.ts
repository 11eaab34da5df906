/** What is measured of functions, classes, files and the tree; part of the contract in types.ts, and pure. */

/** Metrics of one function-like unit. */
export interface FunctionMetrics {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly name: string;
  readonly cyclomatic: number;
  readonly cognitive: number;
  readonly nesting: number;
  readonly lines: number;
  readonly parameters: number;
  /** Of the function itself; functions inside it count for themselves. Always present in a report. */
  readonly halstead?: Halstead;
  /** 0 (worst) to 100. Reported, never gated. */
  readonly maintainability?: number;
}

/** Halstead's counts; which tokens are which: docs/metrics.md. */
export interface Halstead {
  readonly operators: number;
  readonly operands: number;
  readonly distinctOperators: number;
  readonly distinctOperands: number;
  readonly volume: number;
  readonly difficulty: number;
  readonly effort: number;
}

/** Metrics of one class. */
export interface ClassMetrics {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly name: string;
  /** The extended class as it is written. */
  readonly extends: string | null;
  readonly lines: number;
  readonly methods: number;
  readonly fields: number;
  /** Sum of the methods' cyclomatic complexities (WMC). */
  readonly weightedMethods: number;
  readonly cognitive: number;
  readonly maxCognitive: number;
  /** Methods plus distinct names that they call (RFC). */
  readonly response: number;
  /** LCOM4: groups of methods that share no field and do not call each other. */
  readonly lackOfCohesion: number;
  readonly halstead: Halstead;
  readonly maintainability: number;
}

/** Needed when the module is loaded, for its types alone, or later (`import()`, `require` in a function). */
export type ImportKind = 'value' | 'type' | 'lazy';
export interface ImportEdge {
  /** The imported file of the tree. */
  readonly to: string;
  readonly kind: ImportKind;
}

/** A strongly connected part of the import graph. */
export interface ImportCycle {
  readonly files: readonly string[];
  /** One way around, its first file again at the end. */
  readonly path: readonly string[];
  /** Closed by type imports alone: it does not exist at run time. */
  readonly typeOnly: boolean;
}

export type Grade = 'A' | 'B' | 'C' | 'D' | 'E';
/** See docs/metrics.md for the formula of that number. */
export interface Quality {
  readonly formula: number;
  /** 0 (worst) to 100. */
  readonly score: number;
  readonly grade: Grade;
}

/** Metrics of one file. */
export interface FileMetrics {
  readonly file: string;
  /** Test code: it has a grade of its own, and does not count for the tree's. */
  readonly test: boolean;
  readonly lines: number;
  readonly code: number;
  /** Lines with nothing but comment. */
  readonly comments: number;
  readonly blank: number;
  readonly functions: number;
  readonly classes: number;
  readonly cyclomatic: number;
  readonly cognitive: number;
  readonly maxCognitive: number;
  readonly halstead: Halstead | null;
  readonly maintainability: number;
  /** Files of the tree that import this one; that this one imports. */
  readonly fanIn: number;
  readonly fanOut: number;
  /** Packages and built-in modules that it names. */
  readonly packages: number;
  /** fanOut / (fanIn + fanOut); null for a file that stands alone. */
  readonly instability: number | null;
  /** In a cycle that exists at run time. */
  readonly inCycle: boolean;
  /** Null when not asked for. */
  readonly duplicatedLines: number | null;
  /** Commits in the last year; null without history. */
  readonly commits: number | null;
  /** cognitive × commits. */
  readonly hotspot: number | null;
  readonly score: number;
  readonly grade: Grade;
}
export interface Hotspot {
  readonly file: string;
  readonly cognitive: number;
  readonly commits: number;
  readonly score: number;
}
/** How often files were committed in the year before the tip. */
export interface Churn {
  /** ISO date. */
  readonly since: string;
  readonly total: number;
  readonly commits: Readonly<Record<string, number>>;
}
/** Copied code; the limits are those of the search. */
export interface Duplicates {
  readonly minLines: number;
  readonly minTokens: number;
  readonly count: number;
  /** Longest first, at most 1,000. */
  readonly clones: readonly {
    readonly lines: number;
    readonly places: readonly {
      readonly file: string;
      readonly startLine: number;
      readonly endLine: number;
    }[];
  }[];
}
export interface TreeMetrics {
  readonly quality: Quality;
  readonly files: readonly FileMetrics[];
  readonly classes: readonly ClassMetrics[];
  /** Those of run time first, the largest first. */
  readonly cycles: readonly ImportCycle[];
  /** The twenty worst. */
  readonly hotspots: readonly Hotspot[];
  readonly churn: Churn | null;
  readonly duplicates: Duplicates | null;
}
