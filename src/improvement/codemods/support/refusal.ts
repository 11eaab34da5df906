/** The end of a plan without a fix. */

/** A refusal deep inside a proof. It never leaves `attempt`, which turns it into a `noFix` value. */
class NoFix extends Error {}

/** Ends the plan: the reason is shown to the reader of the finding. */
export function refuse(reason: string): never {
  throw new NoFix(reason);
}

/** Refuses with the reason unless the condition holds. */
export function need(condition: boolean, reason: string): asserts condition {
  if (!condition) refuse(reason);
}

/** Runs an attempt and returns its refusal as a value, so that another way can be tried. */
export function attempt<T>(run: () => T): { readonly value: T } | { readonly reason: string } {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof NoFix) return { reason: error.message };
    throw error;
  }
}
