/** Which source files a tree has: `.gitignore` honoured, symbolic links not followed, vendored code left out. */
import { readdirSync, readFileSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import createIgnore, { type Ignore } from 'ignore';
import picomatch from 'picomatch';

export interface Skipped {
  readonly file: string;
  readonly reason: string;
}
export interface Collected {
  /** Source files relative to the root, `/` separated, sorted. */
  readonly sources: readonly string[];
  /** Declaration files and configurations that types depend on. */
  readonly declarations: readonly string[];
  readonly configs: readonly string[];
  readonly skipped: readonly Skipped[];
}
export interface CollectOptions {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

const source = /\.[cm]?[jt]sx?$/;
const declaration = /\.d\.([cm]?ts|[^.]+\.ts)$/;
const config = /^(?:[jt]sconfig.*\.json|package\.json)$/;
const never = new Set(['node_modules', '.git', '.hg', '.svn', '.yarn', '.cache']);
const foreign = new Map([
  ['vendor', 'vendored code'],
  ['vendored', 'vendored code'],
  ['third_party', 'vendored code'],
  ['third-party', 'vendored code'],
  ['bower_components', 'vendored code'],
  ['dist', 'build output'],
  ['coverage', 'build output'],
]);
/** Deeper trees are not source code; also the bound of the walk. */
const depthMax = 64;
export const filesMax = 250_000;

interface Layer {
  readonly prefix: string;
  readonly rules: Ignore;
}

/** Walks the tree once, synchronously (a stat-free readdir walk: about 100,000 entries a second). */
export function collectFiles(root: string, options: CollectOptions = {}): Collected {
  const sources: string[] = [];
  const declarations: string[] = [];
  const configs: string[] = [];
  const skipped: Skipped[] = [];
  const included = options.include?.length ? picomatch([...options.include]) : null;
  const excluded = options.exclude?.length ? picomatch([...options.exclude], { dot: true }) : null;
  const add = (file: string, name: string): void => {
    if (config.test(name)) configs.push(file);
    if (!source.test(name)) return;
    if (declaration.test(name)) declarations.push(file);
    else if ((included !== null && !included(file)) || excluded?.(file) === true) return;
    else if (sources.length >= filesMax) skipped.push({ file, reason: `more than ${filesMax} files` });
    else sources.push(file);
  };
  const walk = (directory: string, layers: readonly Layer[], depth: number): void => {
    const entries = list(join(root, directory), directory, skipped);
    const own = entries.some((entry) => entry.name === '.gitignore' && entry.isFile())
      ? [...layers, layerOf(root, directory)]
      : layers;
    for (const entry of entries) {
      const file = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) {
        if (never.has(entry.name) || depth >= depthMax || isIgnored(`${file}/`, own)) continue;
        const reason = foreign.get(entry.name);
        if (reason !== undefined) skipped.push({ file: `${file}/`, reason });
        else walk(file, own, depth + 1);
      } else if (entry.isFile() && !isIgnored(file, own)) add(file, entry.name);
    }
  };
  walk('', [], 0);
  return {
    sources: sources.toSorted(),
    declarations: declarations.toSorted(),
    configs: configs.toSorted(),
    skipped,
  };
}

function list(path: string, name: string, skipped: Skipped[]): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    // An unreadable directory is reported, the rest is analysed.
    skipped.push({ file: `${name}/`, reason: error instanceof Error ? error.message : String(error) });
    return [];
  }
}

function layerOf(root: string, directory: string): Layer {
  const text = readFileSync(join(root, directory, '.gitignore'), 'utf8');
  return { prefix: directory === '' ? '' : `${directory}/`, rules: createIgnore().add(text) };
}

/** The deepest `.gitignore` that says anything about the path decides, as in git. */
function isIgnored(path: string, layers: readonly Layer[]): boolean {
  for (const layer of layers.toReversed()) {
    const answer = layer.rules.test(path.slice(layer.prefix.length));
    if (answer.ignored) return true;
    if (answer.unignored) return false;
  }
  return false;
}
