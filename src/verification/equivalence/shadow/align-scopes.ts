/**
 * Two versions of a file → what has to be put into the base so that both worlds live side by side: helpers, constants
 * and imports that the candidate adds go in as they are; what it changes goes in under another name.
 */
import ts from 'typescript';
import { ownTokens } from '../changes.js';
import type { FileChange } from '../changes.js';
import type { FileDeclarations } from '../declarations.js';
import { boundBy, importNames, refersTo, renamedText, writtenIn } from './names.js';
import { assignedTo, classesOf, literalOf, loadBody, shortText, withoutProbes } from './statements.js';

/** A text to be put into the base; `rank` orders texts at one place. */
export interface Addition {
  readonly at: number;
  readonly text: string;
}

export interface Alignment {
  readonly additions: readonly Addition[];
  /** Names of the candidate's world that mean something else than the base's. */
  readonly renames: ReadonlyMap<string, string>;
  /** Names whose content is changed while the code runs and that cannot be kept apart, with the reason. */
  readonly shared: ReadonlyMap<string, string>;
  /** Why the candidate's world cannot be built in this file; null = it can. */
  readonly blocked: string | null;
}

interface Lists {
  readonly before: readonly ts.Statement[];
  readonly after: readonly ts.Statement[];
  /** As `after`, with probes in it. */
  readonly woven: readonly ts.Statement[];
  /** Where the base's list begins and ends in its text. */
  readonly start: number;
}

function innerLists(before: ts.Node, after: ts.Node, woven: ts.Node): Lists | null {
  const isNamespace =
    ts.isModuleDeclaration(before) && ts.isModuleDeclaration(after) && ts.isModuleDeclaration(woven);
  const pick = (node: ts.Node): ts.Block | ts.ModuleBlock | null => {
    if (!ts.isModuleDeclaration(node)) return loadBody(node);
    return node.body !== undefined && ts.isModuleBlock(node.body) ? node.body : null;
  };
  if (isNamespace && before.name.text !== after.name.text) return null;
  const [a, b, c] = [pick(before), pick(after), pick(woven)];
  if (a === null || b === null || c === null) return null;
  return {
    before: a.statements,
    after: b.statements,
    woven: withoutProbes(c.statements),
    start: a.getStart() + 1,
  };
}

class Aligner {
  readonly additions: Addition[] = [];
  readonly renames = new Map<string, string>();
  readonly shared = new Map<string, string>();
  blocked: string | null = null;
  private readonly later: (() => void)[] = [];
  private readonly before: ReadonlySet<ts.Node>;
  private readonly after: ReadonlySet<ts.Node>;

  constructor(
    private readonly change: FileChange,
    private readonly woven: FileDeclarations,
  ) {
    this.before = new Set(change.before.declarations.map((d): ts.Node => d.node));
    this.after = new Set(change.after.declarations.map((d): ts.Node => d.node));
  }

  run(): void {
    const { before, after } = this.change;
    this.list({
      before: before.sourceFile.statements,
      after: after.sourceFile.statements,
      woven: withoutProbes(this.woven.sourceFile.statements),
      start: /^#![^\n]*\n/.exec(before.sourceFile.text)?.[0].length ?? 0,
    });
    this.members();
    // Texts are made when all renames are known.
    for (const make of this.later) make();
    for (const name of this.renames.keys()) this.checkState(name, 'changes');
  }

  private list(lists: Lists): void {
    if (lists.woven.length !== lists.after.length) this.block('its top level cannot be compared');
    const old = new Map(lists.before.map((statement) => [ownTokens(statement, this.before), statement]));
    const kept = new Set<ts.Statement>();
    const tokens = lists.after.map((statement) => ownTokens(statement, this.after));
    for (const text of tokens) {
      const same = old.get(text);
      if (same !== undefined) kept.add(same);
    }
    const gone = lists.before.filter((statement) => !kept.has(statement));
    let at = lists.start;
    lists.after.forEach((statement, i) => {
      const same = old.get(tokens[i] ?? '');
      const woven = lists.woven[i];
      if (same !== undefined) at = same.end;
      else if (woven !== undefined) this.differing({ statement, woven, at, gone, lists });
    });
    const unknown = gone.find((statement) => {
      const isPlain = ts.isExpressionStatement(statement) && loadBody(statement) === null;
      return isPlain && !this.understood.has(statement);
    });
    if (unknown !== undefined) this.block(`its top level no longer runs \`${shortText(unknown)}\``);
  }

  private readonly understood = new Set<ts.Node>();

  /** Methods that the candidate adds to a class of the base. */
  private members(): void {
    const old = classesOf(this.change.before.sourceFile);
    for (const [name, woven] of classesOf(this.woven.sourceFile)) {
      const before = old.get(name);
      if (before === undefined) continue;
      const known = new Set(before.members.map((member) => member.name?.getText()));
      const added = woven.members.filter(
        (member) =>
          (ts.isMethodDeclaration(member) || ts.isAccessor(member)) && !known.has(member.name.getText()),
      );
      for (const member of added) {
        const at = before.end - 1;
        this.later.push(() => this.additions.push({ at, text: `\n${renamedText(member, this.renames)}\n` }));
      }
    }
  }

  private differing(one: {
    readonly statement: ts.Statement;
    readonly woven: ts.Statement;
    readonly at: number;
    readonly gone: readonly ts.Statement[];
    readonly lists: Lists;
  }): void {
    const { statement, woven, at, gone, lists } = one;
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return;
    if (ts.isExportDeclaration(statement) || ts.isExportAssignment(statement)) return;
    if (ts.isImportDeclaration(statement)) {
      this.imports(statement, lists, at);
      return;
    }
    const known = new Set(lists.before.flatMap(boundBy).map((bound) => bound.name));
    const inner = gone.filter((other) => other.kind === statement.kind);
    for (const other of inner) {
      const nested = innerLists(other, statement, woven);
      if (nested !== null) {
        this.understood.add(other);
        this.list(nested);
        return;
      }
    }
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      // One that is on both sides is dispatched in place.
      if (statement.name !== undefined && !known.has(statement.name.text)) this.insert(at, woven);
      return;
    }
    const bound = boundBy(statement);
    if (bound.length > 0) {
      for (const { name } of bound) {
        if (known.has(name)) this.renames.set(name, `__ratchet_${name}`);
        else this.checkState(name, 'adds');
      }
      this.insert(at, woven);
      return;
    }
    this.expression(statement, woven, at, gone);
  }

  /** `exports.more = …` goes in; anything else that runs at load changes the world in ways nobody can follow. */
  private expression(
    statement: ts.Statement,
    woven: ts.Statement,
    at: number,
    gone: readonly ts.Statement[],
  ): void {
    const target = assignedTo(statement);
    if (target === null) {
      this.block(`its top level runs \`${shortText(statement)}\` in addition`);
      return;
    }
    const old = gone.find((other) => assignedTo(other) === target);
    if (old === undefined) {
      this.insert(at, woven);
      return;
    }
    this.understood.add(old);
    const [before, after] = [literalOf(old), literalOf(woven)];
    if (before === null || after === null) {
      this.block(`its top level assigns something else to ${target}`);
      return;
    }
    const names = new Set(before.properties.map((p) => p.name?.getText()));
    const added = after.properties.filter((p) => !names.has(p.name?.getText()));
    this.later.push(() => {
      const texts = added.map((p) => renamedText(p, this.renames));
      if (texts.length > 0)
        this.additions.push({ at: old.end, text: `;Object.assign(${target}, { ${texts.join(', ')} });` });
    });
  }

  private imports(statement: ts.ImportDeclaration, lists: Lists, at: number): void {
    if (statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return;
    const known = new Set(lists.before.flatMap(boundBy).map((bound) => bound.name));
    const names = importNames(statement);
    if (names.every((name) => !known.has(name))) {
      this.additions.push({ at, text: `;\n${statement.getText()}\n` });
      return;
    }
    const from = statement.moduleSpecifier.getText();
    const isSame = (name: string): boolean =>
      lists.before.some(
        (other) =>
          ts.isImportDeclaration(other) &&
          other.moduleSpecifier.getText() === from &&
          importNames(other).includes(name),
      );
    const named = statement.importClause?.namedBindings;
    const elements = named !== undefined && ts.isNamedImports(named) ? [...named.elements] : [];
    const fresh = elements.filter((element) => !known.has(element.name.text) && !element.isTypeOnly);
    if (fresh.length > 0) {
      const text = fresh.map((element) => element.getText()).join(', ');
      this.additions.push({ at, text: `;\nimport { ${text} } from ${from};\n` });
    }
    const other = names.find((name) => known.has(name) && !isSame(name));
    if (other !== undefined) this.block(`it takes ${other} from another module`);
  }

  private insert(at: number, woven: ts.Statement): void {
    this.later.push(() => this.additions.push({ at, text: `;\n${renamedText(woven, this.renames)}\n` }));
  }

  /** State that lives across calls can be kept apart only when nobody, or one function alone, writes it. */
  private checkState(name: string, verb: 'adds' | 'changes'): void {
    const { before, after } = this.change;
    const writes = (file: FileDeclarations): boolean =>
      file.declarations.some((d) => writtenIn(d.node).has(name)) ||
      file.sourceFile.statements.some((s) => !ts.isVariableStatement(s) && writtenIn(s).has(name));
    const users = after.declarations.filter(
      (d) => d.parent === null && refersTo(d.node, new Set([name])),
    ).length;
    const isState = verb === 'changes' ? writes(before) || writes(after) : writes(after) && users > 1;
    if (isState) this.shared.set(name, `the patch ${verb} the state kept in ${name}`);
  }

  private block(why: string): void {
    this.blocked ??= why;
  }
}

/** @param woven the candidate with coverage probes in it */
export function alignScopes(change: FileChange, woven: FileDeclarations): Alignment {
  const aligner = new Aligner(change, woven);
  aligner.run();
  return aligner;
}
