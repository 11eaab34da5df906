/** Metrics of one text, without a project: what the complexity gate compares before and after. */
import ts from 'typescript';
import type { FunctionMetrics } from '../types.js';
import { measureFunctions } from './measure.js';

/**
 * Measures every function of one file's text.
 * @param fileName decides between TypeScript, JavaScript and JSX by its ending; it appears in the results
 */
export function metricsOf(text: string, fileName: string): FunctionMetrics[] {
  const sourceFile = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  return measureFunctions(sourceFile, fileName);
}
