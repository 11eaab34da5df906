/** Measures the tracked sources for test/tidy.test.ts: sizes, comment share and forbidden things, from the AST. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export const root = join(import.meta.dirname, '..', '..');

/** Every file that belongs to the project: tracked or new, not ignored. Paths relative to the root. */
export function projectFiles(): readonly string[] {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
  return listed.stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
}

export interface SourceMeasures {
  readonly file: string;
  readonly lines: number;
  readonly commentLines: number;
  /** Lines from the first to the last of each function, keyed "file#name". */
  readonly functions: readonly { readonly key: string; readonly lines: number }[];
  /** What no source may hold, as "file:line what". */
  readonly forbidden: readonly string[];
}

function nameOf(node: ts.Node): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (ts.isFunctionLike(node) && node.name !== undefined) return node.name.getText();
  const parent = node.parent;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  if (ts.isCallExpression(parent)) return `callback of ${parent.expression.getText().slice(0, 40)}`;
  return 'anonymous';
}

/** Things that the compiler and the linter let pass. */
function forbiddenBy(node: ts.Node, mayReadEnvironment: boolean): string | null {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any';
  if (ts.isNonNullExpression(node)) return 'a non-null assertion';
  if (ts.isAsExpression(node) && ts.isAsExpression(node.expression)) return 'a double assertion';
  if (!mayReadEnvironment && ts.isPropertyAccessExpression(node) && node.getText() === 'process.env') {
    return 'process.env outside an entry point';
  }
  return null;
}

const marks = /\b(?:TODO|FIXME|XXX|HACK)\b|@ts-(?:ignore|expect-error|nocheck)|(?:ox|es)lint-disable/;

/** Comments with the line they begin on; strings that look like comments are not comments. */
function commentsOf(sourceFile: ts.SourceFile): readonly { text: string; from: number; to: number }[] {
  const text = sourceFile.text;
  const found = new Map<number, { text: string; from: number; to: number }>();
  const take = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const range of ranges ?? []) {
      found.set(range.pos, {
        text: text.slice(range.pos, range.end),
        from: sourceFile.getLineAndCharacterOfPosition(range.pos).line,
        to: sourceFile.getLineAndCharacterOfPosition(range.end).line,
      });
    }
  };
  const visit = (node: ts.Node): void => {
    if (node.kind >= ts.SyntaxKind.FirstToken && node.kind <= ts.SyntaxKind.LastToken) {
      take(ts.getLeadingCommentRanges(text, node.getFullStart()));
      take(ts.getTrailingCommentRanges(text, node.getEnd()));
    }
    for (const child of node.getChildren(sourceFile)) visit(child);
  };
  visit(sourceFile);
  return [...found.values()];
}

/** Parses and measures one file. */
export function measureSource(file: string, mayReadEnvironment: boolean): SourceMeasures {
  return measureText(file, readFileSync(join(root, file), 'utf8'), mayReadEnvironment);
}

/** The same for a text, so that the measure itself can be tested. */
export function measureText(file: string, text: string, mayReadEnvironment: boolean): SourceMeasures {
  const sourceFile = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const lineOf = (position: number): number => sourceFile.getLineAndCharacterOfPosition(position).line;
  const functions: { key: string; lines: number }[] = [];
  const forbidden: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const lines = lineOf(node.getEnd()) - lineOf(node.getStart()) + 1;
      functions.push({ key: `${file}#${nameOf(node)}`, lines });
    }
    const what = forbiddenBy(node, mayReadEnvironment);
    if (what !== null) forbidden.push(`${file}:${lineOf(node.getStart()) + 1} ${what}`);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  const comments = commentsOf(sourceFile);
  for (const comment of comments) {
    const mark = marks.exec(comment.text)?.[0];
    if (mark !== undefined) forbidden.push(`${file}:${comment.from + 1} ${mark}`);
  }
  const commentLines = new Set(
    comments.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
  );
  return {
    file,
    lines: text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    commentLines: commentLines.size,
    functions,
    forbidden,
  };
}
