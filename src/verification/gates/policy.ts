/** Gate `policy`: may this patch be tried at all? The rules are versioning's own diff parser; they are passed in. */
import type { PolicyBreach } from '../../versioning/types.js';
import type { Gate, TrialContext } from '../types.js';

/** Judges a diff against the owner's policy; [] = nothing to object. */
export type JudgeDiff = (context: TrialContext) => readonly PolicyBreach[] | Promise<readonly PolicyBreach[]>;

/** Refuses what the owner's policy forbids: protected paths, modes, binaries, hidden characters, sizes. */
export function createPolicyGate(judge: JudgeDiff): Gate {
  return {
    id: 'policy',
    version: 1,
    async run(context) {
      const breaches = await judge(context);
      const files = context.patch.files.length;
      const lines = context.patch.files.reduce((sum, file) => sum + file.addedLines + file.removedLines, 0);
      const [first] = breaches;
      const more = breaches.length > 1 ? ` (and ${breaches.length - 1} more)` : '';
      return {
        gate: 'policy',
        verdict: first === undefined ? 'pass' : 'fail',
        reason:
          first === undefined
            ? `${files} ${files === 1 ? 'file' : 'files'}, ${lines} changed ${lines === 1 ? 'line' : 'lines'}`
            : `${first.message}${more}`,
        numbers: { files, lines, breaches: breaches.slice(0, 50) },
        elapsedMs: 0,
      };
    },
  };
}
