/** Targets → cases: generated single calls, ladders of sizes, sequences with shared and changed arguments. */
import fc from 'fast-check';
import type { ArbitraryBuilder } from './arbitraries.js';
import { draw, randomFor } from './generate.js';
import { sizedArguments, sizesWith } from './sizes.js';
import type { Case, ParameterShape, Recipe, Shape, Signature, Step, Target } from './types.js';

/** A case and, when it was drawn, what shrinks it. */
export interface PlannedCase {
  readonly one: Case;
  readonly drawn: { readonly arbitrary: fc.Arbitrary<Case>; readonly value: fc.Value<Case> } | null;
}

export interface CaseCounts {
  /** Per target. */
  readonly generated: number;
  readonly sequences: number;
}

/** Can every parameter be built? The name of the first that cannot, with the reason; null when all can. */
export function unbuildable(signature: Signature | null): string | null {
  if (signature === null) return 'its class cannot be constructed';
  const bad = signature.parameters.find(({ shape, optional }) => !optional && isUnknown(shape));
  if (bad === undefined) return null;
  return `${bad.name}: ${bad.shape.kind === 'unknown' ? bad.shape.why : 'no value of its type can be built'}`;
}

function isUnknown(shape: Shape): boolean {
  if (shape.kind === 'unknown' || shape.kind === 'never') return true;
  if (shape.kind === 'instance') return shape.parameters.some(isUnknown);
  return false;
}

/** Key under which the harness knows a target's class. */
export function classKeyOf(target: Target): string {
  return `${target.file}#${[target.access.name, ...target.access.path].join('.')}`;
}

const oneStyleFrom = 5_000;

export class CaseMaker {
  constructor(
    private readonly targets: readonly Target[],
    private readonly builder: ArbitraryBuilder,
    private readonly table: readonly Shape[],
    private readonly constants: readonly number[],
    private readonly seed: number,
  ) {}

  /** Why no input can be generated for a target, or null. */
  obstacle(target: Target): string | null {
    const own = unbuildable(target.signature);
    if (own !== null) return own;
    return this.needsSelf(target) ? unbuildable(target.construct) : null;
  }

  private needsSelf(target: Target): boolean {
    return target.kind !== 'function' && target.kind !== 'constructor';
  }

  private args(parameters: readonly ParameterShape[]): fc.Arbitrary<Recipe[]> {
    return this.builder.parameters(parameters);
  }

  private self(target: Target): fc.Arbitrary<Recipe | undefined> {
    if (!this.needsSelf(target) || target.construct === null) return fc.constant(undefined);
    return this.args(target.construct.parameters).map((i): Recipe => ({
      k: 'new',
      c: classKeyOf(target),
      i,
    }));
  }

  private single(t: number, target: Target): fc.Arbitrary<Case> {
    const take = fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 5 },
      { arbitrary: fc.nat(2), weight: 1 },
    );
    return fc
      .tuple(this.self(target), this.args(target.signature.parameters), take)
      .map(([self, a, first]): Case => {
        return {
          o: 'generated',
          ...(self === undefined ? {} : { self }),
          s: [{ t, a }],
          ...(first === undefined ? {} : { take: first }),
        };
      });
  }

  /** Calls of the target and of other public members on one instance. */
  private memberSequence(t: number, target: Target): fc.Arbitrary<Case> {
    const own = this.args(target.signature.parameters).map((a): Step => ({ t, a }));
    const others = target.siblings
      .filter((sibling) => unbuildable(sibling.signature) === null)
      .map((sibling) =>
        this.args(sibling.signature.parameters).map((a): Step => ({
          t,
          m: [sibling.kind, sibling.member],
          a,
        })),
      );
    const step = fc.oneof(
      { arbitrary: own, weight: Math.max(1, others.length) },
      ...others.map((arbitrary) => ({ arbitrary, weight: 1 })),
    );
    return fc
      .tuple(this.self(target), fc.array(step, { minLength: 2, maxLength: 10 }))
      .map(([self, s]): Case => {
        return { o: 'sequences', ...(self === undefined ? {} : { self }), s };
      });
  }

  /** The same arguments again, changed arguments, and other arguments, in fresh module state. */
  private callSequence(t: number, target: Target): fc.Arbitrary<Case> {
    const args = this.args(target.signature.parameters);
    const shared = args.map((list) =>
      list.map((v, n): Recipe => (isObject(v) ? { k: 'let', n: 100 + n, v } : v)),
    );
    const ops = fc.constantFrom('push', 'pop', 'reverse');
    return fc.tuple(shared, args, ops, fc.nat(3)).map(([first, other, op, order]): Case => {
      const again = first.map((v): Recipe => (isShared(v) ? { k: 'same', n: v.n } : v));
      const changed = first.map((v): Recipe => (isShared(v) ? { k: 'mut', n: v.n, op } : v));
      const a = { t, a: again };
      const b = { t, a: other };
      const c = { t, a: changed };
      const rest = [
        [a, b, a],
        [b, a, b],
        [c, a],
        [a, c, b, a],
      ][order] ?? [a];
      return { o: 'sequences', s: [{ t, a: first }, ...rest], fresh: true };
    });
  }

  /** All cases of one target, drawn with the trial's seed. */
  make(t: number, counts: CaseCounts): PlannedCase[] {
    const target = this.targets[t];
    if (target === undefined || this.obstacle(target) !== null) return [];
    const single = this.single(t, target);
    const sequence = this.needsSelf(target) ? this.memberSequence(t, target) : this.callSequence(t, target);
    const planned = (arbitrary: fc.Arbitrary<Case>, purpose: string, count: number): PlannedCase[] =>
      draw(arbitrary, randomFor(this.seed, `${target.id}/${purpose}`), count).map((value) => ({
        one: value.value,
        drawn: { arbitrary, value },
      }));
    return [
      ...planned(single, 'single', counts.generated),
      ...this.ladder(t, target),
      ...planned(sequence, 'sequences', counts.sequences),
    ];
  }

  private ladder(t: number, target: Target): PlannedCase[] {
    const self = this.needsSelf(target) ? this.self(target) : null;
    const instance =
      self === null ? undefined : draw(self, randomFor(this.seed, `${target.id}/self`), 1)[0]?.value;
    return sizesWith(this.constants).flatMap((size) =>
      // The longest values cost most of the time: one style of them is enough.
      sizedArguments(target.signature.parameters, size, this.table)
        .slice(0, size > oneStyleFrom ? 1 : 4)
        .map((a, style): PlannedCase => ({
          one: {
            o: 'sizes',
            ...(instance === undefined ? {} : { self: instance }),
            s: [{ t, a }],
            ladder: `${t}/${style}`,
          },
          drawn: null,
        })),
    );
  }
}

function isObject(recipe: Recipe): boolean {
  return recipe !== null && typeof recipe === 'object' && /^(a|o|m|s)$/.test(recipe.k);
}

function isShared(recipe: Recipe): recipe is Extract<Recipe, { k: 'let' }> {
  return recipe !== null && typeof recipe === 'object' && recipe.k === 'let';
}
