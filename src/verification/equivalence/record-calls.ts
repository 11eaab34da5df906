/** What the recorder is to see in the base's suite, and what it wrote turned into cases. */
import { listOutput, readOutput } from '../sandbox/read-output.js';
import type { Declaration } from './declarations.js';
import type { Recorded } from './instrument.js';
import type { Reach } from './reach.js';
import { classKeyOf } from './make-cases.js';
import type { Case, Recipe, Step, Target } from './types.js';

/** One line of the recorder. */
interface Line {
  /** "<target index>", "<target index>/<sibling member>" or "<target index>/new". */
  readonly f: string;
  readonly k: 'function' | 'method' | 'getter' | 'setter' | 'constructor';
  /** Of an instance whose class has no constructor of its own. */
  readonly b: boolean;
  readonly i: number | null;
  readonly s: Recipe;
  readonly a: readonly Recipe[];
  /** Shared values that are referred to. */
  readonly refs: readonly number[];
  /** A function among the arguments was replaced by a recording callback. */
  readonly q: boolean;
}

/** What the suite did with one target. */
export interface RecordedCalls {
  readonly cases: readonly Case[];
  /** Argument lists per target index: what untyped parameters really are. */
  readonly argumentsOf: ReadonlyMap<number, readonly (readonly Recipe[])[]>;
  readonly constructorOf: ReadonlyMap<number, readonly (readonly Recipe[])[]>;
}

export const nothingRecorded: RecordedCalls = { cases: [], argumentsOf: new Map(), constructorOf: new Map() };

const perTargetMax = 300;
const stepsMax = 12;
const filesMax = 200;
const fileBytesMax = 6 << 20;

/** Declarations to be recorded in each file, under the ids of `Line.f`. */
export function recordingPlan(found: Reach): Map<string, Recorded[]> {
  const perFile = new Map<string, Recorded[]>();
  const taken = new Set<Declaration>();
  const add = (file: string, id: string, declaration: Declaration | undefined): void => {
    if (declaration === undefined || taken.has(declaration)) return;
    taken.add(declaration);
    perFile.set(file, [...(perFile.get(file) ?? []), { id, declaration }]);
  };
  const declarations = (target: Target): readonly Declaration[] =>
    found.changes.find((change) => change.file === target.file)?.before.declarations ?? [];
  const ownOf = (target: Target): Declaration | undefined =>
    declarations(target).find((d) => `${target.file}#${d.name}` === target.id);
  found.targets.forEach((target, t) => add(target.file, String(t), ownOf(target)));
  found.targets.forEach((target, t) => {
    const before = declarations(target);
    const own = ownOf(target);
    if (own?.owner === undefined || own.owner === null || own.kind === 'constructor') return;
    const key = JSON.stringify(own.owner.access);
    const inClass = (d: Declaration): boolean => JSON.stringify(d.owner?.access) === key;
    add(
      target.file,
      `${t}/new`,
      before.find((d) => d.kind === 'constructor' && inClass(d)),
    );
    for (const sibling of target.siblings) {
      const declaration = before.find(
        (d) => d.member === sibling.member && d.kind === sibling.kind && inClass(d),
      );
      add(target.file, `${t}/${sibling.member}`, declaration);
    }
  });
  return perFile;
}

/** Reads what the recorder left in a suite's output. */
export async function readRecorded(output: string, targets: readonly Target[]): Promise<RecordedCalls> {
  const lines: { process: string; line: Line }[] = [];
  for (const name of await listOutput(output, 'calls', filesMax)) {
    const text = (await readOutput(output, `calls/${name}`, fileBytesMax)) ?? '';
    for (const row of text.split('\n')) {
      const line = parseLine(row);
      if (line !== null) lines.push({ process: name, line });
    }
  }
  return gather(targets, lines);
}

function parseLine(row: string): Line | null {
  if (!row.endsWith('}')) return null;
  try {
    const line = JSON.parse(row) as Line;
    if (typeof line.f !== 'string' || !Array.isArray(line.a)) return null;
    const used = new Set(line.refs);
    return {
      ...line,
      a: line.a.map((recipe) => withoutUnused(recipe, used)),
      s: withoutUnused(line.s, used),
    };
  } catch {
    // A line cut off by the end of a process.
    return null;
  }
}

/** Drops the names of values that are not referred to: recipes stay readable. */
function withoutUnused(recipe: Recipe, used: ReadonlySet<number>): Recipe {
  if (recipe === null || typeof recipe !== 'object') return recipe;
  const inner = (value: Recipe): Recipe => withoutUnused(value, used);
  switch (recipe.k) {
    case 'let':
      return used.has(recipe.n) ? { ...recipe, v: inner(recipe.v) } : inner(recipe.v);
    case 'a':
    case 's': {
      const { f, ...rest } = recipe;
      return { ...rest, i: recipe.i.map(inner), ...(f === true ? { f } : {}) };
    }
    case 'o': {
      const { f, ...rest } = recipe;
      const p = recipe.p.map(([name, value]): readonly [string, Recipe] => [name, inner(value)]);
      return { ...rest, p, ...(f === true ? { f } : {}) };
    }
    case 'm':
      return {
        ...recipe,
        e: recipe.e.map(([key, value]): readonly [Recipe, Recipe] => [inner(key), inner(value)]),
      };
    default:
      return recipe;
  }
}

function gather(
  targets: readonly Target[],
  lines: readonly { process: string; line: Line }[],
): RecordedCalls {
  const argumentsOf = new Map<number, Recipe[][]>();
  const constructorOf = new Map<number, Recipe[][]>();
  const perInstance = new Map<string, Line[]>();
  const cases = new Map<string, Case>();
  const counts = new Map<number, number>();
  const add = (t: number, one: Case): void => {
    const key = JSON.stringify(one);
    const count = counts.get(t) ?? 0;
    if (cases.has(key) || count >= perTargetMax) return;
    counts.set(t, count + 1);
    cases.set(key, one);
  };
  for (const { process, line } of lines) {
    const t = Number(line.f.split('/')[0]);
    const target = targets[t];
    if (target === undefined) continue;
    const member = line.f.includes('/') ? line.f.slice(line.f.indexOf('/') + 1) : null;
    if (member === null) argumentsOf.set(t, [...(argumentsOf.get(t) ?? []).slice(-99), [...line.a]]);
    if (member === 'new') constructorOf.set(t, [...(constructorOf.get(t) ?? []).slice(-99), [...line.a]]);
    if (line.i !== null) {
      const key = `${process}/${line.i}`;
      perInstance.set(key, [...(perInstance.get(key) ?? []), line]);
    } else if (member === null) {
      const isEmpty = line.s === null || target.kind === 'constructor';
      if (isEmpty && target.kind !== 'function' && target.kind !== 'constructor') continue;
      add(t, { o: 'recorded', ...(isEmpty ? {} : { self: line.s }), s: [{ t, a: line.a }] });
    }
  }
  // Instances are numbered per process: within one, lines are in order of time.
  for (const history of perInstance.values()) {
    const one = instanceCase(targets, history);
    if (one !== null) add(one.s[0]?.t ?? 0, one);
  }
  // Parallel test files write in any order: sorted, the same suite gives the same cases.
  const sorted = [...cases].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return { cases: sorted, argumentsOf, constructorOf };
}

/** The life of one instance as the suite lived it: constructor arguments, then calls in order. */
function instanceCase(targets: readonly Target[], history: readonly Line[]): Case | null {
  const first = history[0];
  const target = targets[Number(first?.f.split('/')[0])];
  if (first === undefined || target === undefined) return null;
  const isMade = first.k === 'constructor';
  const calls = isMade ? history.slice(1) : history;
  if ((!isMade && !first.b) || calls.length === 0) return null;
  const self: Recipe = { k: 'new', c: classKeyOf(target), i: isMade ? first.a : [] };
  const steps = calls.slice(0, stepsMax).map((line): Step => {
    const index = Number(line.f.split('/')[0]);
    const member = line.f.includes('/') ? line.f.slice(line.f.indexOf('/') + 1) : null;
    if (member === null || line.k === 'function' || line.k === 'constructor') return { t: index, a: line.a };
    return { t: index, m: [line.k, member], a: line.a };
  });
  return { o: 'recorded', self, s: steps };
}
