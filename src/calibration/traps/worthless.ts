/** Changes that are right and worth nothing, though they claim to be faster. */
import { atStart, replace, resultsOf } from '../functions.js';
import { slowDowns } from '../slow/index.js';
import { drawn, type FaultMaker } from './support.js';

const noChange: FaultMaker = {
  kind: 'no change',
  plant(fn, random) {
    const words = drawn(['Much faster now.', 'Now linear: one pass.', 'Hot path, optimised.'], random) ?? '';
    return { edits: [atStart(fn, `// ${words}`)], what: 'only a comment is new' };
  },
};

const noGain: FaultMaker = {
  kind: 'no gain',
  plant(fn, random) {
    const result = drawn(resultsOf(fn), random);
    if (result === null) return null;
    const text = `{\nconst answer = ${result.getText()};\nreturn answer;\n}`;
    return { edits: [replace(result.parent, text)], what: 'the same work by another name' };
  },
};

const slower: FaultMaker = {
  kind: 'slower',
  plant(fn, random) {
    const planted = slowDowns.map((one) => one.plant(fn, new Set())).filter((edits) => edits !== null);
    const edits = drawn(planted, random);
    return edits === null ? null : { edits, what: 'it is slower than before' };
  },
};

/** None of these goes together with a real gain. */
export const worthless: readonly FaultMaker[] = [noChange, noGain, slower];
