/** Excerpts of the repository for a question, found by the words in it: what the model sees without calling a tool. */
import { findDefinition } from './code-tools.js';
import type { CodeLine, CodeReader, Memory } from './types.js';

const termsMaximum = 8;
const filesMaximum = 3;
const around = 12;
const common = new Set(
  'about after again also because before being between could does doing every explain file files find from function have here into just know like list make many more most much need only other over please project question repository same should show some tell than that their them then there these they thing this those through what when where which while will with without would write your'.split(
    ' ',
  ),
);

/** Names first (`parseHeaders`, `a.ts`, quoted pieces), then plain words; each once. */
export function termsOf(question: string): readonly string[] {
  const quoted = [...question.matchAll(/[`"']([^`"'\n]{2,80})[`"']/g)].map(([, inner]) => inner ?? '');
  const words = question.match(/[A-Za-z_$][\w$.-]{2,60}/g) ?? [];
  const bare = words.map((word) => word.replace(/[.-]+$/, ''));
  const names = bare.filter((word) => /[a-z][A-Z]|_|\.|\$|\d/.test(word));
  const plain = bare.filter((word) => word.length > 3 && !common.has(word.toLowerCase()));
  return [...new Set([...quoted, ...names, ...plain])].slice(0, termsMaximum);
}

interface Scored {
  readonly path: string;
  score: number;
  readonly lines: number[];
}

function score(found: readonly (readonly CodeLine[])[]): readonly Scored[] {
  const files = new Map<string, Scored>();
  for (const lines of found) {
    // A term that is everywhere says little.
    const weight = 1 / Math.log2(2 + new Set(lines.map(({ path }) => path)).size);
    const seen = new Set<string>();
    for (const { path, line } of lines) {
      const file = files.get(path) ?? { path, score: 0, lines: [] };
      if (!seen.has(path)) file.score += weight * (/\.(test|spec)\.|(^|\/)tests?\//.test(path) ? 0.5 : 1);
      seen.add(path);
      file.lines.push(line);
      files.set(path, file);
    }
  }
  return [...files.values()].sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

/** The best places, with their lines numbered; the definition of a named symbol first. */
export async function retrieveCode(code: CodeReader, question: string): Promise<readonly Memory[]> {
  const terms = termsOf(question);
  const memories: Memory[] = [];
  const take = async (path: string, line: number, worth: number): Promise<void> => {
    const known = memories.some(({ source }) => {
      const [file, at] = source.split(':');
      return file === path && Math.abs(Number(at) - line) < around;
    });
    if (known || memories.length >= filesMaximum) return;
    const excerpt = await code.lines(path, Math.max(1, line - 2), line + around);
    if (excerpt === null) return;
    const text = excerpt.text
      .split('\n')
      .map((words, at) => `${excerpt.from + at}: ${words.slice(0, 200)}`)
      .join('\n');
    memories.push({ kind: 'code', text, at: null, score: worth, source: `${path}:${line}` });
  };
  for (const term of terms.filter((one) => /^[A-Za-z_$][\w$]*$/.test(one)).slice(0, 4)) {
    const found = await findDefinition(code, term);
    if (found !== null) await take(found.path, found.line, 1);
  }
  const files = score(await Promise.all(terms.map((term) => code.search(term, 200))));
  const best = files[0]?.score ?? 1;
  for (const { path, lines, score: worth } of files.slice(0, filesMaximum))
    await take(path, lines[0] ?? 1, worth / Math.max(best, 1e-9));
  return memories;
}
