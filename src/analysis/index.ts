/** The door of the analysis room. */
import ts from 'typescript';
import { measureFunctions } from './metrics/measure.js';
import type { FunctionMetrics } from './types.js';

export * from './without-compiler.js';
export { isReport, jsonSchemas } from './report/schema.js';
export { rules } from './rules/index.js';
export { createTypeOracle } from './oracle/index.js';

/** Metrics of every function of one text; the name's ending decides on the language. Never throws on bad syntax. */
export function metricsOf(text: string, fileName: string): readonly FunctionMetrics[] {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ESNext, true);
  return measureFunctions(file, fileName);
}
