/** Small diffs for the tests, and what speaks against them. */
import { isRatchetError } from '../../src/errors.js';
import { defaultPolicy, judgePatch, parseDiff } from '../../src/versioning/policy.js';

const existing = [
  'src/a.ts',
  'src/b.ts',
  'src/Ärger.ts',
  'src/crlf.ts',
  'docs/read me.md',
  'lib/x.js',
  'src/deep/c.ts',
];

/** A git diff that changes line 1 of a file from `old` to `new`. */
export function change(path: string, added = 'new', header = ''): string {
  return `diff --git a/${path} b/${path}\n${header}--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-old\n+${added}\n`;
}

export function creation(path: string, mode = '100644', content = 'new'): string {
  return `diff --git a/${path} b/${path}\nnew file mode ${mode}\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${content}\n`;
}

/** All rules that speak against a diff; a diff that the reader does not accept is `unreadable`. */
export function rulesAgainst(diff: string, policy = defaultPolicy): string[] {
  try {
    const breaches = judgePatch({ diff, files: parseDiff(diff), policy, existingPaths: existing });
    return [...new Set(breaches.map((breach) => breach.rule))];
  } catch (error) {
    if (isRatchetError(error) && error.code === 'PATCH_REFUSED') return ['unreadable'];
    throw error;
  }
}
