/** Writes what the harness reads: the workload, and per side the entry module, compiled where it is TypeScript. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, normalize } from 'node:path';
import { RatchetError } from '../../errors.js';
import { bundleSide } from '../equivalence/index.js';
import type { Side, Workload } from './types.js';

const typescript = new Set(['.ts', '.mts', '.cts', '.tsx', '.jsx']);

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}

/** The entry's path inside the repository, with `/`. @throws RatchetError INVALID_INPUT when it leads outside. */
export function checkEntry(entry: unknown): string {
  if (typeof entry !== 'string' || entry.trim() === '') {
    throw new RatchetError('INVALID_INPUT', 'The workload does not export `entry`.', {
      mend: 'Export the path of a module of the repository, such as "src/index.ts".',
    });
  }
  const path = normalize(entry).replaceAll('\\', '/');
  if (isAbsolute(path) || path.startsWith('..') || path.split('/').includes('node_modules')) {
    throw new RatchetError('INVALID_INPUT', `The workload's entry ${entry} is not inside the repository.`, {
      where: entry,
    });
  }
  return path;
}

/** Is this file CommonJS for Node? By extension, else by the nearest package.json inside the tree. */
async function isCommonJs(tree: string, entry: string): Promise<boolean> {
  const extension = extname(entry);
  if (extension === '.cjs' || extension === '.cts') return true;
  if (extension === '.mjs' || extension === '.mts') return false;
  for (let directory = dirname(entry); ; directory = dirname(directory)) {
    const manifest = join(tree, directory, 'package.json');
    if (await exists(manifest)) {
      try {
        const parsed: unknown = JSON.parse(await readFile(manifest, 'utf8'));
        return (parsed as { readonly type?: unknown }).type !== 'module';
      } catch {
        // An unreadable manifest means Node's default.
        return true;
      }
    }
    if (directory === '.' || directory === '/') return true;
  }
}

/** Compiles one entry with everything relative that it imports; packages stay outside. */
async function bundle(tree: string, entry: string, commonJs: boolean): Promise<string> {
  const { build } = await import('esbuild');
  try {
    const result = await build({
      entryPoints: [join(tree, entry)],
      bundle: true,
      write: false,
      platform: 'node',
      packages: 'external',
      format: commonJs ? 'cjs' : 'esm',
      target: `node${process.versions.node}`,
      treeShaking: false,
      keepNames: true,
      legalComments: 'none',
      logLevel: 'silent',
      sourcemap: false,
    });
    return result.outputFiles[0]?.text ?? '';
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error);
    throw new RatchetError('INVALID_INPUT', `The entry ${entry} cannot be compiled: ${message}`, {
      where: entry,
      cause: error,
    });
  }
}

/** Directory that the harness reads for one side. The two are told apart by nothing but the code itself. */
export interface SideInput {
  readonly side: Side;
  /** Absolute host path of the pristine tree. */
  readonly tree: string;
  /** Absolute host path of the input directory. */
  readonly directory: string;
}

/** Everything about the processes that is the same on both sides. */
export interface InputRequest {
  readonly workload: Workload;
  readonly entry: string;
  readonly sizes: readonly (number | null)[];
  readonly seed: number;
  /** Absolute path of a tree that holds node_modules, or null; for generated workloads. */
  readonly dependencies: string | null;
}

/** The bundle of a generated workload: all bindings of the changed file, private ones too. */
async function bundleRoom(tree: string, request: InputRequest, room: Room): Promise<string> {
  const result = await bundleSide({
    tree,
    dependencies: request.dependencies,
    files: [room.file],
    packages: room.packages,
    mode: 'external',
  });
  if (result.kind === 'bundled') return result.code;
  throw new RatchetError('INVALID_INPUT', `${room.file} cannot be bundled: ${result.reason}`, {
    where: room.file,
  });
}

type Room = NonNullable<Workload['room']>;

/**
 * Writes workload, request and compiled entry for one side.
 * @throws RatchetError INVALID_INPUT when the entry is missing or cannot be compiled.
 */
export async function prepareSide(input: SideInput, request: InputRequest): Promise<void> {
  const { tree, directory } = input;
  const { entry, sizes, seed, workload } = request;
  if (workload.room !== undefined) {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'workload.mjs'), workload.source);
    await writeFile(join(directory, 'entry.js'), await bundleRoom(tree, request, workload.room));
    const room = { entry, sizes, seed, commonJs: true, bundle: 'entry.js', room: true };
    await writeFile(join(directory, 'request.json'), JSON.stringify(room));
    return;
  }
  if (!(await exists(join(tree, entry)))) {
    throw new RatchetError('INVALID_INPUT', `The workload's entry ${entry} does not exist.`, {
      where: entry,
      mend: 'Name a module of the repository, relative to its package.',
    });
  }
  const commonJs = await isCommonJs(tree, entry);
  const compiled = typescript.has(extname(entry));
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'workload.mjs'), workload.source);
  if (compiled) await writeFile(join(directory, 'entry.js'), await bundle(tree, entry, commonJs));
  const document = { entry, sizes, seed, commonJs, bundle: compiled ? 'entry.js' : null };
  await writeFile(join(directory, 'request.json'), JSON.stringify(document));
}

/** Writes what the `describe` process reads: the workload alone. */
export async function prepareDescription(directory: string, workload: Workload, seed: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'workload.mjs'), workload.source);
  const document = { entry: null, sizes: [], seed, commonJs: false, bundle: null };
  await writeFile(join(directory, 'request.json'), JSON.stringify(document));
}
