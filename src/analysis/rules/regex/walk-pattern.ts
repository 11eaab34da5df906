/**
 * A backtracking matcher that counts its steps, for one question: how fast does the work grow with the input? It
 * follows the order of ECMAScript's matcher (no memo, no prefilter), so its count grows as an engine's time does, and
 * unlike a clock it gives the same answer each time. Look-behinds are taken to hold: the answer is an estimate.
 */
import type { AnalysisResult } from 'scslre';

export type Pattern = AnalysisResult['parsed']['pattern'];
export type Alternative = Pattern['alternatives'][number];
export type Element = Alternative['elements'][number];

/** Does the one-character element (a set, a class, a character) match this character? */
export type CharacterTest = (element: Element, character: string) => boolean;

type Next = (at: number) => boolean;

class Exhausted extends Error {}

/** A test by the engine itself, remembered per element and character. */
export function characterTest(flags: string): CharacterTest {
  const known = new Map<string, RegExp>();
  const kept = flags.replace(/[gyd]/g, '');
  return (element, character) => {
    let expression = known.get(element.raw);
    if (expression === undefined) {
      expression = new RegExp(`^${element.raw}$`, kept);
      known.set(element.raw, expression);
    }
    return expression.test(character);
  };
}

/** Steps until the pattern has matched or failed at every start, at most `limit`. */
export function stepsOf(pattern: Pattern, input: string, test: CharacterTest, limit: number): number {
  const walk = new Walk(input, test, limit);
  try {
    for (let start = 0; start <= input.length; start += 1) if (walk.run(pattern.alternatives, start)) break;
  } catch (error) {
    // A deep recursion is as good as many steps; everything else is a fault of ours.
    if (!(error instanceof Exhausted) && !(error instanceof RangeError)) throw error;
    return limit;
  }
  return walk.steps;
}

class Walk {
  steps = 0;
  readonly #captures = new Map<string, string>();
  readonly #input: string;
  readonly #test: CharacterTest;
  readonly #limit: number;

  constructor(input: string, test: CharacterTest, limit: number) {
    this.#input = input;
    this.#test = test;
    this.#limit = limit;
  }

  run(alternatives: readonly Alternative[], at: number): boolean {
    this.#captures.clear();
    return this.#any(alternatives, at, () => true);
  }

  #any(alternatives: readonly Alternative[], at: number, next: Next): boolean {
    return alternatives.some((one) => this.#sequence(one.elements, 0, at, next));
  }

  #sequence(elements: readonly Element[], index: number, at: number, next: Next): boolean {
    const element = elements[index];
    if (element === undefined) return next(at);
    return this.#one(element, at, (end) => this.#sequence(elements, index + 1, end, next));
  }

  #one(element: Element, at: number, next: Next): boolean {
    this.steps += 1;
    if (this.steps >= this.#limit) throw new Exhausted();
    switch (element.type) {
      case 'Quantifier':
        return this.#repeat(element, 0, at, next);
      case 'Group':
        return this.#any(element.alternatives, at, next);
      case 'CapturingGroup':
        return this.#any(element.alternatives, at, (end) => {
          const text = this.#input.slice(at, end);
          this.#captures.set(element.name ?? '', text);
          for (const reference of element.references) this.#captures.set(String(reference.ref), text);
          return next(end);
        });
      case 'Backreference': {
        const text = this.#captures.get(String(element.ref)) ?? '';
        return this.#input.startsWith(text, at) && next(at + text.length);
      }
      case 'Assertion':
        return this.#holds(element, at) && next(at);
      default: {
        const character = this.#input[at];
        return character !== undefined && this.#test(element, character) && next(at + 1);
      }
    }
  }

  #repeat(element: Extract<Element, { type: 'Quantifier' }>, count: number, at: number, next: Next): boolean {
    const again = (): boolean =>
      count < element.max &&
      this.#one(
        element.element,
        at,
        (end) => (end > at || count < element.min) && this.#repeat(element, count + 1, end, next),
      );
    const leave = (): boolean => count >= element.min && next(at);
    return element.greedy ? again() || leave() : leave() || again();
  }

  #holds(element: Extract<Element, { type: 'Assertion' }>, at: number): boolean {
    if (element.kind === 'start') return at === 0;
    if (element.kind === 'end') return at === this.#input.length;
    if (element.kind === 'word') {
      const word = (index: number) => /^\w$/.test(this.#input[index] ?? '');
      return (word(at - 1) !== word(at)) !== element.negate;
    }
    if (element.kind !== 'lookahead') return true;
    return this.#any(element.alternatives, at, () => true) !== element.negate;
  }
}
