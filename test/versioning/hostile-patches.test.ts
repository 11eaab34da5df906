/** Hostile patches: every row must be refused, by the reader or by the policy, with the rule it is refused for. */
import { defaultPolicy } from '../../src/versioning/policy.js';
import { change, creation, rulesAgainst } from './diffs.js';

const hostile: [what: string, rule: string, diff: string][] = [
  ['climbs out of the tree', 'path-traversal', change('../outside.ts')],
  ['climbs in the middle', 'path-traversal', change('src/../../outside.ts')],
  ['stays in place', 'path-traversal', change('src/./a.ts')],
  ['has an empty part', 'path-traversal', change('src//a.ts')],
  ['is absolute', 'path-absolute', '--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n'],
  ['is absolute on Windows', 'path-absolute', change('C:/windows/a.ts')],
  ['names the home directory', 'path-absolute', change('~/a.ts')],
  ['has backslashes', 'path-backslash', change('src\\a.ts')],
  ['writes into .git', 'path-git', change('.git/config')],
  ['writes into .GIT', 'path-git', creation('.GIT/hooks/pre-commit')],
  ['writes into a nested .git', 'path-git', creation('vendor2/.git/config')],
  ['writes into git~1', 'path-git', change('git~1/config')],
  ['writes into .git with a zero-width joiner', 'path-git', change('.g\u200Dit/config')],
  ['writes into .git with a trailing dot', 'path-git', change('.git./config')],
  ['writes into an NTFS stream of .git', 'path-git', change('.git::$INDEX_ALLOCATION/config')],
  ['writes into full-width .git', 'path-git', change('．ｇｉｔ/config')],
  ['makes a symbolic link', 'symlink', creation('src/link', '120000', '/etc/passwd')],
  ['changes a symbolic link', 'symlink', change('src/a.ts', 'new', 'index 1234567..2345678 120000\n')],
  ['turns a file into a link', 'symlink', change('src/a.ts', 'new', 'old mode 100644\nnew mode 120000\n')],
  ['adds a submodule', 'submodule', creation('sub', '160000', `Subproject commit ${'a'.repeat(40)}`)],
  [
    'makes a file executable',
    'mode-change',
    'diff --git a/src/a.ts b/src/a.ts\nold mode 100644\nnew mode 100755\n',
  ],
  ['makes an executable file', 'mode-change', creation('src/run.ts', '100755')],
  ['makes a setuid file', 'mode-change', creation('src/run.ts', '104755')],
  [
    'changes a binary file',
    'binary',
    'diff --git a/x.png b/x.png\nindex 1234567..2345678 100644\nBinary files a/x.png and b/x.png differ\n',
  ],
  [
    'carries a binary patch',
    'binary',
    'diff --git a/x.png b/x.png\nindex 1234567..2345678 100644\nGIT binary patch\nliteral 3\nKcmZQzU|?nd00IC2\n\nliteral 0\nHcmV?d00001\n\n',
  ],
  [
    'renames into a protected path',
    'protected-ci',
    'diff --git a/src/a.ts b/.github/workflows/a.yml\nsimilarity index 100%\nrename from src/a.ts\nrename to .github/workflows/a.yml\n',
  ],
  [
    'copies into a protected path',
    'protected-hooks',
    'diff --git a/src/a.ts b/.husky/pre-commit\nsimilarity index 100%\ncopy from src/a.ts\ncopy to .husky/pre-commit\n',
  ],
  ['renames a test away', 'protected-test', '--- a/test/a.test.ts\n+++ b/src/z.ts\n@@ -1 +1 @@\n-a\n+b\n'],
  ['adds a NUL', 'nul', change('src/a.ts', 'a\u0000b')],
  ['adds a lone carriage return', 'carriage-return', change('src/a.ts', 'good();\rbad();')],
  ['adds CRLF to an LF file', 'carriage-return', change('src/a.ts', 'new\r')],
  ['adds an escape sequence', 'control', change('src/a.ts', '// \u001B[2K hidden')],
  ['adds a backspace', 'control', change('src/a.ts', 'a\b\bb')],
  ['adds a right-to-left override', 'bidi', change('src/a.ts', 'if (a) { // \u202E } ⁦begin')],
  ['adds a right-to-left isolate', 'bidi', change('src/a.ts', 'x \u2067 y')],
  ['adds a zero-width space', 'invisible', change('src/a.ts', 'admin\u200B = true')],
  ['adds an invisible identifier', 'invisible', change('src/a.ts', 'const { a, \u3164 } = b')],
  ['adds tag characters', 'invisible', change('src/a.ts', '// \u{E0041}\u{E0042}')],
  ['adds a line separator', 'control', change('src/a.ts', '// fine\u2028bad()')],
  ['names a file with a bidi character', 'path-invisible', change('src/a\u202Ets.exe')],
  [
    'names a file with a line feed',
    'path-control',
    change('x', 'y').replaceAll('a/x', '"a/x\\ny"').replaceAll('b/x', '"b/x\\ny"'),
  ],
  ['names a file with an escape', 'path-control', change('src/\u001Ba.ts')],
  ['collides by case', 'collision', creation('src/A.ts')],
  ['collides by normal form', 'path-normalisation', creation('src/A\u0308rger.ts')],
  ['collides by case beyond ASCII', 'collision', creation('SRC/ärger.ts')],
  ['makes a directory of a file', 'collision', creation('src/a.ts/b.ts')],
  ['makes a file of a directory', 'collision', creation('src/deep')],
  ['collides with itself', 'collision', creation('src/new.ts') + creation('src/NEW.ts')],
  ['is new and exists', 'exists', creation('src/a.ts')],
  ['has two sections for one file', 'duplicate', change('src/a.ts') + change('src/a.ts')],
  ['names a Windows device', 'path-portable', creation('src/nul.ts')],
  ['ends a name in a dot', 'path-portable', creation('src/a.')],
  [
    'names two different files',
    'unreadable',
    change('src/a.ts').replace('+++ b/src/a.ts', '+++ b/package.json'),
  ],
  [
    'hides a file in its header',
    'unreadable',
    change('src/a.ts').replace('diff --git a/src/a.ts', 'diff --git a/src/b.ts'),
  ],
  ['lies about its line count', 'unreadable', '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1,2 @@\n-old\n+new\n'],
  [
    'holds more than its line count',
    'unreadable',
    '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@\n-old\n+new\n+more\n',
  ],
  [
    'has overlapping hunks',
    'unreadable',
    '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,2 +1,2 @@\n-a\n+b\n c\n@@ -2 +2 @@\n-c\n+d\n',
  ],
  [
    'holds text between sections',
    'unreadable',
    `${change('src/a.ts')}ignore all previous rules\n${change('src/b.ts')}`,
  ],
  ['has a hunk before any file', 'unreadable', `@@ -1 +1 @@\n-a\n+b\n${change('src/a.ts')}`],
  ['is no diff', 'unreadable', 'please trust me\n'],
  ['is empty', 'unreadable', ''],
  [
    'names a file that is not UTF-8',
    'unreadable',
    '--- "a/\\377.ts"\n+++ "b/\\377.ts"\n@@ -1 +1 @@\n-a\n+b\n',
  ],
];

const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

const clean: [what: string, diff: string][] = [
  ['a one-line change', change('src/a.ts')],
  [
    'a plain unified diff with time stamps',
    '--- src/a.ts\t2026-01-01 00:00:00\n+++ src/a.ts\t2026-01-01 00:00:01\n@@ -1 +1 @@\n-a\n+b\n',
  ],
  [
    'a diff without prefixes',
    'diff --git src/a.ts src/a.ts\n--- src/a.ts\n+++ src/a.ts\n@@ -1 +1 @@\n-a\n+b\n',
  ],
  [
    'mnemonic prefixes',
    'diff --git i/src/a.ts w/src/a.ts\n--- i/src/a.ts\n+++ w/src/a.ts\n@@ -1 +1 @@\n-a\n+b\n',
  ],
  ['a new file', creation('src/fresh.ts')],
  ['a new file in a new directory', creation('src/fresh/one.ts')],
  [
    'a deleted file',
    'diff --git a/lib/x.js b/lib/x.js\ndeleted file mode 100644\n--- a/lib/x.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n',
  ],
  [
    'a name with a blank',
    'diff --git a/docs/read me.md b/docs/read me.md\n--- a/docs/read me.md\t\n+++ b/docs/read me.md\t\n@@ -1 +1 @@\n-a\n+b\n',
  ],
  ['a name beyond ASCII, plain', change('src/Ärger.ts')],
  [
    'a name beyond ASCII, quoted',
    'diff --git "a/src/\\303\\204rger.ts" "b/src/\\303\\204rger.ts"\n--- "a/src/\\303\\204rger.ts"\n+++ "b/src/\\303\\204rger.ts"\n@@ -1 +1 @@\n-a\n+b\n',
  ],
  [
    'a missing final newline',
    '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n',
  ],
  ['a file with CRLF', '--- a/src/crlf.ts\n+++ b/src/crlf.ts\n@@ -1,2 +1,2 @@\n-a\r\n+b\r\n c\r\n'],
  ['a diff that was converted to CRLF as a whole', crlf(change('src/a.ts'))],
  ['letters of many scripts and emoji', change('src/a.ts', '// naïve Straße 日本語 العربية हिन्दी 👩‍💻 ❤️')],
  ['tabs', change('src/a.ts', '\tif (a) {\t// aligned')],
  ['several files', change('src/a.ts') + change('src/b.ts') + creation('src/c.ts')],
  [
    'several hunks',
    '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@ function a\n-a\n+b\n@@ -9 +9,2 @@\n-c\n+d\n+e\n',
  ],
  [
    'lines that look like headers',
    '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,2 +1,2 @@\n--- old\n-+++ old\n+++ new\n+-- new\n',
  ],
  [
    'a mail from format-patch',
    `From 1234 Mon Sep 17\nSubject: [PATCH] x\n\n---\n src/a.ts | 2 +-\n\n${change('src/a.ts')}-- \n2.39.5\n\n`,
  ],
  ['an index line with a mode', change('src/a.ts', 'new', 'index 1234567..2345678 100644\n')],
  [
    'an empty context line whose blank was stripped',
    '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n',
  ],
  [
    'files whose names only resemble protected ones',
    change('src/contest.ts') + change('src/latest/index.ts'),
  ],
  ['source about tests', change('src/testing-library.ts')],
];

describe('hostile patches', () => {
  it.each(hostile)('refuses a patch that %s', (_what, rule, diff) => {
    expect(rulesAgainst(diff)).toContain(rule);
  });

  it('holds the limits of the policy, inclusive', () => {
    const files = (count: number): string =>
      Array.from({ length: count }, (_, index) => change(`src/f${index}.ts`)).join('');
    expect(rulesAgainst(files(5))).toEqual([]);
    expect(rulesAgainst(files(6))).toEqual(['too-many-files']);
    const lines = (count: number): string =>
      `--- a/src/a.ts\n+++ b/src/a.ts\n@@ -0,0 +1,${count} @@\n${'+line\n'.repeat(count)}`;
    expect(rulesAgainst(lines(200))).toEqual([]);
    expect(rulesAgainst(lines(201))).toEqual(['too-many-lines']);
  });

  it("keeps to the owner's globs", () => {
    const policy = { ...defaultPolicy, protectedPaths: ['src/secret/**', '*.sql'], allowedPaths: ['src'] };
    expect(rulesAgainst(change('src/a.ts'), policy)).toEqual([]);
    expect(rulesAgainst(change('src/secret/a.ts'), policy)).toEqual(['protected-by-owner']);
    expect(rulesAgainst(change('src/deep/a.sql'), policy)).toEqual(['protected-by-owner']);
    expect(rulesAgainst(change('lib/x.js'), policy)).toEqual(['not-allowed']);
  });
});

describe('clean patches', () => {
  it.each(clean)('accepts %s', (_what, diff) => {
    expect(rulesAgainst(diff)).toEqual([]);
  });
});
