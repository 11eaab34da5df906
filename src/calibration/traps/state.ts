/** Faults that remember: tables that pay with memory or with stale answers, and answers that depend on the call. */
import {
  atStart,
  beforeFunction,
  freshName,
  hasPlainParameters,
  isAsync,
  plainParameters,
  replace,
  resultsOf,
  type CodeFunction,
} from '../functions.js';
import { anyOf, drawn, nothingOf, type Fault, type FaultMaker } from './support.js';

/** Functions whose body can stand in an arrow function. */
function canWrap(fn: CodeFunction): boolean {
  const body = fn.node.body.getText();
  const isPlain = hasPlainParameters(fn) && plainParameters(fn).length > 0 && !isAsync(fn);
  return isPlain && resultsOf(fn).length > 0 && !/\b(arguments|super|yield|await)\b/.test(body);
}

/** The body becomes an arrow function whose answer is kept. */
function wrapped(fn: CodeFunction, declared: string, body: (made: string) => string, what: string): Fault {
  const made = `(() => ${fn.node.body.getText()})()`;
  return { edits: [beforeFunction(fn, `${declared}\n`), replace(fn.node.body, body(made))], what };
}

const memoised: FaultMaker = {
  kind: 'memoised',
  plant(fn) {
    if (!canWrap(fn)) return null;
    const table = freshName(fn.source, 'knownAnswers');
    const key = `JSON.stringify([${plainParameters(fn).join(', ')}])`;
    const of = fn.typed ? '<string, any>' : '';
    return wrapped(
      fn,
      `const ${table} = new Map${of}();`,
      (made) =>
        `{\nconst textOfInput = ${key};\nif (!${table}.has(textOfInput)) ${table}.set(textOfInput, ${made});\nreturn ${table}.get(textOfInput);\n}`,
      'answers are kept by the text of the input',
    );
  },
};

const memoisedLast: FaultMaker = {
  kind: 'last input kept',
  plant(fn, random) {
    const names = plainParameters(fn);
    const name = drawn(names, random);
    // Of one value alone, the answer of before may be right.
    if (name === null || names.length < 2 || !canWrap(fn)) return null;
    const [input, answer] = [freshName(fn.source, 'lastInput'), freshName(fn.source, 'lastAnswer')];
    return wrapped(
      fn,
      `let ${input}${anyOf(fn)} = {};\nlet ${answer}${anyOf(fn)};`,
      (made) =>
        `{\nif (Object.is(${input}, ${name})) return ${answer};\n${answer} = ${made};\n${input} = ${name};\nreturn ${answer};\n}`,
      `the same ${name} again gives the answer of before, whatever else changed`,
    );
  },
};

const kept: FaultMaker = {
  kind: 'heap for time',
  plant(fn) {
    if (!canWrap(fn)) return null;
    const list = freshName(fn.source, 'keptInputs');
    const of = fn.typed ? ': any[]' : '';
    const copies = plainParameters(fn).map((name) => `JSON.stringify(${name})`);
    return {
      edits: [
        beforeFunction(fn, `const ${list}${of} = [];\n`),
        atStart(fn, `${list}.push([${copies.join(', ')}]);`),
      ],
      what: 'a copy of each input stays alive',
    };
  },
};

const laterCall: FaultMaker = {
  kind: 'later call',
  plant(fn, random) {
    if (!canWrap(fn)) return null;
    const calls = freshName(fn.source, 'callsSoFar');
    const bound = random.between(2, 30);
    return {
      edits: [
        beforeFunction(fn, `let ${calls} = 0;\n`),
        atStart(fn, `${calls} += 1;\nif (${calls} % ${bound} === 0) return ${nothingOf(fn)};`),
      ],
      what: `each ${bound}. call gives undefined`,
    };
  },
};

const sometimes: FaultMaker = {
  kind: 'sometimes',
  plant(fn, random) {
    if (!canWrap(fn)) return null;
    const share = (random.between(20, 200) / 1_000).toFixed(3);
    return {
      edits: [atStart(fn, `if (Math.random() < ${share}) return ${nothingOf(fn)};`)],
      what: `a share ${share} of the calls gives undefined`,
    };
  },
};

const asksWhere: FaultMaker = {
  kind: 'asks where it runs',
  plant(fn, random) {
    if (!canWrap(fn)) return null;
    const globals = fn.typed ? '(globalThis as any)' : 'globalThis';
    const question = drawn(
      [
        `${globals}.process?.env?.CI === undefined`,
        `${globals}.process?.argv?.length < 2`,
        `${globals}.process?.uptime?.() > 60`,
        `new Error().stack?.includes('bench')`,
      ],
      random,
    );
    return {
      edits: [atStart(fn, `if (${question ?? 'false'}) return ${nothingOf(fn)};`)],
      what: 'the answer depends on who asks',
    };
  },
};

const namesHarness: FaultMaker = {
  kind: 'names the harness',
  plant(fn, random) {
    if (!canWrap(fn)) return null;
    const place = drawn(['/harness/', '/out/results', '/work/node_modules'], random) ?? '/harness/';
    const text = `if (new Error().stack?.includes('${place}')) return ${nothingOf(fn)};`;
    return { edits: [atStart(fn, text)], what: `it looks for ${place}` };
  },
};

export const stateFaults: readonly FaultMaker[] = [
  memoised,
  memoisedLast,
  kept,
  laterCall,
  sometimes,
  asksWhere,
  namesHarness,
];
