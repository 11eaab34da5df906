/** Paths that no patch may touch, whoever wrote it: what judges the patch, what runs by itself, what installs. Pure. */
import picomatch from 'picomatch/posix.js';

/** Rule id → globs, matched without regard to case. */
const protectedGlobs: Readonly<Record<string, readonly string[]>> = {
  'protected-test': [
    '**/*.{test,spec,tests,specs,test-d,cy,e2e}.*',
    '**/*{_,-}{test,spec}.{js,jsx,mjs,cjs,ts,tsx,mts,cts}',
    '**/{test,tests,spec,specs,__tests__,__test__,__specs__,e2e,cypress}/**',
    '**/{test,tests,spec,specs}.{js,jsx,mjs,cjs,ts,tsx,mts,cts}',
    '**/{__mocks__,__fixtures__,fixtures,fixture,__snapshots__,snapshots,testdata,test-data}/**',
    '**/*.{snap,snapshot}',
  ],
  'protected-manifest': [
    '**/package.json',
    '**/package.json5',
    '**/package.yaml',
    '**/{deno,jsr,bun,lerna,nx,turbo,rush,project,workspace}.{json,jsonc}',
    '**/{pnpm-workspace,.pnpmfile}.{yaml,yml,cjs,mjs,js}',
    '**/.pnpmfile.*',
  ],
  'protected-lockfile': [
    '**/{package-lock,npm-shrinkwrap}.json',
    '**/{yarn,bun,deno,flake,Cargo,poetry}.lock',
    '**/bun.lockb',
    '**/pnpm-lock.{yaml,yml}',
    '**/.pnp.{cjs,js,loader.mjs,data.json}',
    '**/.yarn/**',
  ],
  'protected-install': [
    '**/.npmrc',
    '**/.yarnrc',
    '**/.yarnrc.yml',
    '**/{bunfig,.tool-versions,mise,.mise}.toml',
    '**/{.tool-versions,.nvmrc,.node-version,.volta}',
    '**/patches/*.patch',
    '**/node_modules/**',
    '**/vendor/**',
    '**/binding.gyp',
  ],
  'protected-ci': [
    '**/.{github,gitlab,circleci,buildkite,azure,azure-pipelines,drone,forgejo,gitea,woodpecker,travis,teamcity}/**',
    '**/.{gitlab-ci,travis,drone,woodpecker,appveyor,cirrus}.{yml,yaml}',
    '**/{appveyor,azure-pipelines,bitbucket-pipelines,cloudbuild,codecov,.codecov,.coveralls}.{yml,yaml}',
    '**/{Jenkinsfile,.ci}',
    '**/{.ci,ci}/**',
    '**/{renovate,.renovaterc,dependabot}{,.json,.json5,.yml,.yaml}',
  ],
  'protected-hooks': [
    '**/.{husky,githooks,git-hooks,hooks,lefthook,changeset}/**',
    '**/{githooks,git-hooks}/**',
    '**/{lefthook,.lefthook,.pre-commit-config,.overcommit}{,-local}.{yml,yaml,toml,json}',
    '**/{.lintstagedrc,lint-staged.config,.huskyrc,.simple-git-hooks,simple-git-hooks}{,.*}',
  ],
  'protected-git': ['**/.git{attributes,modules,ignore,config,keep}', '**/.mailmap', '**/.gitreview'],
  'protected-agent': [
    '**/{AGENTS,CLAUDE,GEMINI,COPILOT,CONVENTIONS,CURSOR,SKILL,llms}{,.*}.{md,mdc,txt}',
    '**/{AGENT,AGENTS,CLAUDE,GEMINI}',
    '**/.{cursor,claude,codex,gemini,copilot,continue,aider,windsurf,roo,cline,kiro,amazonq,agents,mcp}/**',
    '**/.{cursorrules,windsurfrules,clinerules,roorules,goosehints,aiderignore,cursorignore}',
    '**/.{aider,mcp}{,.*}',
    '**/{.mcp,mcp}.json',
    '**/.{vscode,idea,fleet,zed,devcontainer}/**',
    '**/*.code-workspace',
    '**/.devcontainer.json',
  ],
  'protected-container': [
    '**/{Dockerfile,Containerfile}{,.*}',
    '**/*.{dockerfile,containerfile}',
    '**/{docker-compose,compose}{,.*,-*}.{yml,yaml}',
    '**/.dockerignore',
    '**/{Makefile,makefile,GNUmakefile,Justfile,justfile,Taskfile.yml,Procfile,Vagrantfile}',
  ],
  'protected-runner': [
    '**/{jest,vitest,vite,mocha,ava,tap,karma,wdio,playwright,cypress,nightwatch,jasmine,c8,nyc,stryker,uvu,web-test-runner}.{config,setup,conf,workspace,global-setup}{,.*}.{js,mjs,cjs,ts,mts,cts,json,jsonc,yml,yaml}',
    '**/{jest,vitest,mocha}{-,.,_}{setup,global-setup,globalSetup,teardown,environment,preset,config,e2e}*',
    '**/{setupTests,setup-tests,setup-jest,globalSetup,global-setup,globalTeardown,test-setup,testSetup}.{js,mjs,cjs,ts,mts,cts,jsx,tsx}',
    '**/.{mocharc,nycrc,c8rc,taprc,avarc,jestrc,swcrc,babelrc,istanbul,testrc}{,.*}',
    '**/.taprc',
    '**/{babel,swc,rollup,webpack,esbuild,tsup,unbuild,build,parcel,metro,rspack,rsbuild,tsdown,bili,microbundle}.config{,.*}.{js,mjs,cjs,ts,mts,cts,json}',
    '**/{tsconfig,jsconfig}{,.*,-*}.json',
    '**/{eslint.config,.eslintrc,.eslintignore,prettier.config,.prettierrc,.prettierignore,biome,.oxlintrc,xo.config,.xo-config,tslint,.stylelintrc}{,.*}',
    '**/.{env,envrc}{,.*}',
  ],
  'protected-benchmark': [
    '**/{bench,benches,benchmark,benchmarks,perf}/**',
    '**/*.{bench,benchmark,perf}.*',
    '**/{bench,benchmark,benchmarks}.{js,mjs,cjs,ts,mts,cts}',
  ],
  'protected-ratchet': [
    '**/.ratchet/**',
    '**/{.ratchet,ratchet}{rc,.config,.policy}{,.*}',
    '**/.ratchet{,.*}',
  ],
};

const matchOptions = { dot: true, nocase: true } as const;
const matchers = Object.entries(protectedGlobs).map(
  ([rule, globs]) => [rule, picomatch([...globs], matchOptions)] as const,
);

/** The rule that protects a path, null when it is free. */
export function protectionOf(path: string, extra: readonly string[] = []): string | null {
  const found = matchers.find(([, matches]) => matches(path));
  if (found !== undefined) return found[0];
  return extra.length > 0 && matchesAny(path, extra) ? 'protected-by-owner' : null;
}

/** Does a path match any of the owner's globs? A glob without a slash matches at any depth, like in .gitignore. */
export function matchesAny(path: string, globs: readonly string[]): boolean {
  const deep = globs.flatMap((glob) => {
    const plain = glob.replace(/^\/|\/$/g, '');
    return glob.includes('/') ? [plain, `${plain}/**`] : [`**/${plain}`, `**/${plain}/**`];
  });
  return picomatch(deep, matchOptions)(path);
}
