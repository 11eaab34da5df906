import { join } from 'node:path';
import type { Sandbox } from '../../../src/verification/types.js';
import { settled } from '../support/again.js';
import { realSandbox, removeAll, temporary } from '../support/sandbox.js';
import type { Pair } from './support/judge-pair.js';
import { judgePair } from './support/judge-pair.js';

const suite = 'node --test';

/** Only the suite knows a text that the parser accepts. */
const secret = (after: string): Pair => {
  const source = (body: string): string =>
    `exports.read = function (text) {\n  if (!/^v1;[0-9a-f]{6};/.test(text)) return null;\n  ${body}\n};\n`;
  return {
    suite,
    files: {
      'package.json': '{"name":"pair","version":"1.0.0"}',
      'src/read.js': [source('return text.slice(3).split(";");'), source(after)],
      'test/read.test.js': `const test = require('node:test');\nconst { read } = require('../src/read.js');\ntest('reads', () => { read('v1;00ffee;one;two'); });\n`,
    },
  };
};

describe('equivalence on recorded calls', () => {
  let place: string;
  let sandbox: Sandbox;
  let count = 0;
  const judge = (pair: Pair) => settled(() => judgePair(join(place, `case-${++count}`), pair, sandbox));

  beforeAll(async () => {
    place = temporary();
    sandbox = await realSandbox(join(place, 'sandbox'));
  });
  afterAll(() => removeAll(place));

  it('replays what the suite passes, which no generator would guess', async () => {
    const wrong = await judge(secret('return text.slice(4).split(";");'));
    expect(wrong.verdict).toBe('fail');
    expect(wrong.reason).toContain('v1;00ffee;one;two');
    const right = await judge(secret('const parts = text.split(";"); parts.shift(); return parts;'));
    expect(right.verdict).toBe('pass');
    expect(right.numbers).toMatchObject({ recorded: 1 });
  });

  it('builds instances as the suite builds them and repeats its calls', async () => {
    const source = (take: string): string =>
      `export class Pool {\n  #free;\n  constructor(names) { if (!(names instanceof Map)) throw new Error('a Map is needed'); this.#free = [...names.keys()]; }\n  take(tag) {\n    ${take}\n  }\n}\n`;
    const pair = (after: string): Pair => ({
      suite,
      files: {
        'package.json': '{"name":"pair","version":"1.0.0","type":"module"}',
        'src/pool.js': [source('return this.#free.shift() + tag;'), source(after)],
        'test/pool.test.js': `import test from 'node:test';\nimport { Pool } from '../src/pool.js';\ntest('takes', () => { const pool = new Pool(new Map([['a', 1], ['b', 2]])); pool.take('!'); pool.take('?'); });\n`,
      },
    });
    const wrong = await judge(pair('return this.#free.pop() + tag;'));
    expect(wrong.verdict).toBe('fail');
    expect(wrong.reason).toContain('new Map(');
    const right = await judge(pair('const [first] = this.#free.splice(0, 1); return first + tag;'));
    expect([right.verdict, right.reason]).toEqual(['pass', expect.any(String)]);
  });
});
