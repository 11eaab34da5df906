/** A step of a measurement that did not end with a result. */
import type { HarnessFailure, Side } from './types.js';

/** Which side, what it was doing, how it ended. */
export class HarnessStop extends Error {
  constructor(
    readonly side: Side | null,
    readonly failure: HarnessFailure,
  ) {
    super(`${failure.stage}: ${failure.message}`);
  }
}
