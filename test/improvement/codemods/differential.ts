/**
 * Old versus new: many random functions in one program, each planned, applied, compiled and run beside its original
 * on random inputs. Result, thrown error, changes of the arguments and the order of calls must be the same.
 */
import { compileFunction } from 'node:vm';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import ts from 'typescript';
import type { Edit, Fixer } from '../../../src/analysis/types.js';
import { applyEdits, invertEdits } from '../../../src/improvement/edits.js';
import { nodesOf, programOf, type ProgramOptions } from '../program.js';
import { problemsOf, type Search } from './harness.js';

/** Text of one function declaration named `NAME`; statements end with `;`, indentation is two spaces. */
export type Template = string;

export interface Trial {
  readonly fixer: Fixer;
  readonly search: Search;
  readonly templates: fc.Arbitrary<Template>;
  /** Arguments for a function; a fresh copy is made for each run. */
  readonly inputs: fc.Arbitrary<() => readonly unknown[]>;
  readonly programs?: number;
  readonly runs?: number;
  readonly header?: string;
  readonly options?: ProgramOptions;
}

export interface Tally {
  readonly programs: number;
  readonly fixed: number;
  readonly proved: number;
  readonly compared: number;
  /** Runs that returned (did not throw) on both sides. */
  readonly returned: number;
}

const styles = ['plain', 'crlf', 'tabs', 'bare'] as const;
type Style = (typeof styles)[number];

function styled(text: string, style: Style): string {
  if (style === 'crlf') return text.replaceAll('\n', '\r\n');
  if (style === 'tabs') return text.replace(/^(?: {2})+/gm, (lead) => '\t'.repeat(lead.length / 2));
  return style === 'bare' ? text.replace(/;$/gm, '') : text;
}

/** Runs the trial in all four styles and returns what happened; throws at the first difference. */
export function differential(trial: Trial): Tally {
  const total = { programs: 0, fixed: 0, proved: 0, compared: 0, returned: 0 };
  const each = Math.ceil((trial.programs ?? 200) / styles.length);
  for (const [index, style] of styles.entries()) {
    const bodies = fc.sample(trial.templates, { numRuns: each, seed: 7 + index });
    const tally = oneFile(trial, bodies, style);
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  }
  return total;
}

interface Site {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly proved: boolean;
}

function oneFile(trial: Trial, bodies: readonly Template[], style: Style): Tally {
  const functions = bodies.map((body, index) => body.replaceAll('NAME', `f${index}`));
  const header = trial.header ?? '';
  const text = styled(
    `${header}\n${functions.map((one) => `export ${one}`).join('\n\n')}\nexport {};\n`,
    style,
  );
  const sites = sitesOf(trial, text);
  const after = applyEdits(
    text,
    sites.flatMap((site) => site.edits),
  );
  expect(applyEdits(after, invertEdits(sites.flatMap((site) => site.edits)))).toBe(text);
  if (style === 'crlf') expect(after.replaceAll('\r\n', '')).not.toContain('\n');
  expect(sitesOf(trial, after).map((site) => site.name)).toEqual([]);
  const before = load(text);
  const candidate = load(after);
  let compared = 0;
  let returned = 0;
  for (const site of sites) {
    for (const make of fc.sample(trial.inputs, { numRuns: trial.runs ?? 6, seed: compared + 1 })) {
      const left = run(before, site.name, make());
      const right = run(candidate, site.name, make());
      compared += 1;
      if (!left.threw) returned += 1;
      if (!isDeepStrictEqual(here(left), here(right))) {
        const body = functions[Number(site.name.slice(1))] ?? '';
        throw new Error(
          `${site.name} differs for ${fc.stringify(make())}:\n${body}\n${JSON.stringify(site.edits, null, 1)}\n` +
            `before ${fc.stringify(left)}\nafter  ${fc.stringify(right)}`,
        );
      }
    }
  }
  const proved = sites.filter((site) => site.proved).length;
  return { programs: bodies.length, fixed: sites.length, proved, compared, returned };
}

/** Type-checks the text. The first plan of each function; more than one at once would be several proposals. */
function sitesOf(trial: Trial, text: string): readonly Site[] {
  const { program, context } = programOf(text, trial.options);
  expect(problemsOf(program, context.sourceFile)).toEqual([]);
  const sites = new Map<string, Site>();
  for (const node of nodesOf(context, trial.search)) {
    const name = functionName(node);
    if (name === null || sites.has(name)) continue;
    const plan = trial.fixer.plan(
      { rule: trial.fixer.rule, node, title: '', effect: '', severity: 'medium', confidence: 'medium' },
      context,
    );
    if (plan.kind === 'fix') sites.set(name, { name, edits: plan.edits, proved: plan.tier === 'T1' });
  }
  return [...sites.values()];
}

function functionName(node: ts.Node): string | null {
  let name: string | null = null;
  for (let at = node; !ts.isSourceFile(at); at = at.parent)
    if (ts.isFunctionDeclaration(at) && /^f\d+$/.test(at.name?.text ?? '')) name = at.name?.text ?? null;
  return name;
}

type Exports = Record<string, unknown>;

function load(text: string): (log: (value: unknown) => unknown) => Exports {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const body = compileFunction(outputText, ['exports', 'log']) as (exports: Exports, log: unknown) => void;
  return (log) => {
    const exports: Exports = {};
    body(exports, log);
    return exports;
  };
}

interface Run {
  readonly threw: boolean;
  readonly value: unknown;
  readonly args: readonly unknown[];
  readonly calls: readonly unknown[];
}

function run(module: ReturnType<typeof load>, name: string, args: readonly unknown[]): Run {
  const calls: unknown[] = [];
  const fn = module((value) => {
    calls.push(value);
    if (value === 'throw') throw new RangeError('asked to');
    return value;
  })[name];
  if (typeof fn !== 'function') throw new Error(`no function ${name}`);
  try {
    const value: unknown = Reflect.apply(fn, undefined, args);
    return { threw: false, value, args, calls };
  } catch (error) {
    return { threw: true, value: error instanceof Error ? error.name : error, args, calls };
  }
}

/** The same value with built-ins of this realm: compiled code has other ones than the arguments it is given. */
function here(value: unknown): unknown {
  const kind = Object.prototype.toString.call(value);
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    copy.length = value.length;
    for (const index of value.keys()) if (index in value) copy[index] = here(value[index]);
    return copy;
  }
  if (kind === '[object Map]')
    return new Map([...(value as Map<unknown, unknown>)].map(([k, v]) => [here(k), here(v)]));
  if (kind === '[object Set]') return new Set([...(value as Set<unknown>)].map(here));
  if (kind !== '[object Object]' || value === null || typeof value !== 'object') return value;
  const copy = {};
  for (const key of Reflect.ownKeys(value))
    Object.defineProperty(copy, key, {
      value: here(Reflect.get(value, key)),
      enumerable: true,
      configurable: true,
    });
  return copy;
}

/** Strings with many repeats, and the names that trip property code. */
export const words = fc.constantFrom('a', 'b', 'c', 'aa', '', '__proto__', 'constructor', 'throw', '0', '1');
/** Numbers with the values that trip comparisons. */
export const numbers = fc.constantFrom(0, -0, 1, 2, 3, NaN, Infinity, 0.5);
export const integers = fc.integer({ min: -3, max: 9 });

/** Arrays, sometimes frozen, sometimes with a hole. */
export function arrays<T>(
  element: fc.Arbitrary<T>,
  options: { readonly holes?: boolean; readonly frozen?: boolean } = {},
): fc.Arbitrary<() => T[]> {
  return fc
    .record({ list: fc.array(element, { maxLength: 14 }), hole: fc.nat(13), odd: fc.nat(5) })
    .map(({ list, hole, odd }) => () => {
      const copy = list.map((one) => (typeof one === 'function' ? (one as () => T)() : structuredClone(one)));
      if (options.holes === true && odd === 0 && hole < copy.length) Reflect.deleteProperty(copy, hole);
      return options.frozen === true && odd === 1 ? (Object.freeze(copy) as T[]) : copy;
    });
}

/** Arguments from makers: each call gives fresh copies. */
export function inputsOf(
  ...makers: readonly fc.Arbitrary<() => unknown>[]
): fc.Arbitrary<() => readonly unknown[]> {
  return fc.tuple(...makers).map((all) => () => all.map((make) => make()));
}

/** A value that needs no copying. */
export function plain<T>(value: fc.Arbitrary<T>): fc.Arbitrary<() => T> {
  return value.map((one) => () => one);
}
