/** Edit scripts: small functions that find a declaration by its name in the syntax tree and put our text there. */
import ts from 'typescript';
import type { Edit } from './types.js';

interface Found {
  /** The whole statement or member, without the comment before it. */
  readonly node: ts.Node;
  readonly body: ts.Node | null;
}

function nameOf(node: ts.Node): string | null {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    return ts.isPropertyAccessExpression(node.left) ? node.left.getText() : null;
  }
  const named = node as { readonly name?: ts.Node };
  return named.name === undefined ? null : named.name.getText();
}

function bodyOf(node: ts.Node): ts.Node | null {
  const holder =
    ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)
      ? node.initializer
      : ts.isBinaryExpression(node)
        ? node.right
        : node;
  return (holder as { readonly body?: ts.Node } | undefined)?.body ?? null;
}

/** The statement that holds a variable or an assignment, else the node itself. */
function wholeOf(node: ts.Node): ts.Node {
  if (ts.isVariableDeclaration(node)) return node.parent.parent;
  return ts.isBinaryExpression(node) ? node.parent : node;
}

/**
 * Finds `name`: "area", "Shop.place" (a member), "exports.uniq" (an assignment). A declaration without a body counts
 * only when no other has one (overloads).
 */
function find(file: ts.SourceFile, name: string): Found {
  const all: Found[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    const own = nameOf(node);
    if (own !== null && (own === name || `${owner}.${own}` === name)) {
      all.push({ node: wholeOf(node), body: bodyOf(node) });
    }
    const inner = own !== null && (ts.isClassLike(node) || ts.isModuleDeclaration(node)) ? own : owner;
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(file, '');
  const declared = all.filter(({ node }) => !ts.isParameter(node) && !ts.isPropertySignature(node));
  const withBody = declared.filter(({ body }) => body !== null);
  const chosen = withBody.length > 0 ? withBody : declared;
  const [only] = chosen;
  if (only === undefined || chosen.length > 1) {
    throw new Error(`${file.fileName} has ${chosen.length} declarations named ${name}`);
  }
  return only;
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

function indentAt(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^\s*/.exec(line)?.[0] ?? '';
}

function indented(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `${indent}${line}`))
    .join('\n');
}

/** Puts statements in the place of a function's body. */
export function body(file: string, name: string, statements: string): Edit {
  return (tree) => {
    const text = tree.read(file);
    const source = parse(file, text);
    const { node, body: old } = find(source, name);
    if (old === null) throw new Error(`${name} in ${file} has no body`);
    const indent = indentAt(text, node.getStart(source));
    const fresh = `{\n${indented(statements.trim(), `${indent}  `)}\n${indent}}`;
    tree.write(file, text.slice(0, old.getStart(source)) + fresh + text.slice(old.getEnd()));
  };
}

/** Puts text before a declaration, above its comment. */
export function before(file: string, name: string, inserted: string): Edit {
  return (tree) => {
    const text = tree.read(file);
    const source = parse(file, text);
    const { node } = find(source, name);
    const [comment] = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
    const at = comment?.pos ?? node.getStart(source);
    const indent = indentAt(text, at);
    const fresh = `${indented(inserted.trim(), indent).trimStart()}\n\n${indent}`;
    tree.write(file, text.slice(0, at) + fresh + text.slice(at));
  };
}

/** Puts statements at the start of a function's body. */
export function first(file: string, name: string, statements: string): Edit {
  return (tree) => {
    const text = tree.read(file);
    const source = parse(file, text);
    const { node, body: old } = find(source, name);
    if (old === null || !ts.isBlock(old)) throw new Error(`${name} in ${file} has no block`);
    const indent = `${indentAt(text, node.getStart(source))}  `;
    const at = old.getStart(source) + 1;
    tree.write(file, `${text.slice(0, at)}\n${indented(statements.trim(), indent)}${text.slice(at)}`);
  };
}

/** Replaces one exact text inside a declaration of our own example; it must be there exactly once. */
export function within(file: string, name: string, old: string, fresh: string): Edit {
  return (tree) => {
    const text = tree.read(file);
    const source = parse(file, text);
    const { node } = find(source, name);
    const inside = text.slice(node.getFullStart(), node.getEnd());
    if (inside.split(old).length !== 2) throw new Error(`${name} in ${file} does not hold once: ${old}`);
    // A function, so that `$` in our text stays what it is.
    const changed = inside.replace(old, () => fresh);
    tree.write(file, text.slice(0, node.getFullStart()) + changed + text.slice(node.getEnd()));
  };
}

/** Moves the first `new RegExp(…)` of a function out of it, to a constant of our name before it. */
export function hoistPattern(file: string, name: string, constant: string): Edit {
  return (tree) => {
    const text = tree.read(file);
    const source = parse(file, text);
    const { node } = find(source, name);
    let found: ts.NewExpression | null = null;
    const visit = (inner: ts.Node): void => {
      const isPattern = ts.isNewExpression(inner) && inner.expression.getText(source) === 'RegExp';
      if (isPattern) found ??= inner;
      ts.forEachChild(inner, visit);
    };
    visit(node);
    const pattern = found as ts.NewExpression | null;
    if (pattern === null) throw new Error(`${name} in ${file} makes no pattern`);
    const [start, end] = [pattern.getStart(source), pattern.getEnd()];
    const changed = text.slice(0, start) + constant + text.slice(end);
    const at = node.getStart(source);
    const indent = indentAt(text, at);
    const declaration = `var ${constant} = ${text.slice(start, end)};\n${indent}`;
    tree.write(file, changed.slice(0, at) + declaration + changed.slice(at));
  };
}

export function create(file: string, text: string): Edit {
  return (tree) => tree.write(file, text);
}

export function append(file: string, text: string): Edit {
  return (tree) => tree.write(file, `${tree.read(file).trimEnd()}\n\n${text.trim()}\n`);
}

export function remove(file: string): Edit {
  return (tree) => tree.write(file, null);
}

/** Any change of a whole text; it must change something. */
export function whole(file: string, change: (text: string) => string): Edit {
  return (tree) => {
    const text = tree.read(file);
    const fresh = change(text);
    if (fresh === text) throw new Error(`nothing to change in ${file}`);
    tree.write(file, fresh);
  };
}

/** Sets one member of a JSON file: `path` leads to it. */
export function json(file: string, path: readonly string[], value: unknown): Edit {
  return whole(file, (text) => {
    const root = JSON.parse(text) as Record<string, unknown>;
    let at = root;
    for (const key of path.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[path.at(-1) ?? ''] = value;
    return `${JSON.stringify(root, null, 2)}\n`;
  });
}
