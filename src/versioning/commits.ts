/** Commits as data: reading them, our trailers, building them in the mirror with an index of its own. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ratchetIdentity, type Context } from './context.js';

/** A commit object. */
export interface CommitData {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** Seconds since the epoch. */
  readonly committed: number;
  readonly subject: string;
  /** Of the last paragraph, by lower-case name. */
  readonly trailers: ReadonlyMap<string, string>;
}

/** Reads commits in one call; ids that are no commit are left out. */
export async function readCommits(
  context: Context,
  repository: string,
  ids: readonly string[],
): Promise<Map<string, CommitData>> {
  const found = new Map<string, CommitData>();
  if (ids.length === 0) return found;
  const { stdout } = await context.git(repository, ['cat-file', '--batch'], { input: `${ids.join('\n')}\n` });
  let at = 0;
  while (at < stdout.length) {
    const end = stdout.indexOf(10, at);
    if (end < 0) break;
    const [id = '', type, size] = stdout.subarray(at, end).toString('utf8').split(' ');
    at = end + 1;
    if (size === undefined || !/^\d+$/.test(size)) continue; // "<id> missing"
    const body = stdout.subarray(at, at + Number(size)).toString('utf8');
    at += Number(size) + 1;
    if (type === 'commit') found.set(id, parseCommit(id, body));
  }
  return found;
}

function parseCommit(id: string, text: string): CommitData {
  const split = text.indexOf('\n\n');
  const header = text.slice(0, split).split('\n');
  const message = text.slice(split + 2).trimEnd();
  const values = (name: string): string[] =>
    header.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const paragraphs = message.split(/\n{2,}/);
  const trailers = new Map<string, string>();
  if (paragraphs.length > 1) {
    for (const line of (paragraphs.at(-1) ?? '').split('\n')) {
      const match = /^([A-Za-z][A-Za-z-]*): (.*)$/.exec(line);
      if (match !== null) trailers.set((match[1] ?? '').toLowerCase(), match[2] ?? '');
    }
  }
  return {
    id,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    committed: Number(/ (\d+) [+-]\d{4}$/.exec(values('committer')[0] ?? '')?.[1] ?? 0),
    subject: message.split('\n')[0] ?? '',
    trailers,
  };
}

/** One line of plain text, safe as a subject or a trailer. */
export function oneLine(text: string, maximum: number): string {
  const plain = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return plain.length > maximum ? `${plain.slice(0, maximum - 1)}…` : plain;
}

/** A message whose last paragraph holds exactly the given trailers. */
export function composeMessage(
  subject: string,
  body: string,
  trailers: Readonly<Record<string, string | null>>,
): string {
  const paragraphs = body
    .split(/\n\s*\n/)
    .map((paragraph) => oneLine(paragraph, 2_000))
    .filter((paragraph) => paragraph !== '');
  const lines = Object.entries(trailers).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${oneLine(value, 400)}`],
  );
  const subjectLine = oneLine(subject, 120);
  return `${[subjectLine === '' ? 'Improvement' : subjectLine, ...paragraphs, lines.join('\n')].join('\n\n')}\n`;
}

/** Makes a commit object (no ref). `time` in seconds since the epoch. */
export async function makeCommit(
  context: Context,
  repository: string,
  commit: { tree: string; parents: readonly string[]; message: string; time: number },
): Promise<string> {
  const date = `@${commit.time} +0000`; // without @ git takes small numbers for no date
  const environment = {
    GIT_AUTHOR_NAME: ratchetIdentity.name,
    GIT_AUTHOR_EMAIL: ratchetIdentity.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: ratchetIdentity.name,
    GIT_COMMITTER_EMAIL: ratchetIdentity.email,
    GIT_COMMITTER_DATE: date,
  };
  const parents = commit.parents.flatMap((parent) => ['-p', parent]);
  const args = ['commit-tree', commit.tree, ...parents, '-F', '-'];
  const config = ['i18n.commitEncoding=UTF-8'];
  return (await context.git(repository, args, { input: commit.message, environment, config })).text;
}

/** One entry to change in a tree; null content removes it. */
export interface TreeEdit {
  readonly path: string;
  readonly mode: string;
  readonly content: Uint8Array | null;
}

/** Writes a tree that differs from `commit`'s by the edits, through an index that nobody else sees. */
export async function editTree(
  context: Context,
  mirror: string,
  commit: string,
  edits: readonly TreeEdit[],
): Promise<string> {
  const index = join(mirror, `ratchet-index-${randomUUID()}`);
  const environment = { GIT_INDEX_FILE: index };
  try {
    const lines: string[] = [];
    for (const edit of edits) {
      if (edit.content === null) {
        lines.push(`0 ${'0'.repeat(commit.length)}\t${edit.path}\0`);
        continue;
      }
      const args = ['hash-object', '-w', '--no-filters', '--stdin'];
      const { text } = await context.git(mirror, args, { input: edit.content });
      lines.push(`${edit.mode} ${text}\t${edit.path}\0`);
    }
    await context.git(mirror, ['read-tree', commit], { environment });
    await context.git(mirror, ['update-index', '-z', '--index-info'], { environment, input: lines.join('') });
    return (await context.git(mirror, ['write-tree'], { environment })).text;
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

/** Result of a three-way merge of trees. */
export type MergeResult =
  | { readonly kind: 'merged'; readonly tree: string }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] };

/** Merges two commits without any working tree; histories must share a base. */
export async function mergeTrees(
  context: Context,
  mirror: string,
  ours: string,
  theirs: string,
): Promise<MergeResult> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs];
  const { code, text } = await context.git(mirror, args, { answers: [1] });
  const [tree = '', ...rest] = text.split('\0');
  if (code === 0) return { kind: 'merged', tree };
  return { kind: 'conflict', paths: rest.filter((path) => path !== '') };
}

/** Is `ancestor` reachable from `descendant` (or the same)? */
export async function isAncestor(
  context: Context,
  repository: string,
  ancestor: string,
  descendant: string,
): Promise<boolean> {
  if (ancestor === descendant) return true;
  const args = ['merge-base', '--is-ancestor', ancestor, descendant];
  return (await context.git(repository, args, { answers: [1] })).code === 0;
}
