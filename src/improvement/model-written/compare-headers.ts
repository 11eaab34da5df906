/** Has the answer the same signature? The file's own header is kept in any case; a header that says otherwise is refused. */
import ts from 'typescript';
import { callableOf, type Callable, type Holder } from './find-declaration.js';
import type { AttemptEnd } from './types.js';

type Header =
  | { readonly mended: readonly string[] }
  | { readonly end: Extract<AttemptEnd, 'changed-signature' | 'changed-export'>; readonly detail: string };

const tight = (node: ts.Node | undefined): string =>
  node === undefined ? '' : node.getText().replaceAll(/\s+|;(?=\s*\})|,(?=\s*[})\]])/g, '');

/** What is left out of the answer's header is no change; what is said otherwise is one. */
export function compareHeaders(original: Holder, answer: Holder): Header {
  const [before, after] = [callableOf(original), callableOf(answer)];
  if (before === null || after === null) return changed('it has no body');
  const mended: string[] = [];
  const exported = exportOf(original);
  const said = exportOf(answer);
  if (said !== exported && said !== '')
    return { end: 'changed-export', detail: `It is exported as "${said}", not as "${exported}".` };
  if (said !== exported) mended.push('export put back');
  const kinds = before.kind !== after.kind;
  if (kinds) return changed('another kind of function');
  if (asyncOf(before) !== asyncOf(after)) return changed('async');
  if (isGenerator(before) !== isGenerator(after)) return changed('generator');
  const parameters = compareParameters(before, after);
  if (typeof parameters === 'string') return changed(parameters);
  if (after.type !== undefined && tight(after.type) !== tight(before.type)) {
    if (before.type !== undefined) return changed(`returns ${after.type.getText()}`);
    mended.push('return type left as it was');
  }
  if (after.type === undefined && before.type !== undefined) mended.push('return type put back');
  const types = after.typeParameters?.map(tight).join() ?? '';
  if (types !== '' && types !== (before.typeParameters?.map(tight).join() ?? ''))
    return changed(`type parameters <${types}>`);
  return { mended: parameters ? [...mended, 'types of parameters put back'] : mended };
}

const changed = (what: string): Header => ({
  end: 'changed-signature',
  detail: `The signature must stay as it is; changed: ${what.slice(0, 200)}.`,
});

/** True when annotations were left out; a reason when something is said otherwise. */
function compareParameters(before: Callable, after: Callable): boolean | string {
  if (before.parameters.length !== after.parameters.length)
    return `${after.parameters.length} parameters instead of ${before.parameters.length}`;
  let isShort = false;
  for (const [index, own] of before.parameters.entries()) {
    const said = after.parameters[index];
    if (said === undefined) return 'a parameter is missing';
    if (tight(own.name) !== tight(said.name))
      return `parameter ${said.name.getText()} instead of ${own.name.getText()}`;
    if ((own.dotDotDotToken === undefined) !== (said.dotDotDotToken === undefined)) return 'rest parameter';
    if (tight(own.initializer) !== tight(said.initializer)) return `default of ${own.name.getText()}`;
    if (said.type !== undefined && own.type !== undefined && tight(own.type) !== tight(said.type))
      return `type of ${own.name.getText()}: ${said.type.getText()}`;
    isShort ||= own.type !== undefined && said.type === undefined;
  }
  return isShort;
}

function exportOf(node: Holder): string {
  if (!ts.canHaveModifiers(node)) return '';
  const words = (ts.getModifiers(node) ?? []).map(({ kind }) => kind);
  const isExported = words.includes(ts.SyntaxKind.ExportKeyword);
  if (!isExported) return '';
  return words.includes(ts.SyntaxKind.DefaultKeyword) ? 'export default' : 'export';
}

function asyncOf(node: Callable): boolean {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
}

const isGenerator = (node: Callable): boolean => 'asteriskToken' in node && node.asteriskToken !== undefined;
