/** Changes that reach beyond the code: tests, manifests, configuration, paths, characters. By construction refused. */
import ts from 'typescript';
import { collect, parse, replace, applyEdits } from '../functions.js';
import { isTest } from '../policy.js';
import type { Random } from '../random.js';
import type { TextEdit } from '../types.js';
import { drawn } from './support.js';

/** A tree as it is known to a maker of traps. */
export interface TreeView {
  readonly files: readonly string[];
  /** Null when there is no such text. */
  read(path: string): string | null;
}

export interface TreeFault {
  /** Path → text afterwards. */
  readonly files?: Readonly<Record<string, string>>;
  /** Further sections of the diff, as text, where no honest tool would write them. */
  readonly diff?: string;
  readonly what: string;
}

export interface TreeFaultMaker {
  readonly kind: string;
  plant(tree: TreeView, random: Random): TreeFault | null;
}

const triesMax = 20;

/** Some test file in which `edit` finds something to change. */
function inTests(
  tree: TreeView,
  random: Random,
  edit: (source: ts.SourceFile) => readonly TextEdit[],
): { readonly path: string; readonly text: string } | null {
  const tests = random.shuffled(tree.files.filter(isTest)).slice(0, triesMax);
  for (const path of tests) {
    const text = tree.read(path);
    const found = text === null ? null : drawn(edit(parse(path, text)), random);
    if (text !== null && found !== null) return { path, text: applyEdits(text, [found]) };
  }
  return null;
}

function testFault(
  kind: string,
  what: string,
  edit: (source: ts.SourceFile) => readonly TextEdit[],
): TreeFaultMaker {
  return {
    kind,
    plant(tree, random) {
      const found = inTests(tree, random, edit);
      return found === null
        ? null
        : { files: { [found.path]: found.text }, what: `${what} in ${found.path}` };
    },
  };
}

const isAssertion = (node: ts.CallExpression): boolean =>
  /^(expect|assert|should|t\.(is|deepEqual|equal|true|same))\b/.test(node.expression.getText());

const assertions = (source: ts.SourceFile): ts.ExpressionStatement[] =>
  collect(source, ts.isExpressionStatement).filter(
    ({ expression }) => ts.isCallExpression(expression) && isAssertion(expression),
  );

const weakened = testFault('test weakened', 'an assertion is left out', (source) =>
  assertions(source).map((statement) => replace(statement, '')),
);

const skipped = testFault('test skipped', 'a test is skipped', (source) =>
  collect(source, ts.isCallExpression).flatMap(({ expression }) =>
    ts.isIdentifier(expression) && /^(it|test)$/.test(expression.text)
      ? [replace(expression, `${expression.text}.skip`)]
      : [],
  ),
);

const expectation = testFault('expectation changed', 'an expected value is another', (source) =>
  assertions(source).flatMap((statement) =>
    collect(statement, ts.isNumericLiteral).map((literal) => replace(literal, `${Number(literal.text) + 1}`)),
  ),
);

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestFault(kind: string, what: string, change: (manifest: Manifest) => Manifest): TreeFaultMaker {
  return {
    kind,
    plant(tree) {
      const text = tree.read('package.json');
      if (text === null) return null;
      try {
        const manifest = JSON.parse(text) as Manifest;
        return { files: { 'package.json': `${JSON.stringify(change(manifest), null, 2)}\n` }, what };
      } catch {
        return null; // a manifest that is no JSON: nothing to plant there
      }
    },
  };
}

const command = manifestFault('test command', 'the test command is another', (manifest) => ({
  ...manifest,
  scripts: { ...manifest.scripts, test: 'true' },
}));

const dependency = manifestFault('new dependency', 'a package is added', (manifest) => ({
  ...manifest,
  dependencies: { ...manifest.dependencies, 'fast-quick-list': '1.0.0' },
}));

const configuration: TreeFaultMaker = {
  kind: 'configuration',
  plant(tree, random) {
    const path = drawn(
      [
        '.mocharc.json',
        'jest.config.js',
        'vitest.config.ts',
        '.npmrc',
        '.github/workflows/quick.yml',
        'AGENTS.md',
      ],
      random,
    );
    if (path === null || tree.read(path) !== null) return null;
    return { files: { [path]: '{}\n' }, what: `${path} is added` };
  },
};

/** A diff section for a new file, written by hand: our own patch maker refuses to. */
const newFile = (path: string, mode: string, line: string): string =>
  `diff --git a/${path} b/${path}\nnew file mode ${mode}\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${line}\n`;

const outside: TreeFaultMaker = {
  kind: 'outside the tree',
  plant(_, random) {
    const path =
      drawn(['../quick.js', 'src/../../quick.js', '.git/hooks/post-checkout'], random) ?? '../quick.js';
    return { diff: newFile(path, '100644', 'module.exports = 1;'), what: `${path} is written` };
  },
};

const link: TreeFaultMaker = {
  kind: 'symbolic link',
  plant(_, random) {
    const target = drawn(['/etc/hostname', '../..', 'package.json'], random) ?? '..';
    const section = newFile('quick-link', '120000', target);
    return { diff: `${section}\\ No newline at end of file\n`, what: `a link to ${target} is added` };
  },
};

export const treeFaults: readonly TreeFaultMaker[] = [
  weakened,
  skipped,
  expectation,
  command,
  dependency,
  configuration,
  outside,
  link,
];
