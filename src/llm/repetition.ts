/** Small local models fall into loops and only end at the token limit. This sees the loop while it is written. */

const windowChars = 4_096;
const checkEveryChars = 256;

interface Loop {
  /** Longest repeated stretch at the end, in characters, and the length of its unit. */
  readonly length: number;
  readonly unit: number;
}

/**
 * The longest suffix that repeats one unit, by the prefix function (Knuth, Morris, Pratt) of the reversed text;
 * `accept` says which length and unit count as a loop.
 */
function loopAtEnd(text: string, accept: (loop: Loop) => boolean): Loop | null {
  const n = text.length;
  const at = (index: number): number => text.charCodeAt(n - 1 - index);
  const border = new Int32Array(n);
  let best: Loop | null = null;
  let matched = 0;
  for (let index = 1; index < n; index += 1) {
    while (matched > 0 && at(index) !== at(matched)) matched = border[matched - 1] ?? 0;
    if (at(index) === at(matched)) matched += 1;
    border[index] = matched;
    const loop = { length: index + 1, unit: index + 1 - matched };
    if (accept(loop)) best = loop;
  }
  return best;
}

/** Rulers, blank columns and tables of equal cells are shorter than this; loops go on for ever. */
const isLoop = ({ length, unit }: Loop): boolean => {
  if (unit <= 3) return length >= 1_200;
  if (unit <= 100) return length >= 800 && length >= unit * 10;
  return unit <= 650 && length >= unit * 6;
};

/** Counting loops ("Step 1: …", "Step 2: …") only differ in digits; people do ask for lists, so much more is needed. */
const isCountingLoop = ({ length, unit }: Loop): boolean =>
  unit >= 8 && unit <= 200 && length >= windowChars - 400 && length >= unit * 25;

/** Watches one channel of an answer. */
export class RepetitionWatch {
  #tail = '';
  #unseen = 0;

  /** Takes the next piece; true when the text so far ends in a loop. Costs about 20 µs per 256 characters. */
  feed(piece: string): boolean {
    this.#tail = (this.#tail + piece).slice(-windowChars);
    this.#unseen += piece.length;
    if (this.#unseen < checkEveryChars || this.#tail.length < 600) return false;
    this.#unseen = 0;
    if (loopAtEnd(this.#tail, isLoop) !== null) return true;
    // Runs of digits become one sign, so "9" and "10" are alike.
    const counted = this.#tail.replace(/\d+/g, '#');
    if (!counted.includes('#') || this.#tail.length < windowChars) return false;
    const loop = loopAtEnd(counted, (one) =>
      isCountingLoop({ ...one, length: one.length + this.#tail.length - counted.length }),
    );
    return loop !== null && /\p{L}{4,}/u.test(counted.slice(-loop.unit));
  }
}
