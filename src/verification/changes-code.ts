/** Does a patch change anything that runs? Comments, types and white space do not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Patch } from '../versioning/types.js';

const code = /\.([cm]?[jt]s|[jt]sx)$/;
const prose = /\.(md|markdown|txt|rst|adoc)$|(^|\/)(LICEN[CS]E|CHANGELOG|AUTHORS|NOTICE)[^/]*$/i;

async function textOf(root: string, path: string): Promise<string | null> {
  try {
    return await readFile(join(root, path), 'utf8');
  } catch (error) {
    // A file that is added or removed is missing on one side; any other failure is a real one.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The file's code without types, comments and white space; null when it does not parse. */
async function essence(text: string, path: string): Promise<string | null> {
  const { transform } = await import('esbuild');
  const loader = path.endsWith('x') ? 'tsx' : /\.[cm]?ts$/.test(path) ? 'ts' : 'jsx';
  try {
    const { code: output } = await transform(text, {
      loader,
      minifyWhitespace: true,
      legalComments: 'none',
      target: 'esnext',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    return output;
  } catch {
    // Not parsable: the `parses` gate says so in words; here it only counts as a difference.
    return null;
  }
}

/** True when at least one file of the patch differs in what is executed. Prose files never do. */
export async function changesCode(
  patch: Patch,
  trees: { readonly base: string; readonly candidate: string },
): Promise<boolean> {
  for (const { path } of patch.files) {
    if (prose.test(path) || /\.d\.[cm]?ts$/.test(path)) continue;
    const [before, after] = await Promise.all([textOf(trees.base, path), textOf(trees.candidate, path)]);
    if (before === after) continue;
    if (!code.test(path) || before === null || after === null) return true;
    const [old, fresh] = await Promise.all([essence(before, path), essence(after, path)]);
    if (old === null || fresh === null || old !== fresh) return true;
  }
  return false;
}
