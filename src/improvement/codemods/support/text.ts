/** The file's own style, its comments, and names that are free. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { refuse } from './refusal.js';

export interface Style {
  readonly eol: string;
  /** One level of indentation. */
  readonly indent: string;
  readonly quote: "'" | '"';
  /** `;` or nothing, by the file's majority. */
  readonly semicolon: ';' | '';
}

const styles = new WeakMap<ts.SourceFile, Style>();

/** The majority decides; ties go to LF, two spaces, single quotes, semicolons. */
export function styleOf(file: ts.SourceFile): Style {
  const known = styles.get(file);
  if (known !== undefined) return known;
  const text = file.text;
  const crlf = text.split('\r\n').length - 1;
  const lf = text.split('\n').length - 1 - crlf;
  const style: Style = {
    eol: crlf > lf ? '\r\n' : '\n',
    indent: indentUnit(text),
    quote: count(text, '"') > count(text, "'") ? '"' : "'",
    semicolon: endsWithSemicolons(file) ? ';' : '',
  };
  styles.set(file, style);
  return style;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** The smallest step between two neighbouring lines of more indentation. */
function indentUnit(text: string): string {
  const leads = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^\s*\*/.test(line));
  const steps = new Map<string, number>();
  let previous = '';
  for (const line of leads) {
    const lead = /^[\t ]*/.exec(line)?.[0] ?? '';
    if (lead.length > previous.length && lead.startsWith(previous)) {
      const step = lead.slice(previous.length);
      steps.set(step, (steps.get(step) ?? 0) + 1);
    }
    previous = lead;
  }
  let best = '  ';
  let most = 0;
  for (const [step, times] of steps) if (times > most && step.length <= 8) [best, most] = [step, times];
  return best;
}

function endsWithSemicolons(file: ts.SourceFile): boolean {
  let ended = 0;
  let open = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node) || ts.isReturnStatement(node)) {
      if (file.text[node.end - 1] === ';') ended += 1;
      else open += 1;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return ended >= open;
}

/** White space at the start of the line that holds the offset. */
export function indentationAt(file: ts.SourceFile, offset: number): string {
  const start = lineStart(file, offset);
  return /^[\t ]*/.exec(file.text.slice(start, offset))?.[0] ?? '';
}

export function lineStart(file: ts.SourceFile, offset: number): number {
  let at = offset;
  while (at > 0 && !/[\n\r]/.test(file.text[at - 1] ?? '')) at -= 1;
  return at === 0 && file.text.startsWith('\uFEFF') ? 1 : at;
}

/** Is there only white space before the offset on its line? */
export function startsLine(file: ts.SourceFile, offset: number): boolean {
  return file.text.slice(lineStart(file, offset), offset).trim() === '';
}

const comments = new WeakMap<ts.SourceFile, readonly ts.TextRange[]>();

/** All comments of the file, from the trivia before its tokens (so never inside strings or templates). */
export function commentsOf(file: ts.SourceFile): readonly ts.TextRange[] {
  const known = comments.get(file);
  if (known !== undefined) return known;
  const found = new Map<number, ts.TextRange>();
  const visit = (node: ts.Node): void => {
    const start = node.getStart(file);
    if (node.pos < start && node.kind !== ts.SyntaxKind.JsxText) {
      for (const range of [
        ...(ts.getLeadingCommentRanges(file.text, node.pos) ?? []),
        ...(ts.getTrailingCommentRanges(file.text, node.pos) ?? []),
      ])
        found.set(range.pos, range);
    }
    for (const child of node.getChildren(file)) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(file);
  const list = [...found.values()].toSorted((left, right) => left.pos - right.pos);
  comments.set(file, list);
  return list;
}

/** Does a comment lie (partly) inside the span? */
export function commentsWithin(file: ts.SourceFile, start: number, end: number): boolean {
  return start < end && commentsOf(file).some((range) => range.pos < end && start < range.end);
}

/** A name that occurs nowhere in the file, so that it can neither capture nor be captured. */
export function freshName(file: ts.SourceFile, wish: string, taken: readonly string[] = []): string {
  const used = identifiersOf(file);
  if (used.has('eval')) refuse('the file uses eval, where any name may be meant');
  const base = /^[A-Za-z_$][\w$]*$/.test(wish) ? wish : 'lookup';
  for (let suffix = 0; suffix < 100; suffix += 1) {
    const name = suffix === 0 ? base : `${base}_${suffix}`;
    if (!used.has(name) && !taken.includes(name)) return name;
  }
  return refuse('no free name was found');
}

const identifiers = new WeakMap<ts.SourceFile, ReadonlySet<string>>();

function identifiersOf(file: ts.SourceFile): ReadonlySet<string> {
  const known = identifiers.get(file);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    if (ts.isWithStatement(node)) names.add('eval');
    ts.forEachChild(node, visit);
  };
  visit(file);
  identifiers.set(file, names);
  return names;
}

/** Tokens that would continue the statement before them when no semicolon stands between. */
export function needsSemicolonBefore(file: ts.SourceFile, offset: number): boolean {
  return /[([`/+\-*,.]/.test(file.text[offset] ?? '');
}

/** `ids` → `idSet`, `user.roles` → `roleSet`: the last name of an expression, in the singular. */
export function singular(name: string): string {
  if (name.endsWith('ies')) return `${name.slice(0, -3)}y`;
  if (/(?:ss|us|is)$/.test(name) || !/[a-z0-9]s$/.test(name)) return name;
  return name.slice(0, -1);
}

export function capitalised(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

export function isTypeScript(context: RuleContext): boolean {
  return /\.[cm]?tsx?$/.test(context.file);
}

/** JavaScript without `const`, `let`, arrows, classes or modules: it may have to run, or be minified, as ES5. */
export function isOldStyle(file: ts.SourceFile): boolean {
  if (!/\.c?jsx?$/.test(file.fileName)) return false;
  let modern = false;
  const visit = (node: ts.Node): void => {
    modern ||=
      ts.isArrowFunction(node) ||
      ts.isClassLike(node) ||
      ts.isImportDeclaration(node) ||
      ts.isTemplateExpression(node) ||
      (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) !== 0);
    if (!modern) ts.forEachChild(node, visit);
  };
  visit(file);
  return !modern;
}
