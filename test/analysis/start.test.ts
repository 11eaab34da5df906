/** The door for a fast start stays one: nothing behind it loads the compiler before there is something to analyse. */
import { join } from 'node:path';
import { build } from 'esbuild';

it('loads no compiler to answer from the cache', async () => {
  const root = join(import.meta.dirname, '..', '..');
  const { metafile } = await build({
    entryPoints: [join(root, 'src/analysis/without-compiler.ts'), join(root, 'src/analysis/index.ts')],
    absWorkingDir: root,
    outdir: 'out',
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  });
  const loadedBy = (entry: string): readonly string[] => {
    const seen = [entry];
    for (const at of seen)
      for (const { path, kind } of metafile.outputs[at]?.imports ?? [])
        if (kind === 'import-statement' && !seen.includes(path)) seen.push(path);
    return seen;
  };
  expect(loadedBy('out/index.js')).toContain('typescript');
  expect(loadedBy('out/without-compiler.js')).not.toContain('typescript');
});
