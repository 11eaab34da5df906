/** Plans a codemod at the first node that a small local search finds, and applies it with the real edit engine. */
import ts from 'typescript';
import type { FixPlan, Fixer } from '../../../src/analysis/types.js';
import { applyEdits } from '../../../src/improvement/edits.js';
import { nodesOf, programOf, type ProgramOptions } from '../program.js';

export type Search = (node: ts.Node) => boolean;

/** Calls of a method of that name: `….name(…)`. */
export function callOf(...names: readonly string[]): Search {
  return (node) =>
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    names.includes(node.expression.name.text);
}

export interface Outcome {
  readonly plan: FixPlan;
  /** The text after the change; the text itself when nothing is proposed. */
  readonly after: string;
}

/** The plan of the first match that yields a fix, else of the last match. */
export function fix(fixer: Fixer, search: Search, text: string, options?: ProgramOptions): Outcome {
  const { context } = programOf(text, options);
  let last: FixPlan = { kind: 'noFix', reason: 'no match in the sample' };
  for (const node of nodesOf(context, search)) {
    last = fixer.plan(
      { rule: fixer.rule, node, title: '', effect: '', severity: 'medium', confidence: 'medium' },
      context,
    );
    if (last.kind === 'fix') return { plan: last, after: applyEdits(text, last.edits) };
  }
  return { plan: last, after: text };
}

/** Messages of syntax and type errors of the text as a program of its own. */
export function errorsOf(text: string, options?: ProgramOptions): readonly string[] {
  const { program, context } = programOf(text, options);
  return problemsOf(program, context.sourceFile);
}

/** Messages of one file of a program. */
export function problemsOf(program: ts.Program, file: ts.SourceFile): readonly string[] {
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    (diagnostic) => `TS${diagnostic.code} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`,
  );
}

/** One line for tables: the tier, or the reason for no fix. */
export function verdict(plan: FixPlan): string {
  return plan.kind === 'fix' ? plan.tier : plan.reason;
}

/** The reasons that a fixer gives for all places of a text; `fix` as the verdict where it makes one. */
export function reasonsOf(fixer: Fixer, text: string, options?: ProgramOptions): readonly string[] {
  const { context } = programOf(text, options);
  return nodesOf(context, ts.isExpression).map((node) => {
    const match = { rule: fixer.rule, node, title: '', effect: '' };
    const plan = fixer.plan({ ...match, severity: 'medium', confidence: 'medium' }, context);
    return plan.kind === 'fix' ? 'fix' : plan.reason;
  });
}
