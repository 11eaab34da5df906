/** Recorded argument values → shapes: what untyped parameters really are. */
import type { ParameterShape, Property, Recipe, RecipeNode, Shape, Signature } from './types.js';

const depthMax = 6;
const fieldsMax = 40;

function kindOf(recipe: Recipe): string {
  if (recipe === null) return 'null';
  if (typeof recipe !== 'object') return typeof recipe;
  return recipe.k === 'n' ? 'number' : recipe.k;
}

/** One shape that covers all samples; `any` without samples. */
export function shapeOfSamples(samples: readonly Recipe[], depth = 0): Shape {
  if (samples.length === 0 || depth > depthMax) return { kind: 'any' };
  const byKind = new Map<string, Recipe[]>();
  for (const sample of samples) {
    const open = typeof sample === 'object' && sample !== null && sample.k === 'let' ? sample.v : sample;
    const kind = kindOf(open);
    if (kind === 'same') continue;
    byKind.set(kind, [...(byKind.get(kind) ?? []), open]);
  }
  const shapes = [...byKind].map(([kind, some]) => shapeOfKind(kind, some, depth));
  if (shapes.length === 1) return shapes[0] ?? { kind: 'any' };
  return shapes.length === 0 ? { kind: 'any' } : { kind: 'union', of: shapes };
}

function nodes<K extends RecipeNode['k']>(samples: readonly Recipe[], k: K): Extract<RecipeNode, { k: K }>[] {
  return samples.filter(
    (sample): sample is Extract<RecipeNode, { k: K }> =>
      sample !== null && typeof sample === 'object' && sample.k === k,
  );
}

function itemsOf(samples: readonly Recipe[]): Recipe[] {
  return samples.flatMap((sample) => {
    if (sample === null || typeof sample !== 'object') return [];
    return sample.k === 'a' || sample.k === 's' ? sample.i : [];
  });
}

const flat: Readonly<Record<string, Shape>> = {
  number: { kind: 'number' },
  string: { kind: 'string' },
  boolean: { kind: 'boolean' },
  null: { kind: 'null' },
  u: { kind: 'undefined' },
  big: { kind: 'bigint' },
  sym: { kind: 'symbol' },
  d: { kind: 'date' },
  re: { kind: 'regexp' },
  er: { kind: 'error' },
};

function shapeOfKind(kind: string, samples: readonly Recipe[], depth: number): Shape {
  const known = flat[kind];
  if (known !== undefined) return known;
  const under = (values: readonly Recipe[]): Shape => shapeOfSamples(values, depth + 1);
  if (kind === 'a') {
    const elements = itemsOf(samples);
    const of = under(elements.filter((item) => kindOf(item) !== 'hole'));
    // Where the suite has holes, generated arrays may have them too: they read as undefined.
    const sparse = elements.some((item) => kindOf(item) === 'hole');
    return { kind: 'array', of: sparse ? { kind: 'union', of: [of, { kind: 'undefined' }] } : of };
  }
  if (kind === 's') return { kind: 'set', of: under(itemsOf(samples)) };
  if (kind === 'm') {
    const entries = nodes(samples, 'm').flatMap((node) => node.e);
    return {
      kind: 'map',
      key: under(entries.map(([key]) => key)),
      value: under(entries.map(([, value]) => value)),
    };
  }
  if (kind === 'buf') return { kind: 'bytes', type: nodes(samples, 'buf')[0]?.t ?? 'Uint8Array' };
  if (kind === 'cb') {
    const compares = nodes(samples, 'cb').some((node) => node.m === 'compare');
    return { kind: 'function', parameters: compares ? 2 : 1, returns: { kind: 'any' } };
  }
  return kind === 'o' ? shapeOfObjects(nodes(samples, 'o'), depth) : { kind: 'any' };
}

function shapeOfObjects(samples: readonly Extract<RecipeNode, { k: 'o' }>[], depth: number): Shape {
  const ofClass = samples.find((sample) => sample.c !== undefined && sample.c !== 'null');
  if (ofClass !== undefined)
    return { kind: 'unknown', why: `instances of ${ofClass.c ?? ''} come from the suite only` };
  const values = new Map<string, Recipe[]>();
  for (const { p } of samples)
    for (const [name, value] of p) values.set(name, [...(values.get(name) ?? []), value]);
  const looksLikeMap = values.size > 12 && samples.every(({ p }) => p.length < values.size / 2);
  if (looksLikeMap || values.size > fieldsMax) {
    return { kind: 'object', properties: [], index: shapeOfSamples([...values.values()].flat(), depth + 1) };
  }
  const properties = [...values].map(([name, some]): Property => {
    return { name, shape: shapeOfSamples(some, depth + 1), optional: some.length < samples.length };
  });
  return { kind: 'object', properties, index: null };
}

/** Loose parameters become what the suite passed; a parameter never passed keeps its guess. */
export function refined(signature: Signature, calls: readonly (readonly Recipe[])[]): Signature {
  if (calls.length === 0) return signature;
  const longest = Math.max(...calls.map((call) => call.length));
  const parameters = signature.parameters.map((parameter, i): ParameterShape => {
    const values = parameter.rest
      ? calls.flatMap((call) => call.slice(i))
      : calls.flatMap((call) => (i < call.length ? [call[i] ?? null] : []));
    if (values.length === 0) return { ...parameter, optional: true };
    const shape = shapeOfSamples(values);
    const optional = parameter.optional || calls.some((call) => call.length <= i);
    return { ...parameter, shape: parameter.rest ? { kind: 'array', of: shape } : shape, optional };
  });
  // Arguments that the function reads through `arguments`.
  for (let i = parameters.length; i < longest && !parameters.some((p) => p.rest); i++) {
    const values = calls.flatMap((call) => (i < call.length ? [call[i] ?? null] : []));
    parameters.push({ name: `argument${i}`, shape: shapeOfSamples(values), optional: true, rest: false });
  }
  return { parameters, origin: 'recorded' };
}
