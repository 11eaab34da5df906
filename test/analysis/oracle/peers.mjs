/**
 * Development-only oracle, run as its own process: ESLint's `complexity` and SonarJS's `cognitive-complexity` for
 * every function of the files named on stdin ({ root, files }). Prints { file, line, column, cyclomatic, cognitive }.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Linter } from 'eslint';
import sonarjs from 'eslint-plugin-sonarjs';
import tseslint from 'typescript-eslint';

const { root, files } = JSON.parse(readFileSync(0, 'utf8'));

/** Where each function starts (methods at their key, as people see it), and where each peer reports it. */
let seen = [];
const collect = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const code = context.sourceCode;
    return {
      ':function'(node) {
        const { parent } = node;
        if (node.body === null || node.body === undefined) return;
        const member =
          (parent.type === 'MethodDefinition' && parent.value === node) ||
          (parent.type === 'Property' && parent.value === node && (parent.method || parent.kind !== 'init'));
        const own = member ? parent.loc.start : node.loc.start;
        const property = ['Property', 'MethodDefinition', 'PropertyDefinition'].includes(parent.type);
        const arrow =
          node.type === 'ArrowFunctionExpression'
            ? code.getTokenBefore(node.body, (token) => token.value === '=>').loc.start
            : null;
        const eslint = property && parent.value === node ? parent.loc.start : (arrow ?? node.loc.start);
        seen.push({ node, own, eslint, sonar: sonarPlace(code, node, arrow) });
      },
    };
  },
};

/** Where SonarJS points at: the name, the key, or the word `function`; the arrow of an arrow function. */
function sonarPlace(code, node, arrow) {
  if (arrow !== null) return arrow;
  const { parent } = node;
  if (node.type === 'FunctionDeclaration' && node.id !== null) return node.id.loc.start;
  if (['MethodDefinition', 'Property'].includes(parent.type) && parent.value === node)
    return parent.key.loc.start;
  return code.getFirstToken(node, (token) => token.value === 'function').loc.start;
}

const linter = new Linter({ configType: 'flat' });
const config = [
  {
    files: ['**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { ecmaFeatures: { jsx: true }, jsDocParsingMode: 'none' },
    },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' },
    plugins: { sonarjs, own: { rules: { collect } } },
    rules: {
      complexity: ['error', 0],
      'sonarjs/cognitive-complexity': ['error', 0],
      'own/collect': 'error',
    },
  },
];

const all = [];
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8').replace(/^\uFEFF/, '');
  seen = [];
  const messages = linter.verify(text, config, { filename: file });
  const fatal = messages.find((message) => message.fatal);
  if (fatal !== undefined) {
    all.push({ file, fatal: fatal.message });
    continue;
  }
  const cyclomatic = new Map();
  const cognitive = new Map();
  for (const message of messages) {
    const place = `${message.line}:${message.column}`;
    if (message.ruleId === 'complexity') {
      const value = Number(/complexity of (\d+)/.exec(message.message)?.[1]);
      if (!/field initializer|static block/i.test(message.message)) cyclomatic.set(place, value);
    } else if (message.ruleId === 'sonarjs/cognitive-complexity')
      cognitive.set(place, Number(/from (\d+)/.exec(message.message)?.[1]));
  }
  const key = (place) => `${place.line}:${place.column + 1}`;
  for (const one of seen)
    all.push({
      file,
      line: one.own.line,
      column: one.own.column + 1,
      cyclomatic: cyclomatic.get(key(one.eslint)) ?? null,
      // SonarJS reports nothing at all for zero.
      cognitive: cognitive.get(key(one.sonar)) ?? 0,
      claimed: cognitive.delete(key(one.sonar)),
    });
  for (const [place, value] of cognitive) all.push({ file, unclaimed: place, cognitive: value });
}
process.stdout.write(JSON.stringify(all));
