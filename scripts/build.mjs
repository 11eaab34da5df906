/**
 * Builds dist/: every source transpiled by esbuild, and the workflow bundle. Types are checked by `npm run check`; a
 * newcomer's first start does not wait for it, and needs no development dependency. Run by ./ratchet, `npm test` and .ci/run.
 * Fast when nothing changed: the hash of all inputs is stored beside the output. Parallel runs wait for each other.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withSetupLock } from './setup-lock.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'src');
const dashboard = join(root, 'web');
const output = join(root, 'dist');
const stamp = join(output, '.stamp');

function filesIn(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function digestOfInputs() {
  const hash = createHash('sha256');
  const configuration = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const file of [
    ...filesIn(sources),
    ...filesIn(dashboard),
    ...configuration.map((name) => join(root, name)),
    fileURLToPath(import.meta.url),
  ]) {
    // The path inside the clone, so that a moved or copied clone is not built again.
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/** What tsc made from a source that is gone must not be found by anybody. */
function removeStale() {
  for (const file of filesIn(output)) {
    const made = /^(.*)\.js(\.map)?$/.exec(relative(output, file));
    if (made === null || made[1] === 'workflow-bundle' || /^(bundle|web)[\\/]/.test(made[1])) continue;
    if (!existsSync(join(sources, `${made[1]}.ts`)) && !existsSync(join(sources, `${made[1]}.js`))) {
      rmSync(file, { force: true });
    }
  }
}

async function transpile() {
  const { build } = await import('esbuild');
  await build({
    entryPoints: filesIn(sources).filter((name) => /\.(ts|json)$/.test(name) && !name.endsWith('.d.ts')),
    loader: { '.json': 'copy' },
    outbase: sources,
    outdir: output,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    tsconfig: join(root, 'tsconfig.build.json'),
    logLevel: 'error',
  });
}

const bundleOptions = {
  outbase: sources,
  outdir: join(output, 'bundle'),
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  metafile: true,
  tsconfig: join(root, 'tsconfig.build.json'),
  logLevel: 'error',
};

/**
 * The analysis child and the codemods that it loads, as few files: reading a hundred small ones takes longer than
 * answering for an edited file. TypeScript stays outside, see src/analysis/run/load-compiler.ts.
 */
const analysisChild = {
  entryPoints: [join(sources, 'analysis/run/child.ts'), join(sources, 'improvement/index.ts')],
  chunkNames: 'chunks/[name]-[hash]',
  packages: 'external',
  plugins: [
    {
      name: 'compiler',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^typescript$/ }, () => ({
          path: join(sources, 'analysis/run/load-compiler.ts'),
        })),
    },
  ],
};

/**
 * `ratchet analyze` with the libraries that it needs. Its modules look for other files from where they stand in dist/,
 * so each keeps its own address; all output lies one folder below dist/bundle.
 */
const analyzeAlone = {
  entryPoints: [join(sources, 'cli/analyze-alone.ts')],
  chunkNames: 'cli/[name]-[hash]',
  external: ['typescript', '@jscpd/*'],
  minify: true,
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  plugins: [
    {
      name: 'addresses',
      setup: ({ onLoad }) =>
        onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
          if (!path.startsWith(sources)) return undefined;
          const place = relative(sources, path).split(sep).join('/').replace(/\.ts$/, '.js');
          const contents = readFileSync(path, 'utf8')
            .replaceAll('import.meta.url', `new URL('../../${place}', import.meta.url).href`)
            .replaceAll(
              'import.meta.dirname',
              `decodeURIComponent(new URL('../../${dirname(place)}', import.meta.url).pathname)`,
            );
          return { contents, loader: 'ts' };
        }),
    },
    {
      // Half of zod is the same sentences in fifty languages.
      name: 'english',
      setup: ({ onLoad }) =>
        onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
          contents: "export { default as en } from './en.js';",
        })),
    },
  ],
};

async function bundleFastStarts() {
  const { build } = await import('esbuild');
  const made = new Set();
  for (const bundle of [analysisChild, analyzeAlone]) {
    const { metafile } = await build({ ...bundleOptions, ...bundle });
    for (const name of Object.keys(metafile.outputs)) made.add(join(root, name));
  }
  for (const file of filesIn(join(output, 'bundle'))) if (!made.has(file)) rmSync(file, { force: true });
}

/** The pages: one script and one style sheet, named by their content, and the page that loads them. */
async function bundleDashboard() {
  if (!existsSync(dashboard)) return;
  const { build } = await import('esbuild');
  const place = join(output, 'web');
  const { metafile } = await build({
    entryPoints: { app: join(dashboard, 'src/main.tsx') },
    outdir: join(place, 'assets'),
    entryNames: '[name]-[hash]',
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    tsconfig: join(dashboard, 'tsconfig.json'),
    logLevel: 'error',
  });
  const names = Object.keys(metafile.outputs).map((name) => relative(place, join(root, name)));
  const page = readFileSync(join(dashboard, 'index.html'), 'utf8')
    .replace(
      'app.js',
      names
        .find((name) => name.endsWith('.js'))
        .split(sep)
        .join('/'),
    )
    .replace(
      'app.css',
      names
        .find((name) => name.endsWith('.css'))
        .split(sep)
        .join('/'),
    );
  for (const file of filesIn(join(dashboard, 'public')))
    writeFileSync(join(place, relative(join(dashboard, 'public'), file)), readFileSync(file));
  writeAtomically(join(place, 'index.html'), page);
  for (const file of filesIn(join(place, 'assets')))
    if (!names.includes(relative(place, file))) rmSync(file, { force: true });
}

/** Harness files run beside untrusted code as they are; tsc does not carry them. */
function copyHarnesses() {
  for (const file of filesIn(sources).filter((name) => /\.(cjs|mjs|lua)$/.test(name))) {
    const target = join(output, relative(sources, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(file));
  }
}

async function bundleWorkflows() {
  const workflowsPath = join(output, 'workflows/index.js');
  if (!existsSync(workflowsPath)) return;
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: quiet });
  writeAtomically(join(output, 'workflow-bundle.js'), code);
}

/** A worker that starts at this moment reads the old file or the new one, never half of one. */
function writeAtomically(path, content) {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

await withSetupLock(root, async () => {
  const digest = digestOfInputs();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) {
    // Touched: the launcher compares times before it asks for digests.
    utimesSync(stamp, new Date(), new Date());
    return;
  }
  console.error('ratchet: building …');
  rmSync(stamp, { force: true });
  await transpile();
  removeStale();
  copyHarnesses();
  await bundleFastStarts();
  await bundleDashboard();
  await bundleWorkflows();
  writeAtomically(stamp, digest);
});
process.exit(0);
