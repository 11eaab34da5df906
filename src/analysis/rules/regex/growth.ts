/** How the work of a regular expression grows on its worst input: candidates from scslre, confirmed by counting. */
import { createRequire } from 'node:module';
import type { Report, analyse } from 'scslre';
import {
  characterTest,
  stepsOf,
  type Alternative,
  type CharacterTest,
  type Element,
  type Pattern,
} from './walk-pattern.js';

export interface Growth {
  /** `exponential`, or the degree of the polynomial (2 or more). */
  readonly degree: number | 'exponential';
  /** What to repeat for a slow input. */
  readonly repeated: string;
}

interface Scslre {
  readonly analyse: typeof analyse;
}

/** Characters that stand for a class when the repeated one does not fit. */
const likely = Array.from('aA0 _-.,:/"\'<({[;=@#\t\n');
const require = createRequire(import.meta.url);
const stepsMax = 100_000;
/** Longer ones take longer to look at than they are worth. */
const sourceMax = 2_000;
const reportsMax = 8;
const attacksMax = 12;
const choicesMax = 8;
const known = new Map<string, Growth | null>();
const knownMax = 10_000;

/** Null when linear, when not parsed, or when no input was found that shows the growth. */
export function growthOf(source: string, flags: string): Growth | null {
  if (source.length > sourceMax || !/[*+]|\{\d+,\}/.test(source)) return null;
  const key = `${flags}/${source}`;
  const remembered = known.get(key);
  if (remembered !== undefined) return remembered;
  if (known.size >= knownMax) known.clear();
  const growth = measure(source, flags);
  known.set(key, growth);
  return growth;
}

function measure(source: string, flags: string): Growth | null {
  let found: ReturnType<typeof analyse>;
  try {
    // Loaded at the first candidate only: it takes about 90 ms.
    found = (require('scslre') as Scslre).analyse({ source, flags }, { maxReports: reportsMax });
  } catch {
    // Not a regular expression (the compiler reports that), or one with syntax that the library does not know.
    return null;
  }
  const test = characterTest(flags);
  let worst: Growth | null = null;
  const { pattern } = found.parsed;
  const attacks = [
    ...found.reports.map((report) => attackOf(report, test)),
    ...choicesIn(pattern).map((quantifier) => attackOnChoice(quantifier, test)),
  ];
  for (const attack of attacks.slice(0, attacksMax))
    for (const unit of new Set(attack.units)) {
      const degree = degreeOf(pattern, attack.prefix, unit, test);
      if (degree === 'exponential') return { degree, repeated: unit };
      if (degree >= 2 && (worst === null || worst.degree === 'exponential' || degree > worst.degree))
        worst = { degree, repeated: unit };
    }
  return worst;
}

interface Attack {
  /** Leads to the part that repeats. */
  readonly prefix: string;
  readonly units: readonly string[];
}

function attackOf(report: Report, test: CharacterTest): Attack {
  const pump = report.character.pick;
  if (report.type === 'Move') return { prefix: '', units: [pump] };
  const quantifier = report.type === 'Self' ? report.parentQuant : report.startQuant;
  return { prefix: prefixOf(quantifier, test, pump), units: [pump, ...bodies(quantifier, test, pump)] };
}

/** Repeated choices, `(?:a|a)*`: two alternatives may match the same text, which scslre does not look for. */
function choicesIn(node: Up): readonly Quantifier[] {
  if (node.type === 'Pattern') return node.alternatives.flatMap(choicesIn);
  if (node.type === 'Alternative') return node.elements.flatMap(choicesIn);
  if (node.type === 'Group' || node.type === 'CapturingGroup') return node.alternatives.flatMap(choicesIn);
  if (node.type !== 'Quantifier') return [];
  const inner = choicesIn(node.element);
  return node.max === Infinity && alternativesOf(node.element).length > 1 ? [node, ...inner] : inner;
}

function alternativesOf(element: Element): readonly Alternative[] {
  return element.type === 'Group' || element.type === 'CapturingGroup' ? element.alternatives : [];
}

function attackOnChoice(quantifier: Quantifier, test: CharacterTest): Attack {
  const units = alternativesOf(quantifier.element).map((one) => ofAlternative(one, test, 'a'));
  return {
    prefix: prefixOf(quantifier, test, 'a'),
    units: units.filter((unit) => unit !== '').slice(0, choicesMax),
  };
}

/** Steps are counted at two sizes with several ends of which at least one does not match. */
function degreeOf(pattern: Pattern, prefix: string, unit: string, test: CharacterTest): Growth['degree'] {
  let best = 0;
  for (const suffix of ['\n!', '\u0001', '', '!', `${unit}\n`]) {
    const count = (times: number, limit: number) =>
      stepsOf(pattern, prefix + unit.repeat(times) + suffix, test, limit);
    if (isExponential(count)) return 'exponential';
    best = Math.max(best, Math.round(Math.log2(count(36, stepsMax) / count(18, stepsMax))));
  }
  return best;
}

/** From 12 to 18 rounds a polynomial of degree 5 grows 8 times, 1.6ⁿ 17 times; from 4 to 8, degree 4 grows 16 times. */
function isExponential(count: (times: number, limit: number) => number): boolean {
  const middle = count(12, stepsMax);
  if (middle >= stepsMax) return count(8, stepsMax) >= 28 * count(4, stepsMax);
  return count(18, 12 * middle) >= 12 * middle;
}

type Quantifier = Extract<Element, { type: 'Quantifier' }>;
type Up = Pattern | Alternative | Element;

/** One round of each outer repetition, for a growth that needs more than one character per round. */
function bodies(quantifier: Quantifier, test: CharacterTest, pump: string): readonly string[] {
  const units: string[] = [];
  for (let up: Up | null = quantifier; up !== null; up = parentOf(up))
    if (up.type === 'Quantifier' && up.max === Infinity) units.push(sample(up.element, test, pump));
  return units.filter((unit) => unit !== '');
}

function parentOf(node: Up): Up | null {
  return node.type === 'Pattern' ? null : (node.parent as Up | null);
}

/** Text that leads to the quantifier: one sample of everything that stands before it. */
function prefixOf(quantifier: Quantifier, test: CharacterTest, pump: string): string {
  let text = '';
  let child: Up = quantifier;
  for (let up = parentOf(child); up !== null; up = parentOf(child)) {
    if (up.type === 'Alternative') {
      const at = up.elements.findIndex((element) => element === child);
      const before = up.elements.slice(0, Math.max(0, at));
      text = before.map((element) => sample(element, test, pump)).join('') + text;
    }
    child = up;
  }
  return text;
}

/** A short text that the element matches, made of the pump character where that fits. */
function sample(element: Element, test: CharacterTest, pump: string): string {
  switch (element.type) {
    case 'Quantifier':
      return sample(element.element, test, pump).repeat(Math.min(20, Math.max(1, element.min)));
    case 'Group':
    case 'CapturingGroup':
      return ofAlternative(element.alternatives[0], test, pump);
    case 'Assertion':
    case 'Backreference':
      return '';
    case 'Character':
      return String.fromCodePoint(element.value);
    default:
      return [pump, ...likely].find((one) => test(element, one)) ?? '';
  }
}

function ofAlternative(alternative: Alternative | undefined, test: CharacterTest, pump: string): string {
  return (alternative?.elements ?? []).map((element) => sample(element, test, pump)).join('');
}
