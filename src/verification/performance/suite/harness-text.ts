/** The files of the harness as one text that runs in any realm and module system. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const directory = join(import.meta.dirname, 'harness');
const own = [
  'copy.cjs',
  'grow.cjs',
  'survey.cjs',
  'clock.cjs',
  'timing.cjs',
  'explore.cjs',
  'keep.cjs',
  'start.cjs',
];

/** The one ES module among them, as CommonJS. */
function asCommonJs(text: string): string {
  const names = [...text.matchAll(/^export function (\w+)/gm)].map(([, name]) => name ?? '');
  return `${text
    .replaceAll(/^import (\{[^}]*\}) from '([^']+)';$/gm, "const $1 = require('$2');")
    .replaceAll(/^export /gm, '')}\nmodule.exports = { ${names.join(', ')} };`;
}

/** One function of `load` and `options`; its result has `seen`. */
async function bundleText(): Promise<string> {
  const texts = await Promise.all(
    own.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const),
  );
  const fingerprint = await readFile(join(directory, '..', '..', 'harness', 'fingerprint.mjs'), 'utf8');
  const modules = [...texts, ['fingerprint.mjs', asCommonJs(fingerprint)] as const].map(
    ([name, text]) => `${JSON.stringify(name)}: function (module, exports, require) {${text}\n}`,
  );
  return `const files = {${modules.join(',\n')}};
const loaded = new Map();
function take(request) {
  const name = request.replace(/^\\.\\//, '');
  if (!Object.hasOwn(files, name)) return load(request.replace(/^node:/, ''));
  if (!loaded.has(name)) {
    const module = { exports: {} };
    loaded.set(name, module);
    files[name](module, module.exports, take);
  }
  return loaded.get(name).exports;
}
return take('./start.cjs')(load, options);`;
}

/** What is appended to a watched file: the same text in every process, so that transformers may cache it. */
export async function harnessText(): Promise<string> {
  const hook = await readFile(join(directory, 'hook.cjs'), 'utf8');
  const given = `function __ratchetText() { return ${JSON.stringify(await bundleText())}; }`;
  return `${hook.slice(hook.indexOf('var __ratchetBusy'))}\n${given}\n`;
}
