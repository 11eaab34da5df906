/**
 * Equivalence: the words shared by target finding, input building, the harness beside untrusted code, and the
 * comparison. Everything that crosses into the sandbox (`Recipe`, `Case`) is plain JSON. Pure contract.
 */

/** What values a parameter takes; from the TypeScript checker, from recorded calls, or guessed from use. */
export type Shape =
  | {
      readonly kind:
        | 'any'
        | 'undefined'
        | 'null'
        | 'boolean'
        | 'number'
        | 'string'
        | 'bigint'
        | 'symbol'
        | 'date'
        | 'regexp'
        | 'error'
        | 'never';
    }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'union'; readonly of: readonly Shape[] }
  | { readonly kind: 'array' | 'set' | 'iterable' | 'promise'; readonly of: Shape }
  | { readonly kind: 'tuple'; readonly items: readonly Shape[]; readonly rest: Shape | null }
  | { readonly kind: 'map'; readonly key: Shape; readonly value: Shape }
  | { readonly kind: 'object'; readonly properties: readonly Property[]; readonly index: Shape | null }
  | { readonly kind: 'bytes'; readonly type: string }
  | { readonly kind: 'function'; readonly parameters: number; readonly returns: Shape }
  /** `name` is the key of a class registered in the bundle, "<file>#<name>". */
  | { readonly kind: 'instance'; readonly name: string; readonly parameters: readonly Shape[] }
  /** A recursive type: index into the table beside the shapes. */
  | { readonly kind: 'ref'; readonly id: number }
  /** A type we cannot build values of; `why` is for people. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface Property {
  readonly name: string;
  readonly shape: Shape;
  readonly optional: boolean;
}

/** One parameter of a callable. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: Shape;
  readonly optional: boolean;
  readonly rest: boolean;
}

/** Where the shapes came from; `checker` means that the inputs are inside declared types. */
export type ShapeOrigin = 'checker' | 'recorded' | 'usage';

export interface Signature {
  readonly parameters: readonly ParameterShape[];
  readonly origin: ShapeOrigin;
}

/** How a callable is found in a loaded module. */
export interface Access {
  /** Top-level binding (`binding`), or an export of the module (`export`; name '' = module.exports itself). */
  readonly from: 'binding' | 'export';
  readonly name: string;
  /** Further property names from there, e.g. ['prototype', 'add']. */
  readonly path: readonly string[];
}

export type TargetKind = 'function' | 'method' | 'getter' | 'setter' | 'constructor';

/** One callable thing that reaches changed code, callable on both sides. */
export interface Target {
  /** "src/a.ts#Cart.add": stable, for people and as key. */
  readonly id: string;
  readonly file: string;
  readonly kind: TargetKind;
  /** Of the function, or of the class for methods of instances. */
  readonly access: Access;
  /** Method or accessor name for `method`, `getter`, `setter`. */
  readonly member: string | null;
  readonly signature: Signature;
  /** Constructor's parameters when instances must be built; null for plain functions and statics. */
  readonly construct: Signature | null;
  /** Other public members of the same instance, usable in sequences. */
  readonly siblings: readonly Sibling[];
  /** Names of private fields, not part of what callers can observe. */
  readonly hidden: readonly string[];
  /** Parsed from TypeScript with declared parameter types. */
  readonly typed: boolean;
}

export interface Sibling {
  readonly kind: 'method' | 'getter' | 'setter';
  readonly member: string;
  readonly signature: Signature;
}

/** A function of the patch that nothing callable reaches. */
export interface Unreached {
  readonly file: string;
  readonly name: string;
  readonly why: string;
}

/**
 * A value as plain JSON. Ordinary primitives (string, finite number but −0, boolean, null) stand for themselves.
 * The keys are short because thousands of recipes cross the sandbox's door:
 * u undefined · n special number · big · sym · a array · o object · m Map · s Set · d Date · re RegExp · er Error ·
 * buf bytes · cb recording callback · new instance · pr promise · it iterator · let/same shared value · rep long array ·
 * str long string · hole.
 */
export type Recipe = string | number | boolean | null | RecipeNode;

export type RecipeNode =
  | { readonly k: 'u' | 'hole' }
  | { readonly k: 'n'; readonly v: 'NaN' | '-0' | 'Infinity' | '-Infinity' }
  | { readonly k: 'big' | 'sym'; readonly v: string }
  | { readonly k: 'a' | 's' | 'it'; readonly i: readonly Recipe[]; readonly f?: boolean }
  /**
   * Array, Set or iterator of `n` elements that cycles through `of`; distinct: element i is made different by i, or
   * by i modulo `period`.
   */
  | {
      readonly k: 'rep';
      readonly n: number;
      readonly of: readonly Recipe[];
      readonly distinct: boolean;
      readonly period?: number;
      readonly as?: 's' | 'it';
    }
  /** Map of `n` entries made the same way. */
  | { readonly k: 'mrep'; readonly n: number; readonly key: Recipe; readonly value: Recipe }
  /** Object of `n` string keys made the same way. */
  | { readonly k: 'orep'; readonly n: number; readonly value: Recipe }
  | { readonly k: 'str'; readonly n: number; readonly of: string }
  | {
      readonly k: 'o';
      readonly p: readonly (readonly [string, Recipe])[];
      readonly f?: boolean;
      /** 'null' = no prototype; else key of a registered class whose prototype is set without construction. */
      readonly c?: string;
    }
  | { readonly k: 'm'; readonly e: readonly (readonly [Recipe, Recipe])[] }
  | { readonly k: 'd'; readonly v: number | null }
  | { readonly k: 're'; readonly s: string; readonly f: string }
  | { readonly k: 'er'; readonly n: string; readonly m: string }
  | { readonly k: 'buf'; readonly t: string; readonly i: readonly number[] }
  | {
      readonly k: 'cb';
      /** What it answers: by hash of its arguments, its first argument, or a consistent order of two arguments. */
      readonly m: 'hash' | 'first' | 'compare' | 'count';
      readonly r: readonly Recipe[];
      /** Throws at this call, counted from 1; 0 = never. */
      readonly t: number;
    }
  | { readonly k: 'new'; readonly c: string; readonly i: readonly Recipe[] }
  | { readonly k: 'pr'; readonly v: Recipe; readonly reject?: boolean }
  | { readonly k: 'let'; readonly n: number; readonly v: Recipe }
  | { readonly k: 'same'; readonly n: number }
  /** The shared value after a change from outside: what a cache by identity gets wrong. */
  | { readonly k: 'mut'; readonly n: number; readonly op: 'push' | 'pop' | 'reverse' };

/** One call within a case. */
export interface Step {
  /** Index into the targets of the plan. */
  readonly t: number;
  /** A sibling member to use instead of the target's own, with its kind. */
  readonly m?: readonly ['method' | 'getter' | 'setter', string];
  readonly a: readonly Recipe[];
}

export type CaseOrigin = 'recorded' | 'generated' | 'sizes' | 'sequences';

/** One comparison: values are built once, the steps run in order, everything observable is written down. */
export interface Case {
  readonly o: CaseOrigin;
  /** Receiver: an instance recipe for methods; a value for `this` of functions; absent = undefined. */
  readonly self?: Recipe;
  readonly s: readonly Step[];
  /** Evaluates the module anew before the case, so that module state starts fresh. */
  readonly fresh?: boolean;
  /** How many items a returned iterator is asked for; absent = all (bounded). */
  readonly take?: number;
  /** Cases of one ladder grow; the rest is left out when one takes too long. */
  readonly ladder?: string;
}

/** What one side did in one case. */
export interface Outcome {
  readonly kind: 'ok' | 'hang' | 'crash' | 'skipped' | 'unbuildable';
  /** Canonical text, or its hash with a leading '#' when long. */
  readonly text: string;
  /** Some step threw an engine TypeError such as "x is not a function": input outside of what the code expects. */
  readonly nonsense: boolean;
  /** Stack overflow or memory exhaustion inside the call. */
  readonly exhausted: boolean;
  /** What the case asked of the controlled world. */
  readonly asked: 'nothing' | 'time' | 'random';
}
