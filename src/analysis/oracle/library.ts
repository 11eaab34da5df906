/** What of the language the compiler's options promise: the standard library's edition and the ways to iterate. */
import ts from 'typescript';

const targetYears = new Map<ts.ScriptTarget, number>([
  [ts.ScriptTarget.ES5, 2009],
  [ts.ScriptTarget.ES2015, 2015],
  [ts.ScriptTarget.ES2016, 2016],
  [ts.ScriptTarget.ES2017, 2017],
  [ts.ScriptTarget.ES2018, 2018],
  [ts.ScriptTarget.ES2019, 2019],
  [ts.ScriptTarget.ES2020, 2020],
  [ts.ScriptTarget.ES2021, 2021],
  [ts.ScriptTarget.ES2022, 2022],
  [ts.ScriptTarget.ES2023, 2023],
  [ts.ScriptTarget.ES2024, 2024],
  [ts.ScriptTarget.ES2025, 2025],
  [ts.ScriptTarget.ESNext, 2026],
]);

/** TypeScript 6 compiles for ES2025 when nothing is said. */
function targetOf(options: ts.CompilerOptions): ts.ScriptTarget {
  return options.target ?? ts.ScriptTarget.ES2025;
}

/** May a `for … of` walk anything but arrays in what the compiler makes of it? */
export function iteratesFreely(options: ts.CompilerOptions): boolean {
  return options.downlevelIteration === true || targetOf(options) >= ts.ScriptTarget.ES2015;
}

/** An explicit `lib` replaces the target's library; partial libraries (`es2015.core`) do not count as the whole. */
export function libraryYear(options: ts.CompilerOptions): number | null {
  const libraries = options.lib;
  if (libraries === undefined) {
    return targetYears.get(targetOf(options)) ?? null;
  }
  const years = libraries.flatMap((name) => {
    const found = /^(?:lib\.)?es(next|\d{1,4})(?:\.full)?(?:\.d\.ts)?$/i.exec(name)?.[1];
    if (found === undefined) return [];
    if (found.toLowerCase() === 'next') return [2026];
    const edition = Number(found);
    return [edition < 100 ? (edition === 5 ? 2009 : edition + 2009) : edition];
  });
  return years.length === 0 ? null : Math.max(...years);
}
