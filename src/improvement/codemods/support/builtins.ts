/** Built-ins that run no code of the program when their receiver and arguments are of the proved kinds. */

/** String methods that cannot throw on primitive arguments. */
export const stringMethods: ReadonlySet<string> = new Set(
  (
    'at charAt charCodeAt codePointAt concat endsWith includes indexOf lastIndexOf padEnd padStart slice split ' +
    'startsWith substring substr toLowerCase toUpperCase trim trimEnd trimStart toString valueOf'
  ).split(' '),
);

/** Array methods that read, take no callback and call no element's code. */
export const arrayReaders: ReadonlySet<string> = new Set(
  'includes indexOf lastIndexOf at slice concat keys values entries with toReversed toSpliced'.split(' '),
);

/** Array methods that call their first argument for the elements; the number is the position of the array. */
export const arrayIterators: ReadonlyMap<string, number> = new Map([
  ['map', 2],
  ['filter', 2],
  ['forEach', 2],
  ['some', 2],
  ['every', 2],
  ['find', 2],
  ['findIndex', 2],
  ['findLast', 2],
  ['findLastIndex', 2],
  ['flatMap', 2],
  ['reduce', 3],
  ['reduceRight', 3],
]);

export const arrayMutators: ReadonlySet<string> = new Set(
  'push pop shift unshift splice sort reverse fill copyWithin'.split(' '),
);

export const mapReaders: ReadonlySet<string> = new Set('get has keys values entries'.split(' '));
export const mapMutators: ReadonlySet<string> = new Set('set delete clear add'.split(' '));

/** `Object.x(value)` that only lists or tests; getters may run in `values`, `entries`, `assign`. */
export const objectListers: ReadonlySet<string> = new Set(
  'keys getOwnPropertyNames is hasOwn isFrozen'.split(' '),
);

export const mathFunctions: ReadonlySet<string> = new Set(
  (
    'abs acos acosh asin asinh atan atan2 atanh cbrt ceil clz32 cos cosh exp expm1 floor fround hypot imul log ' +
    'log10 log1p log2 max min pow round sign sin sinh sqrt tan tanh trunc'
  ).split(' '),
);

export const numberTests: ReadonlySet<string> = new Set('isNaN isFinite isInteger isSafeInteger'.split(' '));

/** Global functions that a callback position may name and that ignore the array they are handed. */
export const harmlessCallbacks: ReadonlySet<string> = new Set(
  'String Number Boolean parseFloat parseInt isNaN isFinite encodeURIComponent decodeURIComponent BigInt'.split(
    ' ',
  ),
);
