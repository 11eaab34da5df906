/**
 * The cheap gates: what a model wrote, read as data. It is parsed, compared with the declaration that it stands for,
 * and its body is put between the file's own header and end. Nothing of it is run here.
 */
import ts from 'typescript';
import { callableOf, nameOf, parseFile, type DeclarationPlace, type Holder } from './find-declaration.js';
import { compareHeaders } from './compare-headers.js';
import { checkContent } from './check-content.js';
import { fitBody } from './fit-body.js';
import { normalForm } from './names.js';
import type { AttemptEnd } from './types.js';

/** A text that may go to the gates, or where it ended. */
export type Reading =
  | {
      readonly kind: 'change';
      readonly after: string;
      readonly form: string;
      readonly mended: readonly string[];
    }
  | { readonly kind: 'end'; readonly end: AttemptEnd; readonly detail: string };

export interface ReadRequest {
  readonly code: string;
  readonly path: string;
  /** The whole file as it is. */
  readonly text: string;
  readonly place: DeclarationPlace;
  /** Rules by which a text tries to give orders. */
  readonly ordersIn: (text: string) => readonly string[];
}

const charactersMax = 20_000;
const linesMax = 400;

/** Ranges of code points without a place in code: controls, soft hyphen, zero-width, bidi, variation selectors, tags. */
const hiddenRanges: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x08],
  [0x0b, 0x0c],
  [0x0e, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe01ef],
];

function hiddenPoint(text: string): number | null {
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (hiddenRanges.some(([from, to]) => point >= from && point <= to)) return point;
  }
  return null;
}

export const end = (name: AttemptEnd, detail: string): Extract<Reading, { kind: 'end' }> => ({
  kind: 'end',
  end: name,
  detail: detail.slice(0, 600),
});

/** Reads one answer against the declaration that it was asked for. */
export function readAnswer(request: ReadRequest): Reading {
  const { code: given, path, text, place } = request;
  if (given.trim() === '') return end('no-answer', 'The answer holds no code.');
  if (given.length > charactersMax || given.split('\n').length > linesMax)
    return end('too-long', `The answer has ${given.length} characters; ${charactersMax} are allowed.`);
  const odd = hiddenPoint(given);
  if (odd !== null) {
    const point = odd.toString(16).toUpperCase().padStart(4, '0');
    return end('hidden-characters', `The answer holds the hidden character U+${point}.`);
  }
  const code = withoutFence(given);
  const wrapped = wrap(code, place);
  const broken = syntaxError(path, wrapped);
  if (broken !== null) return end('does-not-parse', broken);
  const found = findAnswer(parseFile(path, wrapped), place);
  if ('end' in found) return found;
  const callable = callableOf(found.holder);
  const original = callableOf(place.holder);
  if (callable === null || original === null)
    return end('other-declaration', `\`${place.name}\` has no body in the answer.`);
  const header = compareHeaders(place.holder, found.holder);
  if ('end' in header) return end(header.end, header.detail);
  const content = checkContent({
    callable,
    original,
    file: place.holder.getSourceFile(),
    code,
    ordersIn: request.ordersIn,
  });
  if ('end' in content) return end(content.end, content.detail);
  const form = normalForm(callable.body);
  if (form === normalForm(original.body)) return end('unchanged', 'The answer is the function as it is.');
  const body = fitBody({ body: callable.body, original: original.body, text, at: place.start });
  const lead = text.slice(0, place.body.start);
  const isNowBlock = body.text.startsWith('{') && !ts.isBlock(original.body);
  const after = (isNowBlock ? `${lead.trimEnd()} ` : lead) + body.text + text.slice(place.body.end);
  const spoilt = syntaxError(path, after);
  if (spoilt !== null && syntaxError(path, text) === null) return end('does-not-parse', spoilt);
  return { kind: 'change', after, form, mended: [...header.mended, ...body.mended] };
}

/** Small models put a fence around code even inside JSON. */
function withoutFence(code: string): string {
  const fences = [...code.matchAll(/```[a-z]*[ \t]*\r?\n([\s\S]*?)```/g)];
  const [only] = fences;
  return fences.length === 1 && only !== undefined ? (only[1] ?? '') : code;
}

function wrap(code: string, place: DeclarationPlace): string {
  const bare = code.trim();
  if (place.wrap === 'member') return `class Wrapped {\n${bare}\n}`;
  if (place.wrap === 'property') return `({\n${bare.replace(/,$/, '')}\n});`;
  return bare;
}

/** The first syntax error with its line, or null. */
function syntaxError(path: string, text: string): string | null {
  const { diagnostics = [] } = ts.transpileModule(text, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, allowJs: true, isolatedModules: false },
  });
  const [first] = diagnostics.filter(({ code }) => code < 2_000 || code >= 8_000);
  if (first === undefined) return null;
  const line = text.slice(0, first.start ?? 0).split('\n').length;
  return `Line ${line}: ${ts.flattenDiagnosticMessageText(first.messageText, ' ')}`;
}

type Found = { readonly holder: Holder } | Extract<Reading, { kind: 'end' }>;

/** The declaration among what the answer holds. */
function findAnswer(file: ts.SourceFile, place: DeclarationPlace): Found {
  const nodes = membersOf(file, place);
  const imports = nodes.find(
    (node) => ts.isImportDeclaration(node) || ts.isImportEqualsDeclaration(node) || isRequire(node),
  );
  if (imports !== undefined) return end('new-import', `It imports: ${imports.getText().slice(0, 120)}`);
  const named = nodes.filter((node) => nameOf(node) !== null || ts.isVariableStatement(node));
  const same = named.filter((node) => nameOf(node) === place.name && node.kind === place.holder.kind);
  const [only, second] = same;
  if (only === undefined) return otherwise(named, place);
  if (second !== undefined || nodes.length > 1)
    return end(
      'several-declarations',
      `It holds ${nodes.length} statements; wanted is \`${place.name}\` alone, with helpers inside of it.`,
    );
  return { holder: only as Holder };
}

function otherwise(named: readonly ts.Node[], place: DeclarationPlace): Extract<Reading, { kind: 'end' }> {
  const names = named.map((node) => nameOf(node)).filter((name) => name !== null);
  if (names.includes(place.name))
    return end('changed-signature', `\`${place.name}\` is another kind of declaration in the answer.`);
  const told = names.length === 0 ? 'no declaration' : `\`${names.slice(0, 3).join('`, `')}\``;
  return end('other-declaration', `It declares ${told} instead of \`${place.name}\`.`);
}

/** Only in the wrapping that was made here: an answer that closes it by itself does not reach outside. */
function membersOf(file: ts.SourceFile, place: DeclarationPlace): readonly ts.Node[] {
  const [first, ...rest] = file.statements;
  if (place.wrap === 'member' && first !== undefined && ts.isClassDeclaration(first))
    return [...first.members.filter((one) => !ts.isSemicolonClassElement(one)), ...rest];
  if (place.wrap === 'property' && first !== undefined && ts.isExpressionStatement(first)) {
    const inner = ts.isParenthesizedExpression(first.expression) ? first.expression.expression : first;
    if (ts.isObjectLiteralExpression(inner)) return [...inner.properties, ...rest];
  }
  return file.statements.filter((one) => one.kind !== ts.SyntaxKind.EmptyStatement);
}

function isRequire(node: ts.Node): boolean {
  return ts.isVariableStatement(node) && /=\s*require\s*\(/.test(node.getText());
}
