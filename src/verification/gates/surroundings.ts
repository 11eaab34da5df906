/**
 * Does changed code newly ask where it runs? Code that can tell the sandbox from the world can be right in the one
 * and something else in the other, and no gate that runs it can see that. Found in the syntax tree, counted over all
 * changed files: what only moves is not new.
 */
import ts from 'typescript';

/** What is newly asked, with the place of its first occurrence in the candidate. */
export interface Question {
  /** "process.env", "import node:fs", "eval". */
  readonly what: string;
  readonly place: string;
  /** It names our own harness: nobody has an honest reason to. */
  readonly harness: boolean;
}

/** One side of a changed file; null where it does not exist. */
export interface ChangedText {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Modules of the platform that reach outside of the program. */
const outward = new Set(
  (
    'child_process cluster dgram dns fs fs/promises http http2 https inspector net os process tls v8 vm wasi ' +
    'worker_threads'
  ).split(' '),
);
const ownMarks = /\bRATCHET_[A-Z]|^\/harness\/\w|^\/out\/(?:results|executed|profiles|tap)\b/;
const systemPath = /^\/(?:proc|sys)\//;
const globalNames = new Set(['globalThis', 'global', 'window', 'self']);
/** Members of `process` that every program may use. */
const harmless = new Set(['nextTick', 'emitWarning', 'stdout', 'stderr', 'on', 'once', 'off', 'emit']);
/** Globals that can answer where a program runs, or make code that asks. */
const watched = new Set(['process', 'eval', 'Function', 'Error', 'require']);
const stackMembers = new Set(['captureStackTrace', 'prepareStackTrace', 'stackTraceLimit']);

type Note = (what: string, node: ts.Node, harness?: boolean) => void;

function noteModule(name: string, node: ts.Node, note: Note): void {
  const plain = name.replace(/^node:/, '');
  if (outward.has(plain)) note(`import ${plain}`, node);
}

function noteText(text: string, node: ts.Node, note: Note): void {
  if (ownMarks.test(text)) note(`the harness (${text.slice(0, 60)})`, node, true);
  else if (systemPath.test(text)) note(`the path ${text.slice(0, 60)}`, node);
}

/** Is this identifier a use of a global, not a name given to something or a member of something else? */
function isFree(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent)) return parent.name !== node;
  return !ts.isTypeNode(parent) && !ts.isQualifiedName(parent);
}

function noteIdentifier(node: ts.Identifier, note: Note): void {
  // What the file declares under that name is its own affair; a global comes in by other ways, seen below.
  if (!isFree(node) || declares(node.getSourceFile(), node.text)) return;
  const { parent } = node;
  const member =
    ts.isPropertyAccessExpression(parent) && parent.expression === node ? parent.name.text : null;
  if (node.text === 'process' && !(member !== null && harmless.has(member)))
    note(`process.${member ?? '…'}`, node);
  if (node.text === 'Error' && member !== null && stackMembers.has(member)) note(`Error.${member}`, node);
  if (node.text === 'eval' || (node.text === 'Function' && isCalled(node))) note(node.text, node);
}

/** Does the file declare this name anywhere (variable, parameter, function, import)? */
function declares(file: ts.SourceFile, name: string): boolean {
  const search = (node: ts.Node): boolean => {
    const { name: own } = node as { readonly name?: ts.Node };
    const isMember = ts.isPropertyAccessExpression(node) || ts.isClassElement(node) || ts.isTypeElement(node);
    if (!isMember && !ts.isPropertyAssignment(node) && own !== undefined && ts.isIdentifier(own)) {
      if (own.text === name) return true;
    }
    return ts.forEachChild(node, search) === true;
  };
  return watched.has(name) && search(file);
}

/** `globalThis.process`, `globalThis['pro' + 'cess']`. */
function noteGlobal(node: ts.PropertyAccessExpression | ts.ElementAccessExpression, note: Note): void {
  if (!ts.isIdentifier(node.expression) || !globalNames.has(node.expression.text)) return;
  if (ts.isPropertyAccessExpression(node)) {
    if (watched.has(node.name.text)) note(`${node.expression.text}.${node.name.text}`, node);
  } else if (!ts.isStringLiteralLike(node.argumentExpression)) note('a global whose name is computed', node);
  else if (watched.has(node.argumentExpression.text)) {
    note(`${node.expression.text}.${node.argumentExpression.text}`, node);
  }
}

function isCalled(node: ts.Node): boolean {
  const { parent } = node;
  return (ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression === node;
}

function visit(node: ts.Node, note: Note): void {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    if (moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier)) {
      noteModule(moduleSpecifier.text, node, note);
    }
    return;
  }
  if (ts.isCallExpression(node)) {
    const [given] = node.arguments;
    const loads =
      node.expression.kind === ts.SyntaxKind.ImportKeyword ||
      (ts.isIdentifier(node.expression) && node.expression.text === 'require');
    if (loads && given !== undefined && ts.isStringLiteralLike(given)) noteModule(given.text, node, note);
    else if (loads) note('a module whose name is computed', node);
  }
  if (ts.isMetaProperty(node)) note('import.meta', node);
  if (ts.isIdentifier(node)) noteIdentifier(node, note);
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) noteGlobal(node, note);
  if (ts.isStringLiteralLike(node)) noteText(node.text, node, note);
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'stack') note('.stack', node);
  if (ts.isPropertyAccessExpression(node) && node.name.text.startsWith('RATCHET_')) {
    noteText(node.name.text, node, note);
  }
  ts.forEachChild(node, (child) => visit(child, note));
}

function questionsIn(path: string, text: string | null): Question[] {
  if (text === null) return [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Question[] = [];
  visit(file, (what, node, harness = false) => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    found.push({ what, place: `${path}:${line}`, harness });
  });
  return found;
}

/** Questions of the candidate beyond those of the base, by what is asked. Pure. */
export function newQuestions(files: readonly ChangedText[]): Question[] {
  const left = new Map<string, number>();
  for (const { path, before } of files) {
    for (const { what } of questionsIn(path, before)) left.set(what, (left.get(what) ?? 0) + 1);
  }
  return files
    .flatMap(({ path, after }) => questionsIn(path, after))
    .filter(({ what }) => {
      const known = left.get(what) ?? 0;
      left.set(what, known - 1);
      return known <= 0;
    });
}
