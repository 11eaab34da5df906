/** Deterministic drawing from arbitraries, with the context that shrinking needs. */
import fc from 'fast-check';

/** xorshift128+ in the shape that fast-check expects. */
class Generator {
  private constructor(private readonly state: Int32Array) {}

  static seeded(seed: number): Generator {
    const state = new Int32Array([seed | 0, seed ^ 0x9e3779b9, 0x243f6a88, 0x85a308d3]);
    const generator = new Generator(state);
    for (let i = 0; i < 20; i++) generator.next();
    return generator;
  }

  clone(): Generator {
    return new Generator(this.state.slice());
  }

  /** Uniform in the signed 32-bit range. */
  next(): number {
    const s = this.state;
    let t = s[3] ?? 0;
    const first = s[0] ?? 0;
    s[3] = s[2] ?? 0;
    s[2] = s[1] ?? 0;
    s[1] = first;
    t ^= t << 11;
    t ^= t >>> 8;
    s[0] = t ^ first ^ (first >>> 19);
    return s[0] ?? 0;
  }

  getState(): readonly number[] {
    return [...this.state];
  }
}

/** A random source for one purpose; different purposes never share numbers. */
export function randomFor(seed: number, purpose: string): fc.Random {
  let mixed = seed | 0;
  for (let i = 0; i < purpose.length; i++) mixed = Math.imul(mixed ^ purpose.charCodeAt(i), 0x01000193);
  return new fc.Random(Generator.seeded(mixed));
}

/** Draws `count` values; the i-th is the same whatever `count` is. Small and edge values come first. */
export function draw<T>(arbitrary: fc.Arbitrary<T>, random: fc.Random, count: number): fc.Value<T>[] {
  const out: fc.Value<T>[] = [];
  for (let i = 0; i < count; i++) {
    const bias = 2 + Math.floor(Math.log10(i + 1));
    out.push(arbitrary.generate(random, bias));
  }
  return out;
}
