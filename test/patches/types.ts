/** What one patch of the collection is: an edit script that finds code by declaration name, and the right verdict. */
import type { GateId, TrialVerdict } from '../../src/verification/types.js';

/** Changes a tree in memory. `files` answers the text of a file of the base; what it returns is written over it. */
export type Edit = (tree: EditTree) => void;

export interface EditTree {
  /** Text of a file as it is now. Throws when it is not there. */
  read(file: string): string;
  /** Writes a file; null removes it. */
  write(file: string, text: string | null): void;
}

export type RepositoryName =
  'shop' | 'domutils' | 'typebox' | 'loopback-datasource-juggler' | 'mathjs' | 'chance';

/**
 * One patch with the verdict that the documented table (docs/evidence.md) gives to it when every gate sees what is
 * there to be seen. It is written down before Ratchet is asked, and never bent to what Ratchet says.
 */
export interface PatchCase {
  readonly name: string;
  readonly repository: RepositoryName;
  /** "good", or the kind of trap. */
  readonly kind: string;
  readonly expect: TrialVerdict;
  /** Gates that may be the one that decides; left out when none needs to (accepted, nothing changed). */
  readonly gates?: readonly GateId[];
  readonly edits: readonly Edit[];
  /** Text of a workload module. */
  readonly workload?: string;
  /** Default true. */
  readonly claimsGain?: boolean;
  /** Why that verdict is right, in a few words. */
  readonly why: string;
}
