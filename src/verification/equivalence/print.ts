/** Recipes and cases as code that a person can paste: the smallest counterexample is shown this way. */
import type { Case, Recipe, RecipeNode, Target } from './types.js';

const widthMax = 1_500;

/** A recipe as a JavaScript expression. */
export function printRecipe(recipe: Recipe): string {
  if (recipe === null || typeof recipe !== 'object') return JSON.stringify(recipe);
  return printers(recipe);
}

function list(items: readonly Recipe[]): string {
  return items.map(printRecipe).join(', ');
}

function key(name: string): string {
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function printers(r: RecipeNode): string {
  switch (r.k) {
    case 'u':
      return 'undefined';
    case 'hole':
      return '';
    case 'n':
      return r.v;
    case 'big':
      return `${r.v}n`;
    case 'sym':
      return `Symbol.for(${JSON.stringify(r.v)})`;
    case 'a':
      return frozen(`[${list(r.i)}${isHole(r.i.at(-1)) ? ',' : ''}]`, r.f);
    case 's':
      return `new Set([${list(r.i)}])`;
    case 'it':
      return `[${list(r.i)}].values()`;
    case 'rep':
      return printLong(r);
    case 'mrep':
      return `new Map(Array.from({ length: ${r.n} }, (_, i) => [${varied(r.key)}, ${varied(r.value)}]))`;
    case 'orep':
      return `Object.fromEntries(Array.from({ length: ${r.n} }, (_, i) => [\`k\${i}\`, ${varied(r.value)}]))`;
    case 'str':
      return r.n <= 40
        ? JSON.stringify(r.of.repeat(Math.ceil(r.n / r.of.length)).slice(0, r.n))
        : `${JSON.stringify(r.of)}.repeat(${Math.ceil(r.n / r.of.length)}).slice(0, ${r.n})`;
    case 'o':
      return frozen(printObject(r), r.f);
    case 'm':
      return `new Map([${r.e.map(([a, b]) => `[${printRecipe(a)}, ${printRecipe(b)}]`).join(', ')}])`;
    case 'd':
      return `new Date(${r.v === null ? 'NaN' : r.v})`;
    case 're':
      return `new RegExp(${JSON.stringify(r.s)}, ${JSON.stringify(r.f)})`;
    case 'er':
      return `new Error(${JSON.stringify(r.m)})`;
    case 'buf':
      return r.t === 'ArrayBuffer'
        ? `Uint8Array.from([${r.i.join(', ')}]).buffer`
        : `${r.t}.from([${r.i.join(', ')}])`;
    case 'cb':
      return printCallback(r);
    case 'new':
      return `new ${r.c.slice(r.c.indexOf('#') + 1)}(${list(r.i)})`;
    case 'pr':
      return `Promise.${r.reject === true ? 'reject' : 'resolve'}(${printRecipe(r.v)})`;
    case 'let':
      return `(v${r.n} = ${printRecipe(r.v)})`;
    case 'same':
      return `v${r.n}`;
    default:
      return `v${r.n} /* after a ${r.op} or another change from outside */`;
  }
}

function isHole(recipe: Recipe | undefined): boolean {
  return typeof recipe === 'object' && recipe !== null && recipe.k === 'hole';
}

function frozen(text: string, isFrozen: boolean | undefined): string {
  return isFrozen === true ? `Object.freeze(${text})` : text;
}

function printObject(r: Extract<RecipeNode, { k: 'o' }>): string {
  const body = `{ ${r.p.map(([name, value]) => `${key(name)}: ${printRecipe(value)}`).join(', ')} }`;
  if (r.c === undefined) return r.p.length === 0 ? '{}' : body;
  if (r.c === 'null') return `Object.assign(Object.create(null), ${body})`;
  return `Object.assign(Object.create(${r.c.slice(r.c.indexOf('#') + 1)}.prototype), ${body})`;
}

/** An element of a long collection in terms of its index i. */
function varied(recipe: Recipe): string {
  if (typeof recipe === 'number') return recipe === 0 ? 'i' : `${recipe} + i`;
  if (typeof recipe === 'string') return `\`${recipe}\${i}\``;
  if (recipe !== null && typeof recipe === 'object' && recipe.k === 'o') {
    return `{ ${recipe.p
      .map(
        ([name, v]) =>
          `${key(name)}: ${typeof v === 'number' || typeof v === 'string' ? varied(v) : printRecipe(v)}`,
      )
      .join(', ')} }`;
  }
  return printRecipe(recipe);
}

function printLong(r: Extract<RecipeNode, { k: 'rep' }>): string {
  const element =
    r.of.length === 1
      ? r.distinct
        ? varied(r.of[0] ?? null)
        : printRecipe(r.of[0] ?? null)
      : `[${list(r.of)}][i % ${r.of.length}]`;
  const array =
    r.period === undefined
      ? `Array.from({ length: ${r.n} }, (_, i) => (${element}))`
      : `Array.from({ length: ${r.n} }, (_, j) => j % ${r.period}).map((i) => (${element}))`;
  if (r.as === 's') return `new Set(${array})`;
  return r.as === 'it' ? `${array}.values()` : array;
}

function printCallback(r: Extract<RecipeNode, { k: 'cb' }>): string {
  const throws = r.t > 0 ? ` /* throws at call ${r.t} */` : '';
  if (r.m === 'compare') return `(a, b) => (a < b ? -1 : a > b ? 1 : 0)${throws}`;
  if (r.m === 'first') return `(x) => x${throws}`;
  if (r.r.length === 1) return `() => (${printRecipe(r.r[0] ?? null)})${throws}`;
  const how = r.m === 'count' ? 'in turn' : 'by its arguments';
  return `(...args) => [${list(r.r)}][/* ${how} */]${throws}`;
}

function memberAccess(member: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(member) ? `.${member}` : `[${JSON.stringify(member)}]`;
}

/** The expression under which people know a target. */
function calleeOf(target: Target): string {
  const { access } = target;
  const root = access.from === 'binding' ? access.name : access.name === '' ? 'module.exports' : access.name;
  return [root, ...access.path].reduce((text, name, i) => (i === 0 ? name : text + memberAccess(name)), '');
}

/** A whole case as statements separated by "; ". */
export function printCase(one: Case, targets: readonly Target[]): string {
  const lines: string[] = [];
  const isChain = one.s.length > 1 && one.self !== undefined;
  if (isChain) lines.push(`const it = ${printRecipe(one.self ?? null)}`);
  for (const step of one.s) {
    const target = targets[step.t];
    if (target === undefined) continue;
    const [kind, member] = step.m ?? [target.kind, target.member ?? ''];
    const args = list(step.a);
    const self = isChain ? 'it' : one.self === undefined ? '' : printRecipe(one.self);
    if (kind === 'method') lines.push(`${self}${memberAccess(member)}(${args})`);
    else if (kind === 'getter') lines.push(`${self}${memberAccess(member)}`);
    else if (kind === 'setter') lines.push(`${self}${memberAccess(member)} = ${args}`);
    else if (kind === 'constructor') lines.push(`new ${calleeOf(target)}(${args})`);
    else if (one.self !== undefined)
      lines.push(`${calleeOf(target)}.call(${[self, args].filter(Boolean).join(', ')})`);
    else lines.push(`${calleeOf(target)}(${args})`);
  }
  const text = lines.join('; ');
  return text.length > widthMax ? `${text.slice(0, widthMax)} …` : text;
}

/**
 * Both sides' texts for people: only the first line that differs (a step's result, or what is left of the
 * arguments), without identity labels unless only they differ.
 */
export function printOutcomes(base: string, candidate: string): { base: string; candidate: string } {
  const plain = (text: string): string => text.replace(/[@%]\d+(?=[[{(</]|[A-Z]\w*[[{(<])/g, '');
  const isPlain = plain(base) !== plain(candidate);
  const lines = (text: string): string[] => (isPlain ? plain(text) : text).split('\n');
  const [a, b] = [lines(base), lines(candidate)];
  let at = 0;
  while (at < Math.max(a.length, b.length) - 1 && a[at] === b[at]) at++;
  const tidy = (text: string): string =>
    text
      .trim()
      .replace(/,(?=[\]}])/g, '')
      .replace(/^→ /, '');
  const [x, y] = [tidy(a[at] ?? 'nothing more'), tidy(b[at] ?? 'nothing more')];
  return { base: around(x, y), candidate: around(y, x) };
}

/** The part of a long text around its first difference to the other. */
function around(text: string, other: string): string {
  const max = 400;
  if (text.length <= max) return text;
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const start = Math.max(0, at - 150);
  return `${start > 0 ? '… ' : ''}${text.slice(start, start + max)}${start + max < text.length ? ' …' : ''}`;
}
