/** What the model may look at: search, files, symbols, findings. Everything is read only, bounded, and cited. */
import { z } from 'zod';
import type { ToolCall, ToolDefinition } from '../llm/types.js';
import type { ToolBox } from './answer-turn.js';
import type { CodeReader } from './types.js';

const linesShown = 120;
const charactersShown = 9_000;
const hits = 30;

const Arguments = {
  search_repository: z.object({ query: z.string().trim().min(2).max(200) }),
  show_file: z.object({
    path: z.string().min(1).max(500),
    from: z.coerce.number().int().min(1).default(1),
    to: z.coerce.number().int().min(1).optional(),
  }),
  show_symbol: z.object({ name: z.string().trim().min(1).max(100) }),
  list_findings: z.object({}),
} as const;

type ToolName = keyof typeof Arguments;

const parametersOf = (properties: Record<string, object>, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = (description: string) => ({ type: 'string', description });

const definitions: readonly (ToolDefinition & { readonly name: ToolName })[] = [
  {
    name: 'search_repository',
    description: 'Lines of the repository that hold this text.',
    parameters: parametersOf({ query: text('a word or a piece of code, as it stands in the source') }, [
      'query',
    ]),
  },
  {
    name: 'show_file',
    description: 'Lines of a file, with their numbers.',
    parameters: parametersOf(
      { path: text('relative path'), from: { type: 'integer' }, to: { type: 'integer' } },
      ['path'],
    ),
  },
  {
    name: 'show_symbol',
    description: 'Where a function, class, type or constant is defined, with its code.',
    parameters: parametersOf({ name: text('the bare name') }, ['name']),
  },
  {
    name: 'list_findings',
    description: 'What the last analysis of this repository found: slow or fragile code.',
    parameters: parametersOf({}, []),
  },
];

export interface ToolResult {
  readonly text: string;
  readonly sources: readonly string[];
}

const told = (words: string): ToolResult => ({ text: words, sources: [] });

/** Looks for the definition of a name by the words that introduce one; no compiler is asked. */
export async function findDefinition(
  code: CodeReader,
  name: string,
): Promise<{ readonly path: string; readonly line: number } | null> {
  const bare = name.replaceAll(/[^A-Za-z0-9_$]/g, '');
  if (bare === '') return null;
  const defines = new RegExp(
    `\\b(?:function\\*?|class|interface|type|enum|const|let|var)\\s+${bare.replaceAll('$', '\\$')}\\b|^\\s*(?:(?:public|private|protected|static|async|readonly|get|set)\\s+)*\\*?${bare.replaceAll('$', '\\$')}\\s*(?:<[^>]{0,100}>)?\\([^;]{0,200}\\{\\s*$`,
  );
  const lines = await code.search(bare, 500);
  const found = lines.filter((line) => defines.test(line.text));
  // A definition in the source is worth more than one in a test.
  return (
    found.find(({ path }) => !/(^|\/)(tests?|__tests__|dist)\/|\.(test|spec)\./.test(path)) ??
    found[0] ??
    null
  );
}

/** The lines of a definition: to the line that closes its indentation. */
function endOf(lines: readonly string[]): number {
  const indent = /^\s*/.exec(lines[0] ?? '')?.[0].length ?? 0;
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const own = /^\s*/.exec(line)?.[0].length ?? 0;
    if (own <= indent) return /^\s*[)}\]]/.test(line) ? at + 1 : at;
  }
  return lines.length;
}

async function show(code: CodeReader, path: string, from: number, to: number): Promise<ToolResult> {
  const excerpt = await code.lines(path, from, Math.min(to, from + linesShown - 1));
  if (excerpt === null) {
    const name = path.split('/').at(-1) ?? path;
    const near = (await code.paths()).filter((one) => one.endsWith(`/${name}`) || one === name).slice(0, 5);
    return told(`There is no file ${path}.${near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`}`);
  }
  const numbered = excerpt.text
    .split('\n')
    .map((line, at) => `${excerpt.from + at}: ${line}`)
    .join('\n')
    .slice(0, charactersShown);
  const rest = excerpt.to < excerpt.total ? `\n(${excerpt.total} lines in all)` : '';
  return { text: `${path}\n${numbered}${rest}`, sources: [`${path}:${excerpt.from}`] };
}

async function run(code: CodeReader, name: ToolName, given: unknown): Promise<ToolResult> {
  switch (name) {
    case 'search_repository': {
      const { query } = Arguments.search_repository.parse(given);
      const lines = await code.search(query, hits);
      if (lines.length === 0) return told(`Nothing in the repository holds ${JSON.stringify(query)}.`);
      return {
        text: lines.map(({ path, line, text: words }) => `${path}:${line}: ${words.trim()}`).join('\n'),
        sources: lines.slice(0, 5).map(({ path, line }) => `${path}:${line}`),
      };
    }
    case 'show_file': {
      const { path, from, to } = Arguments.show_file.parse(given);
      return show(code, path.replace(/^\.?\//, ''), from, to ?? from + linesShown - 1);
    }
    case 'show_symbol': {
      const { name: symbol } = Arguments.show_symbol.parse(given);
      const found = await findDefinition(code, symbol.split('.').at(-1) ?? symbol);
      if (found === null) return told(`No definition of ${symbol} was found.`);
      const excerpt = await code.lines(found.path, found.line, found.line + linesShown);
      const lines = excerpt?.text.split('\n') ?? [];
      return show(code, found.path, found.line, found.line + endOf(lines) - 1);
    }
    default: {
      const findings = await code.findings(hits);
      if (findings.length === 0) return told('No finding is known. `ratchet analyze` looks for some.');
      return {
        text: findings
          .map(({ path, line, severity, rule, title }) => `${path}:${line} ${severity} ${rule}: ${title}`)
          .join('\n'),
        sources: findings.slice(0, 5).map(({ path, line }) => `${path}:${line}`),
      };
    }
  }
}

/** The tools over one repository. `screen` marks and cleans what the repository says. */
export function createCodeTools(code: CodeReader, screen: (text: string) => string): ToolBox {
  return {
    definitions,
    async run(call: ToolCall) {
      if (!(call.name in Arguments))
        return told(`There is no tool ${call.name}. There are ${Object.keys(Arguments).join(', ')}.`);
      if (call.arguments.kind === 'broken')
        return told(`The arguments are no JSON object: ${call.arguments.reason}. Call it again.`);
      try {
        const result = await run(code, call.name as ToolName, call.arguments.value);
        return { ...result, text: screen(result.text).slice(0, charactersShown) };
      } catch (error) {
        if (!(error instanceof z.ZodError)) throw error;
        const issue = error.issues[0];
        return told(
          `${issue?.path.join('.') ?? 'arguments'}: ${issue?.message ?? 'invalid'}. Call it again.`,
        );
      }
    },
  };
}
