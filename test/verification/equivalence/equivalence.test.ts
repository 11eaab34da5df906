import { join } from 'node:path';
import type { Sandbox } from '../../../src/verification/types.js';
import { settled } from '../support/again.js';
import { realSandbox, removeAll, temporary } from '../support/sandbox.js';
import { badPairs } from './support/bad-pairs.js';
import { goodPairs } from './support/pairs.js';
import { judgePair } from './support/judge-pair.js';

describe('equivalence gate', () => {
  let place: string;
  let sandbox: Sandbox;
  let count = 0;

  beforeAll(async () => {
    place = temporary();
    sandbox = await realSandbox(join(place, 'sandbox'));
  });
  afterAll(() => removeAll(place));

  it.each(goodPairs)(
    'passes: $name',
    async (pair) => {
      const verdict = await settled(() => judgePair(join(place, `case-${++count}`), pair, sandbox));
      expect([verdict.verdict, verdict.reason]).toEqual(['pass', expect.any(String)]);
    },
    240_000,
  );

  it.each(badPairs)(
    'fails: $name',
    async (pair) => {
      const verdict = await settled(() => judgePair(join(place, `case-${++count}`), pair, sandbox));
      expect([verdict.verdict, verdict.reason]).toEqual(['fail', expect.any(String)]);
      expect(verdict.numbers['counterexample']).toBeDefined();
    },
    240_000,
  );
});
