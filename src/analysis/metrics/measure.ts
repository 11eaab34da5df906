/** One walk over a file's syntax tree: the metrics of every function, of every class, and of the file. */
import ts from 'typescript';
import type { ClassMetrics, FunctionMetrics, Halstead } from '../types.js';
import type { Compat } from './cognitive.js';
import { maintainabilityOf } from './maintainability.js';
import { referencesOf, type References } from './imports.js';
import { countLines, type LineCounts } from './lines.js';
import { nameOfUnit, startOfUnit } from './names.js';
import { Walk } from './walk.js';

/** All that one walk tells. */
export interface Measures {
  readonly functions: readonly FunctionMetrics[];
  readonly classes: readonly ClassMetrics[];
  readonly size: LineCounts;
  readonly halstead: Halstead;
  /** Modules as they are named in the file. */
  readonly references: References;
}

/** Metrics of every function with a body, in source order of their starts. */
export function measureFunctions(
  sourceFile: ts.SourceFile,
  file: string,
  compat?: Compat,
): readonly FunctionMetrics[] {
  return measureFile(sourceFile, file, compat).functions;
}

/** @param compat whose definition of cognitive complexity */
export function measureFile(
  sourceFile: ts.SourceFile,
  file: string,
  compat: Compat = 'specification',
): Measures {
  const functions: { readonly start: number; readonly metrics: FunctionMetrics }[] = [];
  const classes: ClassMetrics[] = [];
  const references = referencesOf(sourceFile);
  const walk = new Walk(sourceFile, compat, references, {
    unit(unit, state, tokens) {
      const start = startOfUnit(unit, sourceFile);
      const from = sourceFile.getLineAndCharacterOfPosition(start);
      const to = sourceFile.getLineAndCharacterOfPosition(unit.end);
      const halstead = tokens.result();
      const cyclomatic = state.decisions.points + 1;
      const lines = to.line - from.line + 1;
      const recursion = compat === 'specification' && state.cognitive.recursive ? 1 : 0;
      const metrics: FunctionMetrics = {
        file,
        line: from.line + 1,
        column: from.character + 1,
        name: nameOfUnit(unit),
        cyclomatic,
        cognitive: state.cognitive.points + recursion,
        nesting: state.deepest,
        lines,
        parameters: unit.parameters.filter((one) => !isThisParameter(one)).length,
        halstead,
        maintainability: maintainabilityOf(halstead.volume, cyclomatic, lines),
      };
      functions.push({ start, metrics });
      return metrics;
    },
    type: (node, count) => classes.push(count.result(node, sourceFile, file)),
  });
  walk.visit(sourceFile);
  return {
    functions: functions.toSorted((a, b) => a.start - b.start).map(({ metrics }) => metrics),
    classes: classes.toSorted((a, b) => a.line - b.line || a.column - b.column),
    size: countLines(
      sourceFile.text,
      sourceFile.getLineStarts(),
      walk.literals.toSorted((a, b) => a[0] - b[0]),
    ),
    halstead: walk.tokens.result(),
    references,
  };
}

function isThisParameter(parameter: ts.ParameterDeclaration): boolean {
  return ts.isIdentifier(parameter.name) && parameter.name.text === 'this';
}
