/** Configurations are data: read from three places, never run, and refused with field, value and mend. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonSchemas, readAnalysisConfig, rules } from '../../src/analysis/index.js';
import { ruleIds } from '../../src/analysis/rules/ids.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ratchet-config-'));
});
afterEach(() => rmSync(root, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(root, name), text);

describe('the configuration', () => {
  it('is empty where a tree has none', async () => {
    expect(await readAnalysisConfig(root)).toMatchObject({ file: null, severities: {}, failOn: null });
  });

  it.each([
    ['ratchet.config.json', '\uFEFF{ "rules": { "slow-regex": "off" }, "failOn": "high", "top": 3 }'],
    [
      'ratchet.config.ts',
      'const off = "off"; export default { rules: { "slow-regex": off }, failOn: `high`, top: 3 } as const;',
    ],
    [
      'ratchet.config.ts',
      'export default ({ "rules": { "slow-regex": "off" }, failOn: "high", top: 3 }) satisfies object;',
    ],
    [
      'package.json',
      '{ "name": "x", "ratchet": { "rules": { "slow-regex": "off" }, "failOn": "high", "top": 3 } }',
    ],
  ])('is read from %s', async (name, text) => {
    write(name, text);
    expect(await readAnalysisConfig(root)).toMatchObject({
      severities: { 'slow-regex': 'off' },
      failOn: 'high',
      top: 3,
    });
  });

  it.each([
    ['{ "rules": { "slow-regx": "off" } }', 'rules.slow-regx', 'Did you mean "slow-regex"'],
    ['{ "rules": { "slow-regex": "loud" } }', 'rules.slow-regex is "loud"', 'docs/schemas'],
    ['{ "ruls": {} }', 'no field "ruls"', 'Known fields: include'],
    ['{ "failOn": "severe" }', 'failOn is "severe"', 'docs/schemas'],
    ['{ "include": "src" }', 'include is "src"', 'docs/schemas'],
    ['{ "top": -1 }', 'top is -1', 'docs/schemas'],
    ['[]', 'the whole is []', 'docs/schemas'],
    ['{ "__proto__": { "top": 1 } }', '__proto__', ''],
  ])('refuses %s by name', async (text, said, mend) => {
    write('ratchet.config.json', text);
    await expect(readAnalysisConfig(root)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(said) as string,
      ...(mend === '' ? {} : { mend: expect.stringContaining(mend) as string }),
    });
  });

  it.each([
    ['export default { top: Number(process.env.TOP) };', 'ratchet.config.ts:1:23'],
    ['import { writeFileSync } from "node:fs"; export default { ...x };', '...x'],
    ['export default (() => ({}))();', 'is not a literal'],
    ['export default { ["rules"]: {} };', 'is not a literal'],
    ['const a = b; const b = a; export default a;', 'is not a literal'],
    ['module.exports = {};', 'no `export default`'],
  ])('never runs %s', async (text, said) => {
    write('ratchet.config.ts', text);
    await expect(readAnalysisConfig(root)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(said) as string,
    });
  });

  it('refuses two configurations, broken JSON and a huge file', async () => {
    write('ratchet.config.json', '{}');
    write('package.json', '{ "ratchet": {} }');
    await expect(readAnalysisConfig(root)).rejects.toThrow(
      'Both ratchet.config.json and package.json#ratchet',
    );
    write('package.json', '{ "name": ');
    expect(await readAnalysisConfig(root)).toMatchObject({ file: 'ratchet.config.json' });
    write('ratchet.config.json', '{ "top": ');
    await expect(readAnalysisConfig(root)).rejects.toThrow('is not JSON');
    write('ratchet.config.json', ' '.repeat(300_000));
    await expect(readAnalysisConfig(root)).rejects.toThrow('is larger than');
  });

  it('knows the ids of all rules without loading them', () => {
    const ids = rules.map((rule) => rule.id);
    expect(ruleIds).toEqual([...ids, 'unused-suppression', 'suppression-without-reason']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has its schema in docs/schemas (else: node scripts/schemas.mjs)', () => {
    for (const [name, schema] of Object.entries(jsonSchemas())) {
      const stored = readFileSync(join(import.meta.dirname, '../../docs/schemas', name), 'utf8');
      expect(JSON.parse(stored)).toEqual(JSON.parse(JSON.stringify(schema)));
    }
  });
});
