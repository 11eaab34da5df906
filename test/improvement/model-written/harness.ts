/** One answer of a scripted model through the whole engine, with gates that say what the test wants. */
import { createScriptedModel, type ScriptedModel, type ScriptedTurn } from '../../../src/llm/index.js';
import { createHash } from 'node:crypto';
import { writeChanges } from '../../../src/improvement/index.js';
import { defaultBudget, noUsage } from '../../../src/improvement/policy.js';
import type {
  FileChange,
  Judgement,
  Target,
  WriteParts,
  WriteRequest,
  WriteResult,
} from '../../../src/improvement/types.js';
import { redactSecrets, screenText } from '../../../src/safety/index.js';
import { places, sources, type PlaceName } from './sources.js';

export const answerOf = (code: string, reason = 'A Set answers at once.'): ScriptedTurn => ({
  text: JSON.stringify({
    ...{ reason, code, complexityBefore: 'n·m', complexityAfter: 'n+m', risk: 'low', assumptions: [] },
  }),
});

export const targetAt = (name: PlaceName, tree: Readonly<Record<string, string>> = sources): Target => {
  const [file, inside] = places[name];
  const text = tree[file] ?? '';
  const offset = text.indexOf(inside);
  return {
    ...{ key: `key-${name}`, rule: 'lookup-in-loop', file, offset, severity: 'high', hotShare: null },
    line: text.slice(0, offset).split('\n').length,
    ...{ title: `\`${inside}(…)\` scans in a loop`, effect: 'n×m → n+m', noFix: 'it changes' },
  };
};

export const patchOf = (change: FileChange) => ({
  digest: createHash('sha256').update(change.after).digest('hex'),
  diff: change.after,
  files: [],
});

export interface Ran extends WriteResult {
  readonly model: ScriptedModel;
  /** What reached the gates. */
  readonly changes: readonly FileChange[];
  /** Paths that were read. */
  readonly read: readonly string[];
  readonly kept: readonly unknown[];
}

export interface Play {
  readonly turns: Parameters<typeof createScriptedModel>[0];
  readonly targets: readonly Target[];
  readonly tree?: Readonly<Record<string, string>>;
  readonly judge?: (change: FileChange) => Partial<Judgement>;
  readonly request?: Partial<WriteRequest>;
  readonly today?: WriteParts['today'];
  readonly now?: () => number;
}

/** Plays a script; one candidate without repair unless asked otherwise. */
export async function play({ turns, targets, tree = sources, ...play }: Play): Promise<Ran> {
  const model = createScriptedModel(turns, { contextLength: 32_768 });
  const changes: FileChange[] = [];
  const read: string[] = [];
  const kept: unknown[] = [];
  const result = await writeChanges(
    {
      model,
      async readFile(path) {
        read.push(path);
        return tree[path] ?? null;
      },
      files: Object.keys(tree),
      explain: () => 'Each round scans the whole list.',
      screen(text) {
        const screened = screenText(redactSecrets(text));
        return {
          text: screened.text,
          orders: screened.rules.filter((rule) => !rule.startsWith('invisible')),
        };
      },
      async judge(change) {
        changes.push(change);
        const said = play.judge?.(change) ?? { end: 'accepted' };
        return {
          end: 'accepted',
          reason: 'said so',
          detail: '',
          patch: patchOf(change),
          evidence: null,
          ...said,
        };
      },
      async keep(document) {
        kept.push(document);
        return createHash('sha256').update(JSON.stringify(document)).digest('hex');
      },
      today: play.today ?? { spent: async () => noUsage, add: async () => undefined },
      now: play.now ?? (() => performance.now()),
    },
    {
      ...{ targets, seed: 1, candidates: 1, repairs: 0, examples: true, firstIsEnough: false, limit: 99 },
      ...{ budget: defaultBudget, signal: new AbortController().signal },
      ...play.request,
    },
  );
  return { ...result, model, changes, read, kept };
}
