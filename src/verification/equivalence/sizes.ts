/** Long inputs: ladders of growing arrays, strings, maps and numbers, through the sizes where code changes its mind. */
import type { ParameterShape, Recipe, Shape } from './types.js';

/** Sizes at which real code switches its way of working, and their neighbours. */
export const ladderSizes = [
  0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 15, 16, 17, 31, 32, 33, 50, 63, 64, 65, 100, 127, 128, 129, 200, 255, 256,
  257, 500, 512, 513, 1_000, 1_024, 1_025, 2_048, 4_096, 4_097, 10_000, 32_768, 65_535, 65_536, 65_537,
] as const;

/** `twice`: distinct values, and then the same ones again, far from where they stood first. */
type Style = 'same' | 'distinct' | 'cycle' | 'twice';

/** The sizes of one ladder: the usual ones plus the constants of the changed code and their neighbours. */
export function sizesWith(constants: readonly number[]): number[] {
  const aimed = constants
    .filter((n) => Number.isInteger(n) && n > 0 && n <= 200_000)
    .flatMap((n) => [n - 1, n, n + 1]);
  return [...new Set([...ladderSizes, ...aimed])].sort((a, b) => a - b);
}

/** A small fixed recipe of a shape: the element that a long collection repeats. */
export function exampleOf(shape: Shape, table: readonly Shape[], variant: number, depth = 0): Recipe {
  if (depth > 6) return { k: 'u' };
  const inner = (next: Shape): Recipe => exampleOf(next, table, variant, depth + 1);
  switch (shape.kind) {
    case 'number':
      return variant;
    case 'any':
      return variant;
    case 'string':
      return ['a', 'b', 'c'][variant % 3] ?? 'a';
    case 'boolean':
      return variant % 2 === 0;
    case 'null':
      return null;
    case 'bigint':
      return { k: 'big', v: String(variant) };
    case 'symbol':
      return { k: 'sym', v: String(variant) };
    case 'date':
      return { k: 'd', v: variant };
    case 'regexp':
      return { k: 're', s: 'a', f: '' };
    case 'error':
      return { k: 'er', n: 'Error', m: 'boom' };
    case 'literal':
      return shape.value;
    case 'union': {
      const usable = shape.of.filter((member) => member.kind !== 'undefined' && member.kind !== 'null');
      const chosen = usable[variant % Math.max(1, usable.length)] ?? shape.of[0];
      return chosen === undefined ? { k: 'u' } : inner(chosen);
    }
    case 'array':
    case 'iterable':
      return { k: 'a', i: depth > 3 ? [] : [inner(shape.of)] };
    case 'set':
      return { k: 's', i: [inner(shape.of)] };
    case 'promise':
      return { k: 'pr', v: inner(shape.of) };
    case 'tuple':
      return { k: 'a', i: shape.items.map(inner) };
    case 'map':
      return { k: 'm', e: [[inner(shape.key), inner(shape.value)]] };
    case 'object':
      return {
        k: 'o',
        p: shape.properties.filter((p) => !p.optional || depth < 2).map((p) => [p.name, inner(p.shape)]),
      };
    case 'bytes':
      return { k: 'buf', t: shape.type, i: [variant] };
    case 'function':
      return callbackExample(shape.parameters, shape.returns, inner);
    case 'instance':
      return { k: 'new', c: shape.name, i: shape.parameters.map(inner) };
    case 'ref': {
      const found = table[shape.id];
      return found === undefined ? { k: 'u' } : inner(found);
    }
    default:
      return { k: 'u' };
  }
}

function callbackExample(parameters: number, returns: Shape, inner: (shape: Shape) => Recipe): Recipe {
  const m =
    returns.kind === 'number' && parameters === 2 ? 'compare' : returns.kind === 'any' ? 'first' : 'hash';
  return { k: 'cb', m, r: [inner(returns)], t: 0 };
}

/** The shape at this size, or null when it has no size. */
export function sizedRecipe(
  shape: Shape,
  size: number,
  style: Style,
  table: readonly Shape[],
  depth = 0,
): Recipe | null {
  if (depth > 4) return null;
  const example = (of: Shape, variant: number): Recipe => exampleOf(of, table, variant);
  const of = (element: Shape): Recipe[] =>
    style === 'cycle'
      ? [example(element, 0), example(element, 1), example(element, 2)]
      : [example(element, 0)];
  const distinct = style === 'distinct' || style === 'twice';
  const period = style === 'twice' ? { period: Math.max(1, Math.ceil(size / 2)) } : {};
  switch (shape.kind) {
    case 'string':
      return {
        k: 'str',
        n: size,
        of: style === 'same' ? 'a' : style === 'cycle' ? 'ab ' : 'abcdefghij klmno,pqrst.uvw-xyz\n',
      };
    case 'array':
      return { k: 'rep', n: size, of: of(shape.of), distinct, ...period };
    case 'set':
      return { k: 'rep', n: size, of: of(shape.of), distinct: true, as: 's' };
    case 'iterable':
      return { k: 'rep', n: size, of: of(shape.of), distinct, ...period, as: 'it' };
    case 'map':
      return { k: 'mrep', n: size, key: example(shape.key, 0), value: example(shape.value, 0) };
    case 'object':
      return sizedObject(shape.properties, shape.index, size, style, table, depth);
    case 'union': {
      for (const member of shape.of) {
        const sized = sizedRecipe(member, size, style, table, depth + 1);
        if (sized !== null) return sized;
      }
      return null;
    }
    case 'any':
      return { k: 'rep', n: size, of: [1], distinct, ...period };
    case 'ref': {
      const found = table[shape.id];
      return found === undefined ? null : sizedRecipe(found, size, style, table, depth + 1);
    }
    default:
      return null;
  }
}

function sizedObject(
  properties: readonly { readonly name: string; readonly shape: Shape; readonly optional: boolean }[],
  index: Shape | null,
  size: number,
  style: Style,
  table: readonly Shape[],
  depth: number,
): Recipe | null {
  if (index !== null && properties.length === 0)
    return { k: 'orep', n: size, value: exampleOf(index, table, 0) };
  let grown = false;
  const p = properties.map(({ name, shape }): readonly [string, Recipe] => {
    const sized = sizedRecipe(shape, size, style, table, depth + 1);
    if (sized !== null) grown = true;
    return [name, sized ?? exampleOf(shape, table, 0)];
  });
  return grown ? { k: 'o', p } : null;
}

/** Argument lists at one size, one per style; [] when no parameter has a size. Bare numbers take the size itself. */
export function sizedArguments(
  parameters: readonly ParameterShape[],
  size: number,
  table: readonly Shape[],
): Recipe[][] {
  const styles: readonly Style[] = ['distinct', 'same', 'cycle', 'twice'];
  return styles.flatMap((style) => {
    let grown = false;
    const args = parameters.flatMap((parameter): Recipe[] => {
      const sized = sizedRecipe(parameter.shape, size, style, table);
      if (sized !== null) grown = true;
      const value =
        sized ?? (parameter.shape.kind === 'number' ? size : exampleOf(parameter.shape, table, 0));
      if (parameter.shape.kind === 'number') grown = true;
      if (!parameter.rest) return [value];
      const element = parameter.shape.kind === 'array' ? parameter.shape.of : parameter.shape;
      return [exampleOf(element, table, 0), exampleOf(element, table, 1)];
    });
    return grown ? [args] : [];
  });
}
