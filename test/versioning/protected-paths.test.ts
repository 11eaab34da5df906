/** Files that judge a patch, run by themselves or install something: no patch may touch them. */
import { change, creation, rulesAgainst } from './diffs.js';

const protectedFiles: [path: string, rule: string][] = [
  ['src/a.test.ts', 'protected-test'],
  ['packages/x/src/__tests__/a.ts', 'protected-test'],
  ['Test/helper.ts', 'protected-test'],
  ['spec/support/a.js', 'protected-test'],
  ['test.js', 'protected-test'],
  ['src/__snapshots__/a.js.snap', 'protected-test'],
  ['fixtures/data.json', 'protected-test'],
  ['src/index.test-d.ts', 'protected-test'],
  ['package.json', 'protected-manifest'],
  ['packages/x/package.json', 'protected-manifest'],
  ['Package.JSON', 'protected-manifest'],
  ['pnpm-workspace.yaml', 'protected-manifest'],
  ['package-lock.json', 'protected-lockfile'],
  ['yarn.lock', 'protected-lockfile'],
  ['pnpm-lock.yaml', 'protected-lockfile'],
  ['.npmrc', 'protected-install'],
  ['.yarnrc.yml', 'protected-install'],
  ['node_modules/x/index.js', 'protected-install'],
  ['.github/workflows/ci.yml', 'protected-ci'],
  ['.gitlab-ci.yml', 'protected-ci'],
  ['.circleci/config.yml', 'protected-ci'],
  ['Jenkinsfile', 'protected-ci'],
  ['.husky/pre-commit', 'protected-hooks'],
  ['lefthook.yml', 'protected-hooks'],
  ['.gitattributes', 'protected-git'],
  ['src/.gitattributes', 'protected-git'],
  ['.gitmodules', 'protected-git'],
  ['AGENTS.md', 'protected-agent'],
  ['docs/CLAUDE.md', 'protected-agent'],
  ['.cursor/rules/a.mdc', 'protected-agent'],
  ['.vscode/tasks.json', 'protected-agent'],
  ['.github/copilot-instructions.md', 'protected-ci'],
  ['Dockerfile', 'protected-container'],
  ['docker/Dockerfile.dev', 'protected-container'],
  ['docker-compose.override.yml', 'protected-container'],
  ['Makefile', 'protected-container'],
  ['jest.config.js', 'protected-runner'],
  ['vitest.config.mts', 'protected-runner'],
  ['vite.config.ts', 'protected-runner'],
  ['.mocharc.json', 'protected-runner'],
  ['jest.setup.ts', 'protected-runner'],
  ['tsconfig.json', 'protected-runner'],
  ['tsconfig.build.json', 'protected-runner'],
  ['rollup.config.mjs', 'protected-runner'],
  ['babel.config.js', 'protected-runner'],
  ['.babelrc', 'protected-runner'],
  ['.env', 'protected-runner'],
  ['.env.local', 'protected-runner'],
  ['eslint.config.js', 'protected-runner'],
  ['benchmarks/run.js', 'protected-benchmark'],
  ['src/sort.bench.ts', 'protected-benchmark'],
  ['.ratchet/policy.json', 'protected-ratchet'],
  ['ratchet.config.json', 'protected-ratchet'],
  ['.ratchetrc', 'protected-ratchet'],
];

describe('protected files', () => {
  it.each(protectedFiles)('protects %s against change, creation and deletion', (path, rule) => {
    expect(rulesAgainst(change(path))).toContain(rule);
    expect(rulesAgainst(creation(path))).toContain(rule);
    const deletion = `diff --git a/${path} b/${path}\ndeleted file mode 100644\n--- a/${path}\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n`;
    expect(rulesAgainst(deletion)).toContain(rule);
  });
});
