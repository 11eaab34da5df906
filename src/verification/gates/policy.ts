/**
 * Gate `policy`: may this patch be tried at all? The rules are versioning's own diff parser; they are passed in. Code
 * that newly asks where it runs is for a person to look at, and what names our harness is refused.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolicyBreach } from '../../versioning/types.js';
import type { Gate, TrialContext, Verdict } from '../types.js';
import { newQuestions, type ChangedText, type Question } from './surroundings.js';

/** Judges a diff against the owner's policy; [] = nothing to object. */
export type JudgeDiff = (context: TrialContext) => readonly PolicyBreach[] | Promise<readonly PolicyBreach[]>;

const code = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** Refuses what the owner's policy forbids: protected paths, modes, binaries, hidden characters, sizes. */
export function createPolicyGate(judge: JudgeDiff): Gate {
  return {
    id: 'policy',
    version: 2,
    async run(context) {
      const breaches = [...(await judge(context))];
      const questions = newQuestions(await changedTexts(context));
      for (const { what, place } of questions.filter(({ harness }) => harness)) {
        const message = `${place} speaks about ${what}: a change must not know who judges it.`;
        breaches.push({ rule: 'harness', path: place.replace(/:\d+$/, ''), message });
      }
      const files = context.patch.files.length;
      const lines = context.patch.files.reduce((sum, file) => sum + file.addedLines + file.removedLines, 0);
      const numbers = { files, lines, breaches: breaches.slice(0, 50), questions: questions.slice(0, 50) };
      const answer = breaches.length > 0 ? refusal(breaches) : doubt(questions);
      const counted = `${files} ${files === 1 ? 'file' : 'files'}, ${lines} changed ${lines === 1 ? 'line' : 'lines'}`;
      return { gate: 'policy', numbers, elapsedMs: 0, ...(answer ?? { verdict: 'pass', reason: counted }) };
    },
  };
}

type Answer = Pick<Verdict, 'verdict' | 'reason' | 'settle'>;

function refusal([first, ...rest]: readonly PolicyBreach[]): Answer {
  const more = rest.length > 0 ? ` (and ${rest.length} more)` : '';
  return { verdict: 'fail', reason: `${first?.message ?? 'The patch is refused.'}${more}` };
}

/** What no gate can see through: the answer is a person's. */
function doubt([first, ...rest]: readonly Question[]): Answer | null {
  if (first === undefined) return null;
  const more = rest.length > 0 ? ` (and ${rest.length} more)` : '';
  return {
    verdict: 'inconclusive',
    reason: `The change newly asks where it runs: ${first.what} at ${first.place}${more}.`,
    settle: 'Leave that out of the change, or let a person judge what it does outside the sandbox.',
  };
}

async function changedTexts(context: TrialContext): Promise<ChangedText[]> {
  const wanted = context.patch.files.filter(({ path }) => code.test(path) && !/\.d\.[cm]?ts$/.test(path));
  return Promise.all(
    wanted.map(async ({ path }) => ({
      path,
      before: await textOf(context.baseTree, path),
      after: await textOf(context.candidateTree, path),
    })),
  );
}

async function textOf(tree: string, path: string): Promise<string | null> {
  // A file that the patch adds or removes is absent on one side.
  return readFile(join(tree, path), 'utf8').catch(() => null);
}
