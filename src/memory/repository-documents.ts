/** A repository as documents: its README, what each function and class is, findings, and the changes that landed. */
import type { CodeFinding } from '../conversation/types.js';
import { piecesOf } from './analyse-text.js';
import { piecesOfText } from './session-documents.js';
import type { ChangeStory, MemoryDocument } from './types.js';

const documentsMaximum = 20_000;
const symbolLines = 40;
const symbolCharacters = 1_600;

const source = /\.[cm]?[jt]sx?$/;
const prose = /(^|\/)(readme|contributing|architecture|changelog)[^/]*$|\.(md|mdx|rst|txt)$/i;
const passedOver =
  /(^|\/)(node_modules|dist|build|coverage|vendor|\.git)\/|\.min\.[cm]?js$|\.d\.[cm]?ts$|(^|\/)package-lock\.json$/;

/** Paths that are worth remembering, sources before prose before tests. */
export function pathsToRemember(paths: readonly string[]): readonly string[] {
  const rank = (path: string): number => (isTest(path) ? 2 : source.test(path) ? 0 : 1);
  return paths
    .filter((path) => (source.test(path) || prose.test(path)) && !passedOver.test(path))
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

export const isTest = (path: string): boolean =>
  /(^|\/)(tests?|__tests__|spec|fixtures)\/|\.(test|spec)\./.test(path);

const beginnings = [
  /^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|interface|enum|namespace)\s+([A-Za-z_$][\w$]*)/,
  /^\s*(?:export\s+)?(?:declare\s+)?type\s+([A-Za-z_$][\w$]*)\s*[=<]/,
  /^(?:export\s+)?(?:const|let|var)\s+([A-Za-z_$][\w$]*)/,
  /^\s*(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::[^=]{1,200})?=\s*(?:async\s*)?(?:function\b|\([^)]{0,300}\)\s*(?::[^=]{1,200})?=>|[A-Za-z_$][\w$]*\s*=>)/,
  /^(?:module\.)?exports\.([A-Za-z_$][\w$]*)\s*=/,
  /^\s*[A-Za-z_$][\w$.]*\.prototype\.([A-Za-z_$][\w$]*)\s*=/,
  /^\s+(?:(?:public|private|protected|static|async|override|readonly|get|set)\s+)*\*?(#?[A-Za-z_$][\w$]*)\s*(?:<[^>]{0,100}>)?\([^;]{0,300}\)\s*(?::[^{;]{1,200})?\{\s*$/,
];
const notNames = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'function', 'with', 'do']);

interface Beginning {
  readonly line: number;
  readonly name: string;
}

function beginningsIn(lines: readonly string[]): readonly Beginning[] {
  return lines.flatMap((text, at) => {
    if (text.length > 500) return [];
    for (const pattern of beginnings) {
      const name = pattern.exec(text)?.[1];
      if (name !== undefined && !notNames.has(name)) return [{ line: at, name }];
    }
    return [];
  });
}

/** The comment that stands directly above a line. */
function commentAbove(lines: readonly string[], line: number): number {
  let first = line;
  while (first > 0 && line - first < 15 && /^\s*(?:\/\/|\/\*|\*|@\w)/.test(lines[first - 1] ?? ''))
    first -= 1;
  return first;
}

const pathWords = (path: string): string => piecesOf(path.replaceAll(/[^A-Za-z0-9]+/g, '_')).join(' ');

function sourceDocuments(path: string, text: string): readonly MemoryDocument[] {
  const lines = text.split('\n');
  const starts = beginningsIn(lines);
  const head = {
    ...{ id: `${path}#file`, kind: 'code' as const, source: `${path}:1`, at: null },
    words: `${path} ${pathWords(path)} ${starts.map(({ name }) => name).join(' ')}`,
    line: 1,
    text: lines.slice(0, 12).join('\n').slice(0, 600),
  };
  const symbols = starts.map(({ line, name }, at) => {
    const first = commentAbove(lines, line);
    const next = starts[at + 1];
    const end = Math.min(
      next === undefined ? lines.length : Math.max(line + 1, commentAbove(lines, next.line)),
      line + symbolLines,
    );
    return {
      ...{ id: `${path}#${name}@${at}`, kind: 'code' as const, source: `${path}:${line + 1}`, at: null },
      words: `${name} ${path} ${pathWords(path)}`,
      line: first + 1,
      text: lines.slice(first, end).join('\n').slice(0, symbolCharacters),
    };
  });
  return [head, ...symbols];
}

function proseDocuments(path: string, text: string): readonly MemoryDocument[] {
  const documents: MemoryDocument[] = [];
  let line = 1;
  let heading = '';
  for (const section of text.split(/^(?=#{1,4}\s)/m)) {
    heading = /^#{1,4}\s+(.*)/.exec(section)?.[1] ?? heading;
    for (const piece of piecesOfText(section, 1_500)) {
      if (piece.trim() !== '')
        documents.push({
          ...{ id: `${path}#${line}`, kind: 'code', source: `${path}:${line}`, at: null },
          ...{ words: `${path} ${heading}`, text: piece, line },
        });
      line += piece.split('\n').length - 1;
    }
  }
  return documents;
}

/** Documents of files. */
export function fileDocuments(files: ReadonlyMap<string, string>): readonly MemoryDocument[] {
  const documents: MemoryDocument[] = [];
  for (const [path, text] of files) {
    if (documents.length >= documentsMaximum) break;
    documents.push(...(source.test(path) ? sourceDocuments(path, text) : proseDocuments(path, text)));
  }
  return documents.slice(0, documentsMaximum);
}

export function findingDocuments(findings: readonly CodeFinding[]): readonly MemoryDocument[] {
  return findings.map(({ rule, path, line, severity, title }, at) => ({
    ...{ id: `finding-${at}-${rule}-${path}:${line}`, kind: 'finding', source: `${path}:${line}`, at: null },
    ...{
      words: `${path} ${pathWords(path)} finding`,
      text: `${severity} ${rule} at ${path}:${line}: ${title}`,
    },
  }));
}

/** A change as a person would tell it: what, why, when, by whom, with which numbers, and whether it still stands. */
export function changeDocument({ change, proposal, gates, files, names }: ChangeStory): MemoryDocument {
  const { title, rule, commit, reviewedBy, landedAt, state, rollbackReason } = change;
  const told = [
    `Changed ${files.join(', ') || (proposal?.file ?? 'the code')}: ${title}`,
    `commit ${commit.slice(0, 12)}, landed ${landedAt.slice(0, 10)}, reviewed by ${reviewedBy || 'nobody'}, rule ${rule ?? 'none'}, change ${change.id}`,
    ...(proposal?.reason ? [`Why: ${proposal.reason}`] : []),
    ...(proposal?.measured ? [`Measured: ${proposal.measured}`] : []),
    ...(proposal?.covered ? [`Coverage: ${proposal.covered}`] : []),
    ...gates
      .filter(({ verdict }) => verdict !== 'notApplicable')
      .map(({ gate, verdict, reason }) => `${gate}: ${verdict} – ${reason}`),
    state === 'rolledBack'
      ? `It was rolled back${rollbackReason === null ? '' : `: ${rollbackReason}`}.`
      : `It is ${state}.`,
  ];
  return {
    ...{ id: `change-${change.id}`, kind: 'change', source: commit.slice(0, 12), at: landedAt },
    words: `change changed changes ${files.map((file) => `${file} ${pathWords(file)}`).join(' ')} ${names.join(' ')}`,
    text: told.join('\n').slice(0, 3_000),
  };
}

/** Names that stand in the changed lines and the heads of the hunks of a unified diff. */
export function namesInDiff(diff: string): readonly string[] {
  const names = new Set<string>();
  for (const line of diff.split('\n')) {
    if (!/^(?:[+-](?![+-])|@@)/.test(line)) continue;
    const text = line.startsWith('@@') ? line.replace(/^@@.*?@@/, '') : line.slice(1);
    for (const [name] of text.matchAll(/[A-Za-z_$][\w$]{2,60}/g)) if (names.size < 80) names.add(name);
  }
  return [...names];
}
