/**
 * TypeScript for the analysis child, loaded with V8's compiled code from the last time. Nine megabytes of source cost
 * 0.6 s of CPU as an ECMAScript import, 0.2 s by `require`, 0.07 s like this. The build puts this file in the place of
 * every `import ts from 'typescript'` of the child's bundle, so it acts on import; nothing else may import it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { Module, createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import type ts from 'typescript';

const digestLength = 32;
const require = createRequire(import.meta.url);
const path = require.resolve('typescript');
/** The child's first argument: where the cache is; empty = none. */
const directory = process.argv[2] ?? '';

/** Code of another compiler, another engine or other flags is never asked for. */
function cacheFile(): string {
  const { size, mtimeMs } = statSync(path);
  const key = [path, size, mtimeMs, process.version, process.arch, ...process.execArgv];
  return join(directory, 'compiler', createHash('sha256').update(key.join('\n')).digest('hex').slice(0, 24));
}

/** Undefined when there is none, or when it is damaged. */
function readCompiled(): Buffer | undefined {
  try {
    const stored = readFileSync(cacheFile());
    const code = stored.subarray(digestLength);
    const digest = createHash('sha256').update(code).digest();
    return digest.equals(stored.subarray(0, digestLength)) ? code : undefined;
  } catch {
    // No cache yet: the compiler is compiled as usual.
    return undefined;
  }
}

let script: Script | null = null;

/** The compiler exports getters: a call for each `ts.isIdentifier` and each `ts.SyntaxKind`, millions of times. */
function plain(compiler: typeof ts): typeof ts {
  return { ...compiler };
}

function load(): typeof ts {
  if (directory === '') return plain(require(path) as typeof ts);
  const cachedData = readCompiled();
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`;
  const compiled = new Script(source, {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (cachedData === undefined || compiled.cachedDataRejected === true) script = compiled;
  const module = new Module(path);
  const run = compiled.runInThisContext() as (...args: readonly unknown[]) => void;
  run(module.exports, createRequire(path), module, path, dirname(path));
  return plain(module.exports as typeof ts);
}

/** Stores what was compiled up to now, unless it came from the store. Called when the work is done. */
export function keepCompiled(): void {
  if (script === null) return;
  try {
    const code = script.createCachedData();
    const target = cacheFile();
    const temporary = `${target}.${process.pid}`;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(temporary, Buffer.concat([createHash('sha256').update(code).digest(), code]));
    renameSync(temporary, target);
  } catch {
    // A full disk costs the next run half a second, and this one nothing.
  }
}

export default load();
