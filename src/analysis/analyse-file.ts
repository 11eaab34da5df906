/** One file with its syntax tree: metrics, findings and fixes. */
import { createHash } from 'node:crypto';
import ts from 'typescript';
import { declarationAround } from './metrics/names.js';
import { isSideFile, isTestFile } from './test-files.js';
import { NeedsTypes } from './oracle/scout.js';
import { measureFile } from './metrics/measure.js';
import { refer, type References } from './metrics/imports.js';
import type { LineCounts } from './metrics/lines.js';
import type { Compat } from './metrics/cognitive.js';
import { findSuppressions, type Suppression } from './suppressions/find-suppressions.js';
import type {
  ClassMetrics,
  Halstead,
  ImportEdge,
  Finding,
  FixPlan,
  Fixer,
  FunctionMetrics,
  Match,
  Rule,
  RuleContext,
  Span,
  TypeOracle,
} from './types.js';

export interface FoundFix {
  /** Index into `findings`. */
  readonly finding: number;
  readonly fix: Extract<FixPlan, { kind: 'fix' }>;
}
/** What is measured of a file beside its functions. */
export interface FileMeasures {
  readonly classes: readonly ClassMetrics[];
  readonly size: LineCounts;
  readonly halstead: Halstead;
  /** Files of the tree that it imports, each once. */
  readonly imports: readonly ImportEdge[];
  /** How many other modules it names. */
  readonly packages: number;
}
/** All that analysis knows of one file; plain data, so that it can be cached and sent between processes. */
export interface FileResult {
  readonly file: string;
  readonly lines: number;
  readonly functions: readonly FunctionMetrics[];
  /** Null when the file has syntax errors. */
  readonly measures: FileMeasures | null;
  readonly findings: readonly Finding[];
  readonly fixes: readonly FoundFix[];
  /** Comments that silence findings; applied when the report is put together. */
  readonly suppressions: readonly Suppression[];
  /** First syntax error, if any: metrics and findings of such a file are not trusted and left out. */
  readonly syntaxError: string | null;
}

export interface FileJob {
  readonly context: RuleContext;
  readonly rules: readonly Rule[];
  readonly fixers: ReadonlyMap<string, Fixer>;
  readonly compat: Compat;
  readonly syntaxErrors: readonly ts.Diagnostic[];
  /** An oracle for one proof, and afterwards the files (relative) whose declarations it was asked about. */
  readonly witness?: () => { readonly oracle: TypeOracle; readonly files: () => readonly string[] };
  /** The file of the tree that a module name of this file means; null when it is outside. */
  readonly resolve: (module: string) => string | null;
}

export function analyseFile(job: FileJob): FileResult {
  const { context } = job;
  const { sourceFile, file } = context;
  const { text } = sourceFile;
  const lines = sourceFile.getLineStarts().length - (text === '' || text.endsWith('\n') ? 1 : 0);
  const [error] = job.syntaxErrors;
  if (error !== undefined) {
    const place = sourceFile.getLineAndCharacterOfPosition(error.start ?? 0);
    const text = ts.flattenDiagnosticMessageText(error.messageText, ' ');
    const syntaxError = `syntax error at ${place.line + 1}:${place.character + 1}: ${text}`;
    return {
      file,
      lines,
      functions: [],
      measures: null,
      findings: [],
      fixes: [],
      suppressions: [],
      syntaxError,
    };
  }
  const findings: Finding[] = [];
  const fixes: FoundFix[] = [];
  const ordinals = new Map<string, number>();
  for (const match of matchesOf(context, job.rules)) {
    const plan = planFix(match, job);
    if (plan?.kind === 'fix') fixes.push({ finding: findings.length, fix: plan });
    findings.push(findingOf(match, context, plan, ordinals));
  }
  const { functions, references, ...measured } = measureFile(sourceFile, file, job.compat);
  const measures = { ...measured, ...edgesOf(references, job.resolve) };
  const suppressions = findSuppressions(sourceFile);
  return { file, lines, functions, measures, findings, fixes, suppressions, syntaxError: null };
}

function edgesOf(
  references: References,
  resolve: (module: string) => string | null,
): Pick<FileMeasures, 'imports' | 'packages'> {
  const inside: References = new Map();
  let packages = 0;
  for (const [module, kind] of references) {
    const to = resolve(module);
    if (to === null) packages += 1;
    else refer(inside, to, kind);
  }
  return { imports: [...inside].map(([to, kind]) => ({ to, kind })), packages };
}

/** All matches in source order of their nodes' visits. */
export function matchesOf(context: RuleContext, rules: readonly Rule[]): readonly Match[] {
  const byKind = rulesByKind(rules);
  const matches: Match[] = [];
  const visit = (node: ts.Node): void => {
    const interested = byKind[node.kind];
    if (interested !== undefined)
      for (const rule of interested) {
        const match = rule.match(node, context);
        if (match !== null) matches.push(match);
      }
    ts.forEachChild(node, visit);
  };
  visit(context.sourceFile);
  return matches;
}

const indexes = new WeakMap<readonly Rule[], readonly (readonly Rule[] | undefined)[]>();

/** By number of the syntax kind; made once for a list of rules. */
function rulesByKind(rules: readonly Rule[]): readonly (readonly Rule[] | undefined)[] {
  const known = indexes.get(rules);
  if (known !== undefined) return known;
  const byKind = Array.from({ length: ts.SyntaxKind.Count }, (): Rule[] | undefined => undefined);
  for (const rule of rules) for (const kind of rule.visits) (byKind[ts.SyntaxKind[kind]] ??= []).push(rule);
  indexes.set(rules, byKind);
  return byKind;
}

function planFix(match: Match, { context, fixers, witness }: FileJob): FixPlan | null {
  const fixer = fixers.get(match.rule);
  if (fixer === undefined) return null;
  if (isTestFile(context.file)) return { kind: 'noFix', reason: 'test code is protected' };
  try {
    const witnesses = witness?.();
    if (witnesses === undefined) return fixer.plan(match, context);
    const plan = fixer.plan(match, { ...context, oracle: witnesses.oracle });
    if (plan.kind === 'noFix') return plan;
    const reads = new Set([...plan.reads, ...witnesses.files()]);
    return { ...plan, reads: [...reads].filter((file) => file !== context.file).toSorted() };
  } catch (error) {
    if (error instanceof NeedsTypes) throw error;
    // One broken fixer must not end the analysis; the reason is shown with the finding.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'noFix', reason: `the fixer failed: ${reason}` };
  }
}

function findingOf(
  match: Match,
  context: RuleContext,
  plan: FixPlan | null,
  ordinals: Map<string, number>,
): Finding {
  const { sourceFile, file } = context;
  const range = [match.node.getStart(sourceFile), match.node.end] as const;
  const declaration = declarationAround(match.node);
  const text = sourceFile.text.slice(...range).replace(/\s+/g, ' ');
  const identity = [match.rule, file, declaration ?? '', text].join('\n');
  const ordinal = ordinals.get(identity) ?? 0;
  ordinals.set(identity, ordinal + 1);
  const quiet = (isTestFile(file) || isSideFile(file)) && match.severity !== 'info';
  return {
    rule: match.rule,
    file,
    span: spanOf(sourceFile, range),
    range,
    severity: quiet ? 'low' : match.severity,
    confidence: match.confidence,
    tier: plan?.kind === 'fix' ? plan.tier : null,
    title: match.title,
    effect: match.effect,
    fingerprint: createHash('sha256').update(`${identity}\n${ordinal}`).digest('hex').slice(0, 24),
    hotShare: null,
    declaration,
    noFix: plan?.kind === 'noFix' ? plan.reason : null,
  };
}

function spanOf(sourceFile: ts.SourceFile, range: readonly [number, number]): Span {
  const at = (offset: number) => {
    const { line, character } = sourceFile.getLineAndCharacterOfPosition(offset);
    // A byte order mark is no column.
    const mark = line === 0 && sourceFile.text.startsWith('\uFEFF') ? 1 : 0;
    return { line: line + 1, column: character + 1 - mark };
  };
  return { start: at(range[0]), end: at(range[1]) };
}
