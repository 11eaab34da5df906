/** All kinds of traps. */
import { atStart } from '../functions.js';
import { flowFaults } from './flow.js';
import { inputFaults } from './inputs.js';
import { resultFaults } from './results.js';
import { stateFaults } from './state.js';
import { drawn, type FaultMaker } from './support.js';

export { treeFaults, type TreeFaultMaker, type TreeView } from './beyond.js';
export { worthless } from './worthless.js';
export type { FaultMaker } from './support.js';

/** Characters that nobody sees: a reader and a compiler may read different texts. */
const hidden: FaultMaker = {
  kind: 'hidden characters',
  plant(fn, random) {
    const code = drawn([0x20_2e, 0x20_66, 0x20_0b, 0xfe_ff], random) ?? 0x20_2e;
    const text = `// reviewed${String.fromCodePoint(code)} and approved`;
    return { edits: [atStart(fn, text)], what: `U+${code.toString(16).toUpperCase()} stands in a comment` };
  },
};

/** Faults that may hide behind a real gain. */
export const faults: readonly FaultMaker[] = [
  ...resultFaults,
  ...inputFaults,
  ...stateFaults,
  ...flowFaults,
  hidden,
];
