/** The trees of bench:analysis: three practice repositories, and the two largest packages on npm that ship TypeScript. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Tree {
  readonly name: string;
  readonly directory: string;
  /** Written in TypeScript: typed peers run too. */
  readonly typed: boolean;
}

interface Source {
  readonly package: string;
  readonly version: string;
  /** Folder of the package that holds the sources; '' = all of it. */
  readonly from: string;
  readonly without: readonly string[];
}

const sources: readonly Source[] = [
  { package: 'viem', version: '2.57.20', from: '', without: ['_cjs', '_esm', '_types', 'node_modules'] },
  { package: 'effect', version: '4.1.0', from: 'src', without: [] },
];
export const treeNames: readonly string[] = [
  'mathjs',
  'loopback-datasource-juggler',
  'typebox',
  ...sources.map((one) => one.package),
];

const tsconfig = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022', 'dom'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  },
  include: ['src'],
};

/** Null when it cannot be obtained here; says so. */
export function prepareTree(name: string, cache: string, practice: string): Tree | null {
  const directory = join(cache, 'trees', name);
  const source = sources.find((one) => one.package === name);
  const prepared = (): Tree => ({ name, directory, typed: source !== undefined || name === 'typebox' });
  if (existsSync(join(directory, '.ready'))) return prepared();
  rmSync(directory, { recursive: true, force: true });
  try {
    if (source === undefined) {
      if (!existsSync(practice)) throw new Error(`the practice repositories are not here (${practice})`);
      mkdirSync(join(cache, 'trees'), { recursive: true });
      execFileSync(practice, ['get', name, directory], { stdio: 'ignore', timeout: 300_000 });
    } else unpack(source, directory);
  } catch (error) {
    console.warn(`${name} cannot be obtained: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
  writeFileSync(join(directory, '.ready'), '');
  return prepared();
}

/** With its dependencies beside it, as its makers have it: types that cannot be resolved would cost nothing. */
function unpack(source: Source, directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "private": true, "type": "module" }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', 'typescript@6.0.3'];
  execFileSync('npm', [...args, `${source.package}@${source.version}`], {
    cwd: directory,
    stdio: 'ignore',
    timeout: 600_000,
  });
  const installed = join(directory, 'node_modules', source.package);
  cpSync(join(installed, source.from), join(directory, 'src'), {
    recursive: true,
    filter: (path) =>
      !source.without.some((name) => path.startsWith(join(installed, name))) &&
      !/\.(js|map|d\.ts)$/.test(path),
  });
  rmSync(join(directory, 'src', 'package.json'), { force: true });
  rmSync(join(directory, 'src', 'tsconfig.json'), { force: true });
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(tsconfig));
}

/** Copies of the tree's sources side by side, for the growth; each copy is a project of its own. */
export function growTree(tree: Tree, copies: number, cache: string): string {
  const directory = join(cache, 'grown', `${tree.name}-${copies}`);
  if (existsSync(directory)) return directory;
  const making = `${directory}.making`;
  rmSync(making, { recursive: true, force: true });
  for (let n = 0; n < copies; n += 1)
    for (const name of readdirSync(tree.directory).filter((one) => one === 'lib' || one === 'src'))
      cpSync(join(tree.directory, name), join(making, `part${n}`, name), { recursive: true });
  renameSync(making, directory);
  return directory;
}
