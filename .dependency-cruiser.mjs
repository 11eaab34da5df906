/** The import rules of the house (docs: ARCHITECTURE.md). A test asserts that every source file was seen. */
const rooms =
  'analysis|calibration|improvement|verification|versioning|conversation|memory|llm|metrics|agents|safety|storage|stack';
/** Doors beside the main one: what the API needs of a room without loading compilers and sandboxes. */
const lightDoors = '^src/(analysis/without-compiler|verification/(review|history)/index)\\.ts$';
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'No cycles, also counting type imports.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'rooms-meet-by-types',
      severity: 'error',
      comment: 'A room knows another room only by its types.ts and policy.ts; what it needs is passed in.',
      from: { path: `^src/(${rooms})/` },
      to: { path: `^src/(${rooms})/`, pathNot: [`^src/$1/`, '/(types|policy)\\.ts$'] },
    },
    {
      name: 'pure-files',
      severity: 'error',
      comment: 'types.ts and policy.ts are pure: no node built-ins, no I/O package.',
      from: { path: `^src/(${rooms})/(types|policy)\\.ts$` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-files-packages',
      severity: 'error',
      from: { path: `^src/(${rooms})/(types|policy)\\.ts$` },
      to: { path: 'node_modules/(ioredis|simple-git|hono|openai|@temporalio|ts-morph)' },
    },
    {
      name: 'workflows-are-fenced',
      severity: 'error',
      comment: 'Workflows see Temporal, activities/types and pure files. No zod in the bundle.',
      from: { path: '^src/workflows/' },
      to: {
        path: '.+',
        pathNot: [
          '^src/workflows/',
          '^src/activities/(night-|watch-)?types\\.ts$',
          `^src/(${rooms})/(types|policy)\\.ts$`,
          'node_modules/@temporalio/(workflow|common)/',
        ],
      },
    },
    {
      name: 'nobody-imports-entries',
      severity: 'error',
      from: {},
      to: { path: '^src/(worker|api/server|cli/main)\\.ts$' },
    },
    {
      name: 'rooms-below-the-surface',
      severity: 'error',
      comment: 'Rooms know nothing of workflows, activities, API, CLI.',
      from: { path: `^src/(${rooms})/` },
      to: { path: '^src/(workflows|activities|api|cli)/' },
    },
    {
      name: 'api-and-cli-are-clients',
      severity: 'error',
      from: { path: '^src/(api|cli)/' },
      to: { path: '^src/(activities|worker)', pathNot: ['^src/activities/(night-|watch-)?types\\.ts$'] },
    },
    {
      name: 'doors-only',
      severity: 'error',
      comment:
        'Outside a room only its door and its pure files are visible; a light door is for a fast start.',
      from: { path: '^src/(activities|api|cli|worker)' },
      to: {
        path: `^src/(${rooms})/`,
        pathNot: [`^src/(${rooms})/(index|types|policy)\\.ts$`, lightDoors],
      },
    },
    {
      name: 'ts-morph-in-analysis',
      severity: 'error',
      from: { pathNot: '^src/analysis/' },
      to: { path: 'node_modules/ts-morph' },
    },
    {
      name: 'no-test-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|benchmarks|examples)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
