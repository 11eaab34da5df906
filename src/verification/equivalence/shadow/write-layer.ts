/** Changed files of the base with recorder and both bodies in them, beside the runtime: a layer over the base tree. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrialContext } from '../../types.js';
import { instrument as withProbes } from '../../coverage/instrument.js';
import type { Point } from '../../coverage/find-points.js';
import type { FileChange } from '../changes.js';
import type { Declaration } from '../declarations.js';
import { declarationsOf } from '../declarations.js';
import { hiddenFields } from '../find-targets.js';
import type { Recorded } from '../instrument.js';
import { recordingOf } from '../instrument.js';
import type { Reach } from '../reach.js';
import { alignScopes } from './align-scopes.js';
import type { Role } from './choose-roles.js';
import { chooseRoles, usesThis } from './choose-roles.js';
import type { Weft } from './weave.js';
import { weave } from './weave.js';

/** One instrumented function, as the runtime knows it; its place in the list is its id. */
export interface ShadowFunction {
  readonly file: string;
  readonly name: string;
  /** Changed: takes the new body in runs of the candidate. */
  readonly dispatch: boolean;
  readonly entry: boolean;
  readonly blocked: string | null;
  readonly typed: boolean;
  readonly usesThis: boolean;
  /** Ids of the changed functions for whose sake shadow calls begin here; they come first. */
  readonly serves: readonly number[];
  readonly hidden: readonly string[];
}

export interface Layer {
  readonly directory: string;
  readonly functions: readonly ShadowFunction[];
  /** Coverage points of the candidate, by number of the file in reports. */
  readonly points: readonly { readonly file: string; readonly points: readonly Point[] }[];
}

/** Times of the shadow runs. */
export interface Budget {
  /** For all processes of the suite together. */
  readonly budgetMs: number;
  /** What a process may spend even when others have spent it all. */
  readonly shareMs: number;
  readonly callBudgetMs: number;
}

const runtime = ['', '-compare', '-run', '-copy', '-derive', '-print', '-log', '-find'].map(
  (part) => `shadow${part}.cjs`,
);
const harness = (name: string): string => fileURLToPath(new URL(`../harness/${name}`, import.meta.url));
const outputDirectory = '/out/shadow';
export const runtimeDirectory = '.ratchet-shadow';

function functionOf(
  change: FileChange,
  role: Role,
  idOf: (declaration: Declaration) => number,
): ShadowFunction {
  const { before, after } = role;
  const owners = [before.owner?.node, after?.owner?.node];
  return {
    file: change.file,
    name: before.name,
    dispatch: after !== null && role.blocked === null,
    entry: role.entry,
    blocked: role.blocked,
    typed: /\.[cm]?tsx?$/.test(change.file),
    usesThis: before.owner !== null || usesThis(before.node) || (after !== null && usesThis(after.node)),
    serves: role.serves.map(idOf),
    hidden: [...new Set(owners.flatMap((owner) => hiddenFields(owner)))],
  };
}

/** Recorder and shadow calls of one file. */
function wefts(recorded: readonly Recorded[], roles: readonly Role[], firstId: number): Weft[] {
  const declarations = new Set([
    ...recorded.map((one) => one.declaration),
    ...roles.map((role) => role.before),
  ]);
  return [...declarations].map((declaration) => {
    const calls = recorded.filter((one) => one.declaration === declaration).map(recordingOf);
    const at = roles.findIndex((role) => role.before === declaration);
    const role = roles[at];
    return {
      declaration,
      record: (self, args) => calls.map((call) => call(self, args)).join(''),
      shadow: role === undefined ? null : { id: firstId + at, role },
    };
  });
}

/** After a first line that the system reads and before everything else: type checks inside the suite look away. */
function finished(text: string, tail: string): string {
  const shebang = /^#![^\n]*\n/.exec(text)?.[0] ?? '';
  return `${shebang}// @ts-nocheck\n${text.slice(shebang.length)}\n;${tail}`;
}

/**
 * @param recorded what the recorder wants to see, per file
 * @param budget null = only the recorder
 */
export async function writeLayer(
  context: Pick<TrialContext, 'candidateTree' | 'patch'>,
  directory: string,
  found: Reach,
  recorded: ReadonlyMap<string, readonly Recorded[]>,
  budget: Budget | null,
): Promise<Layer> {
  const head = await readFile(harness('recorder.cjs'), 'utf8');
  const tail = head.slice(head.indexOf('function __ratchetState'));
  const functions: ShadowFunction[] = [];
  const points: { file: string; points: readonly Point[] }[] = [];
  for (const change of found.changes) {
    const own = recorded.get(change.file) ?? [];
    const roles: Role[] = [];
    let additions: Parameters<typeof weave>[2] = [];
    let renames: ReadonlyMap<string, string> = new Map();
    if (budget !== null) {
      const lines = found.changedLines.get(change.file) ?? new Set<number>();
      const text = change.after.sourceFile.text;
      const probed = withProbes(change.file, text, lines, points.length, '/out/executed');
      points.push({ file: change.file, points: probed.points });
      const woven = declarationsOf(change.file, probed.text);
      const helper = woven.sourceFile.statements.filter((s) =>
        s.getText().startsWith('function __ratchetSeen'),
      );
      const alignment = alignScopes(change, woven);
      roles.push(...chooseRoles(change, woven, alignment));
      additions = [
        ...alignment.additions,
        ...helper.map((s) => ({ at: change.before.sourceFile.end, text: `\n;${s.getText()}\n` })),
      ];
      renames = alignment.renames;
    }
    if (own.length === 0 && roles.length === 0) continue;
    const text = weave(
      change.before.sourceFile,
      wefts(own, roles, functions.length),
      roles.length === 0 ? [] : additions,
      renames,
    );
    const first = functions.length;
    const idOf = (of: Declaration): number => first + roles.findIndex((role) => role.before === of);
    functions.push(...roles.map((role) => functionOf(change, role, idOf)));
    await mkdir(dirname(join(directory, change.file)), { recursive: true });
    await writeFile(join(directory, change.file), finished(text, tail));
  }
  if (budget !== null && functions.length > 0)
    await writeRuntime(context, directory, { ...budget, output: outputDirectory, functions });
  return { directory, functions, points };
}

async function writeRuntime(
  context: Pick<TrialContext, 'candidateTree' | 'patch'>,
  directory: string,
  plan: object,
): Promise<void> {
  const place = join(directory, runtimeDirectory);
  await mkdir(place, { recursive: true });
  for (const name of [...runtime, 'dump.cjs']) await copyFile(harness(name), join(place, name));
  await writeFile(join(place, 'plan.json'), JSON.stringify(plan));
  // Files that the candidate adds are there when its bodies ask for them.
  for (const { path, before, after } of context.patch.files) {
    if (before !== null || after === null) continue;
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await copyFile(join(context.candidateTree, path), join(directory, path));
  }
}
