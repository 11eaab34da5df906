/**
 * Bundles the changed files of one side into one script whose top-level bindings are registered, private ones too.
 * The copy lives in scratch; the tree is only read. esbuild runs none of the repository's code.
 */
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import type { BuildFailure, Plugin } from 'esbuild';
import { declarationsOf } from './declarations.js';

export interface BundleRequest {
  readonly tree: string;
  readonly dependencies: string | null;
  /** Files (relative) whose bindings and exports are needed. */
  readonly files: readonly string[];
  /** Packages whose exported classes inputs are made of. */
  readonly packages: readonly string[];
  /** `bundled`: dependencies go into the bundle (own state per side, ESM-only ones work); `external`: required. */
  readonly mode: 'bundled' | 'external';
}

export type BundleResult =
  | { readonly kind: 'bundled'; readonly code: string; readonly map: string }
  | { readonly kind: 'failed'; readonly reason: string };

const sourcePattern = /\.([cm]?[jt]s|[jt]sx)$/;
const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const entryName = 'ratchet-entry';

/** The text with registration of its bindings in every scope that runs at load. */
export function registered(file: string, text: string): string {
  const { scopes } = declarationsOf(file, text);
  const inner = scopes.filter((scope) => !scope.isFile).sort((a, b) => b.insertAt - a.insertAt);
  let out = text;
  for (const scope of inner)
    out = out.slice(0, scope.insertAt) + call(file, scope.names) + out.slice(scope.insertAt);
  const own = scopes.find((scope) => scope.isFile);
  return own === undefined || own.names.length === 0 ? out : `${out}\n;${call(file, own.names)}\n`;
}

function call(file: string, names: readonly string[]): string {
  const unique = [...new Set(names)];
  const readers = unique.map((name) => `${JSON.stringify(name)}: () => ${name}`).join(', ');
  return `__ratchetRegister(${JSON.stringify(file)}, { ${readers} });`;
}

function loaderOf(path: string): 'ts' | 'tsx' | 'jsx' {
  if (/\.[cm]?ts$/.test(path)) return 'ts';
  return path.endsWith('.tsx') ? 'tsx' : 'jsx';
}

function treePlugin(request: BundleRequest): Plugin {
  const { tree, dependencies, mode } = request;
  return {
    name: 'ratchet-tree',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        const again = args.pluginData as { readonly again?: boolean } | undefined;
        if (again?.again === true || args.kind === 'entry-point' || builtins.has(args.path)) return undefined;
        const inside = relative(tree, args.resolveDir);
        const layered = dependencies === null || inside.startsWith('..') ? [] : [join(dependencies, inside)];
        for (const resolveDir of [...layered, args.resolveDir]) {
          const options = {
            kind: args.kind,
            resolveDir,
            importer: args.importer,
            pluginData: { again: true },
          };
          const found = await build.resolve(args.path, options);
          if (found.errors.length > 0) continue;
          const isPackage = found.path.includes(`${sep}node_modules${sep}`);
          return isPackage && mode === 'external' ? { path: args.path, external: true } : found;
        }
        // Not installed (optional or a type only): fails when it is used, on both sides alike.
        return { path: args.path, external: true };
      });
      build.onLoad({ filter: sourcePattern }, async (args) => {
        const file = relative(tree, args.path).split(sep).join('/');
        if (file.startsWith('..') || file.includes('node_modules/')) return undefined;
        const text = await readFile(args.path, 'utf8');
        const contents = registered(file, text);
        return { contents, loader: loaderOf(args.path), resolveDir: dirname(args.path) };
      });
    },
  };
}

/** Bundles one side. Both sides get identical options. */
export async function bundleSide(request: BundleRequest): Promise<BundleResult> {
  const { build } = await import('esbuild');
  const load = (key: string, from: string): string =>
    `__ratchetExports(${JSON.stringify(key)}, require(${JSON.stringify(from)}));`;
  const lines = [
    ...request.packages.map((name) => `try { ${load(name, name)} } catch {}`),
    ...request.files.map((file) => load(file, `./${file}`)),
  ];
  try {
    const result = await build({
      stdin: { contents: lines.join('\n'), resolveDir: request.tree, sourcefile: `${entryName}.js` },
      absWorkingDir: request.tree,
      outfile: join(request.tree, `${entryName}.out.js`),
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      keepNames: true,
      sourcemap: 'external',
      sourcesContent: false,
      legalComments: 'none',
      charset: 'utf8',
      logLevel: 'silent',
      loader: { '.node': 'empty' },
      define: {
        'import.meta.url': '__ratchetUrl',
        'import.meta.dirname': '__dirname',
        'import.meta.filename': '__filename',
      },
      plugins: [treePlugin(request)],
    });
    const text = (ending: string): string =>
      result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
    return { kind: 'bundled', code: text('.out.js'), map: text('.map') };
  } catch (error) {
    const failure = error as Partial<BuildFailure>;
    const first = failure.errors?.[0];
    const where =
      first?.location === null || first?.location === undefined ? '' : ` (${first.location.file})`;
    return { kind: 'failed', reason: `${first?.text ?? String(error)}${where}`.slice(0, 300) };
  }
}
