/** What the shadow calls of a suite left behind, put together over its processes. */
import { listOutput, readOutput } from '../../sandbox/read-output.js';
import type { ExecutedLines } from '../executed-lines.js';
import type { Layer, ShadowFunction } from './write-layer.js';

/** A confirmed difference, as its process described it. */
export interface Mismatch {
  /** Name of the function at which the shadow call began. */
  readonly entry: string;
  readonly file: string;
  /** Ids of the changed functions that ran. */
  readonly touched: readonly number[];
  /** The call as code. */
  readonly call: string;
  /** How the input was made from a real one; null = it is the suite's own. */
  readonly derived: string | null;
  readonly weight: number;
  readonly base: string;
  readonly candidate: string;
  readonly hang: boolean;
}

/** Figures of one function. All but `name` and `file` depend on the run. */
export interface FunctionFigures {
  readonly name: string;
  readonly file: string;
  /** Comparisons in which its new body ran and the answers were equal: the suite's own inputs, derived ones. */
  readonly own: number;
  readonly derived: number;
  /** As above, but functions came out that nothing could compare. */
  readonly opaque: number;
  /** Calls that began here, by what came of them. */
  readonly calls: Readonly<Record<string, number>>;
  readonly why: string | null;
}

export interface ShadowFindings {
  /** Why there are none; null = the suite ran with shadow calls. */
  readonly unavailable: string | null;
  readonly mismatches: readonly Mismatch[];
  readonly figures: readonly FunctionFigures[];
  /** Changed functions, "file#name". */
  readonly changed: readonly string[];
  /** Changed functions that answered alike on both sides. */
  readonly answered: readonly string[];
  /** Changed functions whose new body cannot run beside the old one, with the reason. */
  readonly blocked: readonly { readonly name: string; readonly why: string }[];
  readonly lines: ExecutedLines | null;
  /** Comparisons that differed once and not again. */
  readonly suspects: number;
}

interface Counted {
  readonly id: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly why?: string;
}

interface Answered {
  readonly own: number;
  readonly derived: number;
  readonly opaque: number;
}

interface Line {
  readonly mismatch?: Mismatch;
  readonly counted?: readonly Counted[];
  readonly answered?: readonly (readonly [number, Answered])[];
}

const filesMax = 3_000;
const fileBytesMax = 32 << 20;

export const noFindings = (unavailable: string | null): ShadowFindings => ({
  unavailable,
  mismatches: [],
  figures: [],
  changed: [],
  answered: [],
  blocked: [],
  lines: null,
  suspects: 0,
});

const keyOf = (fn: Pick<ShadowFunction, 'file' | 'name'>): string => `${fn.file}#${fn.name}`;

function parse(row: string): Line | null {
  if (!row.endsWith('}')) return null;
  try {
    return JSON.parse(row) as Line;
  } catch {
    // Cut off by the end of its process.
    return null;
  }
}

/** The last count of a process holds those before. */
async function readProcess(output: string, name: string): Promise<{ last: Line; mismatches: Mismatch[] }> {
  const text = (await readOutput(output, name, fileBytesMax)) ?? '';
  let last: Line = {};
  const mismatches: Mismatch[] = [];
  for (const row of text.split('\n')) {
    const line = parse(row);
    if (line?.mismatch !== undefined) mismatches.push(line.mismatch);
    if (line?.counted !== undefined) last = line;
  }
  return { last, mismatches };
}

/** A process that was killed from outside while a candidate ran: it never came to an end. */
async function hangOf(output: string, name: string, layer: Layer): Promise<Mismatch | null> {
  const text = ((await readOutput(output, name, 1_000)) ?? '').trim();
  const found = /^candidate (\d+) /.exec(text);
  const fn = found === null ? undefined : layer.functions[Number(found[1])];
  if (fn === undefined) return null;
  return {
    entry: fn.name,
    file: fn.file,
    touched: [Number(found?.[1])],
    call: `${fn.name}(…)`,
    derived: null,
    weight: 0,
    base: 'an end',
    candidate: 'no end within the time limit',
    hang: true,
  };
}

function linesOf(layer: Layer, executed: ReadonlySet<string>): ExecutedLines {
  const all = layer.points.flatMap(({ file, points }, f) =>
    points.map((point) => ({ place: `${file}:${point.line}`, hit: executed.has(`${f}:${point.id}`), point })),
  );
  const missed = new Set(all.filter(({ hit }) => !hit).map(({ place }) => place));
  const branches = all.filter(({ point }) => point.kind === 'branch');
  return {
    executed: [...new Set(all.map(({ place }) => place))].filter((place) => !missed.has(place)),
    unexecuted: [...missed],
    touched: all.some(({ hit }) => hit),
    branches: branches.length,
    branchesExecuted: branches.filter(({ hit }) => hit).length,
  };
}

function sum(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const out: Record<string, number> = { ...a };
  for (const [key, value] of Object.entries(b)) out[key] = (out[key] ?? 0) + value;
  return out;
}

function figuresOf(layer: Layer, processes: readonly Line[]): FunctionFigures[] {
  return layer.functions.map((fn, id) => {
    const counted = processes.flatMap((line) => line.counted ?? []).filter((one) => one.id === id);
    const answers = processes.flatMap((line) => line.answered ?? []).filter(([of]) => of === id);
    const total = (key: keyof Answered): number => answers.reduce((n, [, answer]) => n + answer[key], 0);
    return {
      name: fn.name,
      file: fn.file,
      own: total('own'),
      derived: total('derived'),
      opaque: total('opaque'),
      calls: counted.reduce((all, { counts }) => sum(all, counts), {}),
      why: counted.find((one) => one.why !== undefined)?.why ?? null,
    };
  });
}

/**
 * @param interrupted the suite was ended by a limit: what runs then has not come to an end
 */
export async function readFindings(
  output: string,
  layer: Layer,
  interrupted: boolean,
): Promise<ShadowFindings> {
  const names = (await listOutput(output, 'shadow', filesMax)).map((name) => `shadow/${name}`).sort();
  const logs = names.filter((name) => name.endsWith('.jsonl'));
  const read = await Promise.all(logs.map((name) => readProcess(output, name)));
  const ats = interrupted ? names.filter((name) => name.endsWith('.at')) : [];
  const hangs = (await Promise.all(ats.map((name) => hangOf(output, name, layer)))).filter(
    (one) => one !== null,
  );
  const failed = await readOutput(output, 'shadow-error', 1_000);
  const executed = (await readOutput(output, 'executed', fileBytesMax)) ?? '';
  const figures = figuresOf(
    layer,
    read.map(({ last }) => last),
  );
  const mismatches = [...read.flatMap((one) => one.mismatches), ...hangs].sort(
    (a, b) => a.weight - b.weight || (a.call < b.call ? -1 : 1),
  );
  const changed = layer.functions.filter((fn) => fn.dispatch || fn.blocked !== null);
  return {
    unavailable:
      logs.length === 0 && hangs.length === 0
        ? (failed ?? 'the suite calls none of the changed functions')
        : null,
    mismatches,
    figures,
    changed: changed.map(keyOf),
    answered: figures.filter((one) => one.own + one.derived > 0).map(keyOf),
    blocked: layer.functions.flatMap((fn) =>
      fn.blocked === null ? [] : [{ name: keyOf(fn), why: fn.blocked }],
    ),
    lines: executed === '' ? null : linesOf(layer, new Set(executed.split('\n'))),
    suspects: figures.reduce(
      (n, { calls }) => n + (calls['suspect'] ?? 0) + (calls['derived suspect'] ?? 0),
      0,
    ),
  };
}
