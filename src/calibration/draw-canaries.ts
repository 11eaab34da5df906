/** Draws canaries: one positive per site, and traps of all kinds in turn, many of them behind a real gain. */
import { canonicalJson, sha256 } from '../canonical.js';
import { executedShare, plantedFiles, type Executed, type Site } from './choose-sites.js';
import { applyEdits, type CodeFunction } from './functions.js';
import { changeClassOf } from './policy.js';
import type { Random } from './random.js';
import { parsesCleanly } from './syntax.js';
import {
  faults,
  treeFaults,
  worthless,
  type FaultMaker,
  type TreeFaultMaker,
  type TreeView,
} from './traps/index.js';
import type { Canary, TextEdit } from './types.js';

/** One file's content before and after; null = it does not exist. */
export interface Versions {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface DrawRequest {
  readonly repositoryId: string;
  readonly base: string;
  readonly tree: TreeView;
  readonly sites: readonly Site[];
  readonly functions: readonly CodeFunction[];
  readonly executed: Executed;
  readonly positives: number;
  readonly traps: number;
  readonly random: Random;
  /** The diff of these versions, or null when no honest tool would make it. */
  readonly diffOf: (versions: readonly Versions[]) => string | null;
}

interface Draft extends Pick<Canary, 'role' | 'kind' | 'file' | 'declaration' | 'what' | 'tempting'> {
  readonly versions: readonly Versions[];
  readonly diff?: string;
  /** Where the fault stands: the same one with another number in it says nothing new. */
  readonly place: string;
}

/** A trap stands where the suite looks at least half of the time. */
const executedMin = 0.5;
/** Functions that are asked before a kind is given up for this turn. */
const triesMax = 60;
/** Of traps that can, so many hide behind a real gain. */
const temptingShare = 0.75;

/** The file as the gates get it, and with other edits in one of its functions. */
function versionsOf(
  { sites }: DrawRequest,
  fn: CodeFunction,
  edits: readonly TextEdit[],
  restored: Site | null,
): Versions | null {
  const own = sites.filter((site) => site.fn.file === fn.file);
  const text = fn.source.text;
  const before = applyEdits(
    text,
    own.flatMap((site) => site.edits),
  );
  const others = own.filter((site) => site !== restored).flatMap((site) => site.edits);
  const after = applyEdits(text, [...others, ...edits]);
  return after === before || !parsesCleanly(fn.file, after) ? null : { path: fn.file, before, after };
}

function positiveOf(request: DrawRequest, site: Site): Draft | null {
  const { fn, slowDown } = site;
  const versions = versionsOf(request, fn, [], site);
  if (versions === null) return null;
  return {
    role: 'positive',
    kind: slowDown.kind,
    file: fn.file,
    declaration: fn.name,
    what: slowDown.what,
    tempting: false,
    versions: [versions],
    place: '',
  };
}

function faultTrap(request: DrawRequest, maker: FaultMaker, canTempt: boolean): Draft | null {
  const { sites, functions, executed, random } = request;
  const slowed = new Map(sites.map((site) => [site.fn, site]));
  const isTempting = canTempt && random.next() < temptingShare;
  const tempting = isTempting ? random.shuffled(sites).map(({ fn }) => fn) : [];
  const plain = random
    .shuffled(functions)
    .filter((fn) => !slowed.has(fn) && executedShare(fn, executed) >= executedMin);
  for (const fn of [...tempting.slice(0, triesMax), ...plain.slice(0, triesMax)]) {
    const fault = maker.plant(fn, random);
    if (fault === null) continue;
    const site = slowed.get(fn) ?? null;
    const versions = versionsOf(request, fn, fault.edits, site);
    if (versions === null) continue;
    const { file, name: declaration } = fn;
    const { what } = fault;
    const { kind } = maker;
    const place = [fn.start, ...fault.edits.map(({ start }) => start)].join(' ');
    const shown = { kind, file, declaration, what, tempting: site !== null };
    return { role: 'trap', ...shown, versions: [versions], place };
  }
  return null;
}

function treeTrap(request: DrawRequest, maker: TreeFaultMaker): Draft | null {
  const { tree, sites, random } = request;
  const fault = maker.plant(tree, random);
  if (fault === null) return null;
  const [site] = random.shuffled(sites);
  const gain = site === undefined ? null : versionsOf(request, site.fn, [], site);
  const files = Object.entries(fault.files ?? {});
  const changed = files.map(([path, after]) => ({ path, before: tree.read(path), after }));
  return {
    role: 'trap',
    kind: maker.kind,
    file: files[0]?.[0] ?? site?.fn.file ?? '',
    declaration: site?.fn.name ?? '',
    what: fault.what,
    tempting: gain !== null,
    versions: [...(gain === null ? [] : [gain]), ...changed],
    // The same change beside another gain says nothing new.
    place: [fault.what, fault.diff ?? '', ...files.map(([, text]) => text)].join(' '),
    ...(fault.diff === undefined ? {} : { diff: fault.diff }),
  };
}

/** Added and removed lines of a diff, spread over its files: only their sum is looked at. */
function countLines(diff: string, files: number): { addedLines: number; removedLines: number } {
  const lines = diff.split('\n');
  const count = (mark: string): number =>
    lines.filter((line) => line.startsWith(mark) && !line.startsWith(mark.repeat(3))).length;
  return { addedLines: count('+') / files, removedLines: count('-') / files };
}

function canaryOf(request: DrawRequest, draft: Draft): Canary | null {
  const { versions, diff: more = '', place: _, ...known } = draft;
  const made = versions.length === 0 ? '' : request.diffOf(versions);
  if (made === null) return null;
  const diff = made + more;
  if (diff === '') return null;
  const files = versions.map(({ path }) => ({ path, ...countLines(made, versions.length) }));
  // What only a diff written by hand can do reaches anywhere.
  const changeClass = more === '' ? changeClassOf(files, true) : 'beyond-source';
  const { repositoryId, base } = request;
  const id = sha256(canonicalJson({ repositoryId, base, role: known.role, kind: known.kind, diff }));
  return { ...known, id, diff, changeClass };
}

/** Turns without a new trap after which no more are to be had. */
const idleTurnsMax = 4;

function drawTraps(request: DrawRequest): Canary[] {
  const { random, traps } = request;
  const makers = random.shuffled<() => Draft | null>([
    ...faults.map((maker) => () => faultTrap(request, maker, true)),
    ...worthless.map((maker) => () => faultTrap(request, maker, false)),
    ...treeFaults.map((maker) => () => treeTrap(request, maker)),
  ]);
  const found = new Map<string, Canary>();
  const places = new Set<string>();
  for (let idle = 0; idle < idleTurnsMax && found.size < traps; idle += 1) {
    for (const make of makers) {
      const draft = found.size < traps ? make() : null;
      const canary = draft === null ? null : canaryOf(request, draft);
      if (draft === null || canary === null || found.has(canary.id)) continue;
      const place = `${draft.kind} ${draft.file} ${draft.place}`;
      if (draft.place !== '' && places.has(place)) continue;
      places.add(place);
      found.set(canary.id, canary);
      idle = -1;
    }
  }
  return [...found.values()];
}

/** All canaries of a plan, mixed, so that their order says nothing. */
export function drawCanaries(request: DrawRequest): readonly Canary[] {
  const positives = request.sites.slice(0, request.positives).flatMap((site) => {
    const draft = positiveOf(request, site);
    const canary = draft === null ? null : canaryOf(request, draft);
    return canary === null ? [] : [canary];
  });
  return request.random.shuffled([...positives, ...drawTraps(request)]);
}

/** Text of the files that the canaries are tried on. */
export const slowedFiles = plantedFiles;
