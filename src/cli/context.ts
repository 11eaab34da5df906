/** What every command gets: settings, the person's terminal, and the one way to end. Nothing here does I/O on import. */
import type { Config } from '../config.js';
import type { FaultCode, RatchetError } from '../errors.js';

/** Exit codes that scripts rely on (design: contracts). */
export const exitCodes = { done: 0, refused: 1, inconclusive: 2, fault: 3, usage: 64, stopped: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The one table from fault to exit code. */
export const exitCodeOf = {
  USAGE: 64,
  INVALID_INPUT: 64,
  NOT_FOUND: 3,
  CONFLICT: 1,
  UNAUTHORISED: 3,
  FORBIDDEN: 3,
  RATE_LIMITED: 3,
  CHANGED_MEANWHILE: 1,
  NOT_A_REPOSITORY: 3,
  EMPTY_REPOSITORY: 3,
  NO_PACKAGE_JSON: 3,
  NO_TESTS: 3,
  INSTALL_FAILED: 3,
  BASELINE_FAILED: 3,
  GIT_FAILED: 3,
  PATCH_REFUSED: 1,
  STACK_UNAVAILABLE: 3,
  PART_MISSING: 3,
  PORT_TAKEN: 3,
  TEMPORAL_UNAVAILABLE: 3,
  REDIS_UNAVAILABLE: 3,
  SANDBOX_UNAVAILABLE: 3,
  DISK_FULL: 3,
  LIMIT_EXCEEDED: 3,
  TIMEOUT: 3,
  CORRUPT: 3,
  MODEL_UNAVAILABLE: 3,
  MODEL_BUSY: 3,
  MODEL_MISSING: 3,
  MODEL_UNAUTHORISED: 3,
  MODEL_MISFIT: 3,
  MODEL_REFUSED: 3,
  MODEL_ANSWER_BAD: 3,
  PROMPT_TOO_LONG: 3,
  STOPPED: 130,
  CANCELLED: 130,
  INTERNAL: 3,
} as const satisfies Record<FaultCode, ExitCode>;

/** The person's terminal. stdout carries results, stderr everything for people. */
export interface Terminal {
  /** Writes one line to stdout. */
  out(line: string): void;
  /** Writes one line to stderr. */
  err(line: string): void;
  /** Replaces the last status line on a terminal; in a pipe, writes a line only when the text changed. */
  status(line: string | null): void;
  /** True when stdin and stderr are terminals: only then a command may ask. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Width in columns, at least 40. */
  readonly columns: number;
  /** Asks one question and returns the trimmed answer; rejects with CANCELLED at end of input. */
  ask(question: string): Promise<string>;
}

/**
 * Given to each `register<Verb>(program, context)`. Command files import rooms lazily, inside the action, so that
 * `ratchet --help` stays quick.
 */
export interface CliContext {
  readonly config: Config;
  /** The process environment as read by the entry point, for children. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Absolute path of the installed package (where package.json and dist/ are). */
  readonly root: string;
  /** Sets the exit code; the last call wins. */
  exit(code: ExitCode): void;
  /** Reports a fault in the way the command's `--json` asks for, and sets the exit code. */
  fail(error: RatchetError, options: { readonly json: boolean }): void;
  /** Prints one JSON document on stdout. */
  json(document: unknown): void;
}
