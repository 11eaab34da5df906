/** Does a text parse? What does not is no canary: it would be refused for nothing. */
import { parse } from './functions.js';

/** By what the parser noted beside the tree (TypeScript keeps it on the file; it has no public name). */
export function parsesCleanly(file: string, text: string): boolean {
  const source: object = parse(file, text);
  const noted = 'parseDiagnostics' in source ? source.parseDiagnostics : [];
  return Array.isArray(noted) && noted.length === 0;
}
