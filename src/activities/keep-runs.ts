/** Hands each run of a suite to the history of tests; nobody waits for it, and it can fail nothing. */
import type { TestHistory } from '../verification/history/index.js';
import type { OnSuiteRun } from '../verification/index.js';

/** A listener for runs on one commit; runs of a trial are kept under the digest of their patch. */
export function keepRuns(
  { tests }: { readonly tests: TestHistory },
  code: { readonly repositoryId: string; readonly commit: string; readonly patch?: string },
): OnSuiteRun {
  const { repositoryId, commit, patch = '' } = code;
  return (run, step) => {
    void tests.keep({
      repositoryId,
      commit,
      patch: step === 'trial' ? patch : '',
      step,
      run,
      at: Date.now(),
    });
  };
}
