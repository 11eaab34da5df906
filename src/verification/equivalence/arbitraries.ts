/** Shape → fast-check arbitrary of recipes: hostile values where the type allows them, shrinking inside the type. */
import fc from 'fast-check';
import type { Aims, Arb } from './primitive-arbitraries.js';
import {
  fewStrings,
  leaf,
  numberArb,
  numberRecipe,
  stringArb,
  undefinedRecipe,
} from './primitive-arbitraries.js';
import type { ParameterShape, Property, Recipe, Shape } from './types.js';

export interface BuildOptions {
  readonly aims: Aims;
  /** Target of `ref` shapes. */
  readonly table: readonly Shape[];
}

/** One builder per trial: remembers the arbitraries of recursive shapes. */
export class ArbitraryBuilder {
  private readonly refs = new Map<string, Arb>();
  private readonly number: Arb;
  private readonly string: Arb;

  constructor(private readonly options: BuildOptions) {
    this.number = numberArb(options.aims);
    this.string = stringArb(options.aims);
  }

  /** Arguments of one call. */
  parameters(parameters: readonly ParameterShape[]): fc.Arbitrary<Recipe[]> {
    const fixed = parameters.filter((parameter) => !parameter.rest);
    const rest = parameters.find((parameter) => parameter.rest);
    const arbs = fixed.map((parameter) => this.parameter(parameter));
    const many = rest === undefined ? fc.constant<Recipe[]>([]) : this.restArb(rest.shape);
    return fc.tuple(fc.tuple(...arbs), many).map(([first, more]) => trimmed([...first, ...more], fixed));
  }

  private parameter(parameter: ParameterShape): Arb {
    const arb = this.of(parameter.shape, 3);
    if (!parameter.optional) return arb;
    return fc.oneof({ arbitrary: arb, weight: 3 }, { arbitrary: fc.constant(undefinedRecipe), weight: 1 });
  }

  private restArb(shape: Shape): fc.Arbitrary<Recipe[]> {
    const element = shape.kind === 'array' ? shape.of : ({ kind: 'any' } as const);
    return fc.array(this.of(element, 2), { maxLength: 5 });
  }

  /** `depth` bounds how far nested and recursive values go. */
  of(shape: Shape, depth: number): Arb {
    switch (shape.kind) {
      case 'number':
        return this.number;
      case 'string':
        return this.string;
      case 'any':
        return this.anything(depth);
      case 'literal':
        return fc.constant<Recipe>(typeof shape.value === 'number' ? numberRecipe(shape.value) : shape.value);
      case 'union':
        return this.union(shape.of, depth);
      case 'array':
        return this.array(shape.of, depth);
      case 'set':
        return fc.array(this.of(shape.of, depth - 1), { maxLength: 6 }).map((i): Recipe => ({ k: 's', i }));
      case 'iterable':
        return fc.oneof(
          fc.array(this.of(shape.of, depth - 1), { maxLength: 6 }).map((i): Recipe => ({ k: 'it', i })),
          this.array(shape.of, depth),
        );
      case 'promise':
        return this.of(shape.of, depth - 1).map((v): Recipe => ({ k: 'pr', v }));
      case 'tuple':
        return this.tuple(shape.items, shape.rest, depth);
      case 'map':
        return fc
          .array(fc.tuple(this.of(shape.key, depth - 1), this.of(shape.value, depth - 1)), { maxLength: 6 })
          .map((e): Recipe => ({ k: 'm', e }));
      case 'object':
        return this.object(shape.properties, shape.index, depth);
      case 'function':
        return this.callback(shape.parameters, shape.returns, depth);
      case 'instance':
        return fc
          .tuple(...shape.parameters.map((parameter) => this.of(parameter, depth - 1)))
          .map((i): Recipe => ({ k: 'new', c: shape.name, i }));
      case 'ref':
        return this.reference(shape.id, depth);
      default:
        return leaf(shape);
    }
  }

  private union(of: readonly Shape[], depth: number): Arb {
    const flat = depth <= 0 ? of.filter((shape) => shape.kind !== 'ref' && shape.kind !== 'object') : of;
    const usable = flat.length > 0 ? flat : of;
    return fc.oneof(...usable.map((shape) => this.of(shape, depth)));
  }

  private array(of: Shape, depth: number): Arb {
    if (depth <= 0) return fc.constant<Recipe>({ k: 'a', i: [] });
    const element = this.of(of, depth - 1);
    const plain = fc.array(element, { maxLength: 8 });
    // Objects that appear twice are the same object: identity matters to includes, Set and ===.
    const shared = fc
      .tuple(element, fc.array(element, { maxLength: 3 }), fc.nat(3))
      .map(([twice, others, at]): Recipe => {
        const items: Recipe[] = [{ k: 'let', n: 1, v: twice }, ...others];
        items.splice(1 + (at % items.length), 0, { k: 'same', n: 1 });
        return { k: 'a', i: items };
      });
    const holes = fc.tuple(plain, fc.nat(8)).map(([i, at]): Recipe => {
      return { k: 'a', i: [...i.slice(0, at), { k: 'hole' }, ...i.slice(at)] };
    });
    return fc.oneof(
      { arbitrary: plain.map((i): Recipe => ({ k: 'a', i })), weight: 12 },
      { arbitrary: shared, weight: 4 },
      { arbitrary: plain.map((i): Recipe => ({ k: 'a', i, f: true })), weight: 1 },
      // A hole reads as undefined: an element type without undefined excludes it.
      { arbitrary: holes, weight: this.admitsUndefined(of) ? 1 : 0 },
    );
  }

  private admitsUndefined(shape: Shape | undefined, depth = 0): boolean {
    if (shape?.kind === 'union') return shape.of.some((one) => this.admitsUndefined(one, depth));
    if (shape?.kind === 'ref' && depth < 4)
      return this.admitsUndefined(this.options.table[shape.id], depth + 1);
    return shape?.kind === 'any' || shape?.kind === 'undefined';
  }

  private tuple(items: readonly Shape[], rest: Shape | null, depth: number): Arb {
    const more =
      rest === null ? fc.constant<Recipe[]>([]) : fc.array(this.of(rest, depth - 1), { maxLength: 4 });
    return fc
      .tuple(fc.tuple(...items.map((item) => this.of(item, depth - 1))), more)
      .map(([first, others]): Recipe => ({ k: 'a', i: [...first, ...others] }));
  }

  private object(properties: readonly Property[], index: Shape | null, depth: number): Arb {
    const kept = depth <= 0 ? properties.filter((property) => !property.optional) : properties;
    const fields = kept.map(({ name, shape, optional }) => {
      const value = this.of(shape, depth - 1);
      const present = value.map((recipe): readonly [string, Recipe] | null => [name, recipe]);
      if (!optional) return present;
      return fc.oneof({ arbitrary: present, weight: 2 }, { arbitrary: fc.constant(null), weight: 1 });
    });
    const extra =
      index === null
        ? fc.constant<(readonly [string, Recipe])[]>([])
        : fc.array(
            fc.tuple(
              fc.oneof(fc.constantFrom(...fewStrings), fc.string({ maxLength: 4 })),
              this.of(index, depth - 1),
            ),
            { maxLength: 5 },
          );
    return fc.tuple(fc.tuple(...fields), extra, fc.nat(19)).map(([own, more, frozen]): Recipe => {
      const p = [...own.filter((pair) => pair !== null), ...more];
      return frozen === 0 ? { k: 'o', p, f: true } : { k: 'o', p };
    });
  }

  private callback(parameters: number, returns: Shape, depth: number): Arb {
    const answers = fc.array(this.of(returns, depth - 1), { minLength: 1, maxLength: 3 });
    const orders = returns.kind === 'number' && parameters === 2;
    const modes = fc.constantFrom(
      ...(orders ? (['compare'] as const) : (['hash', 'hash', 'count'] as const)),
    );
    const throwing = fc.oneof(
      { arbitrary: fc.constant(0), weight: 9 },
      { arbitrary: fc.integer({ min: 1, max: 4 }), weight: 1 },
    );
    return fc.tuple(answers, modes, throwing).map(([r, m, t]): Recipe => ({ k: 'cb', m, r, t }));
  }

  private reference(id: number, depth: number): Arb {
    const shape = this.options.table[id];
    if (shape === undefined || depth < -2) return fc.constant(undefinedRecipe);
    const key = `${id}/${depth}`;
    const known = this.refs.get(key);
    if (known !== undefined) return known;
    const made = this.of(shape, depth - 1);
    this.refs.set(key, made);
    return made;
  }

  private anything(depth: number): Arb {
    const flat: fc.WeightedArbitrary<Recipe>[] = [
      { arbitrary: this.number, weight: 4 },
      { arbitrary: this.string, weight: 4 },
      { arbitrary: fc.constantFrom<Recipe>(true, false, null, undefinedRecipe), weight: 2 },
    ];
    if (depth <= 0) return fc.oneof(...flat);
    const inner = this.anything(depth - 1);
    return fc.oneof(
      ...flat,
      { arbitrary: fc.array(inner, { maxLength: 4 }).map((i): Recipe => ({ k: 'a', i })), weight: 2 },
      {
        arbitrary: fc
          .array(fc.tuple(fc.constantFrom('a', 'b', 'id', 'name', 'length', '__proto__'), inner), {
            maxLength: 3,
          })
          .map((p): Recipe => ({ k: 'o', p })),
        weight: 2,
      },
    );
  }
}

/** Absent trailing optional arguments are left out now and then: `f()` differs from `f(undefined)`. */
function trimmed(args: Recipe[], parameters: readonly ParameterShape[]): Recipe[] {
  let end = args.length;
  while (end > 0 && parameters[end - 1]?.optional === true && args[end - 1] === undefinedRecipe) end--;
  return args.slice(0, end);
}
