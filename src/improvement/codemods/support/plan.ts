/** How a codemod answers: a refusal with its reason, or edits with their proof. */
import type ts from 'typescript';
import type { Edit, FixPlan, Fixer, Match, RuleContext } from '../../../analysis/types.js';
import { findOverlap } from '../../edits.js';
import { shadowedBuiltin } from './introduced-names.js';
import { attempt, need } from './refusal.js';
import { commentsWithin } from './text.js';

export { attempt, need, refuse } from './refusal.js';

/** What has been proved so far, in words. An assumption makes the change T2. */
export class Proof {
  readonly #preconditions = new Set<string>();
  readonly #assumptions = new Set<string>();

  checked(words: string): void {
    this.#preconditions.add(words);
  }
  assume(words: string): void {
    this.#assumptions.add(words);
  }
  assumeAll(words: readonly string[]): void {
    for (const word of words) this.assume(word);
  }
  get preconditions(): readonly string[] {
    return [...this.#preconditions];
  }
  get assumptions(): readonly string[] {
    return [...this.#assumptions];
  }
}

/** A span of the original text and what replaces it. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

export interface Answer {
  readonly proof: Proof;
  readonly pieces: readonly Piece[];
  readonly explanation: string;
  readonly complexity: { readonly before: string; readonly after: string } | null;
}

/** Makes a fixer of a function that either answers or refuses. */
export function defineFixer(
  rule: string,
  version: number,
  plan: (node: ts.Node, context: RuleContext, match: Match) => Answer,
): Fixer {
  return {
    rule,
    version,
    plan(match, context) {
      const answer = attempt(() => finish(plan(match.node, context, match), context));
      return 'value' in answer ? answer.value : { kind: 'noFix', reason: answer.reason };
    },
  };
}

/** The last checks that hold for every codemod: no lost comment, no overlap, no empty change. */
function finish(answer: Answer, context: RuleContext): FixPlan {
  const text = context.sourceFile.text;
  const edits: Edit[] = [];
  for (const { start, end, newText } of answer.pieces) {
    const oldText = text.slice(start, end);
    if (oldText === newText) continue;
    need(!commentsWithin(context.sourceFile, start, end), 'a comment inside the replaced text would be lost');
    const shadowed = shadowedBuiltin(context.sourceFile, oldText, newText);
    need(shadowed === null, `\`${shadowed ?? ''}\` means something else in this file`);
    edits.push({ file: context.file, start, end, oldText, newText });
  }
  need(edits.length > 0, 'nothing would change');
  need(findOverlap(edits) === null, 'the edits would overlap');
  return {
    kind: 'fix',
    tier: answer.proof.assumptions.length === 0 ? 'T1' : 'T2',
    edits: edits.toSorted((left, right) => left.start - right.start || left.end - right.end),
    preconditions: answer.proof.preconditions,
    assumptions: answer.proof.assumptions,
    reads: [],
    explanation: answer.explanation,
    complexity: answer.complexity,
  };
}
