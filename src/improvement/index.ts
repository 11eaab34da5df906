/** The door of the improvement room. */
import type { Fixer } from '../analysis/types.js';

/** All codemods, in the order of the catalogue; passed in to the analysis. */
export const fixers: readonly Fixer[] = [];
