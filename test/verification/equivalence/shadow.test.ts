import { join } from 'node:path';
import type { Sandbox } from '../../../src/verification/types.js';
import { settled } from '../support/again.js';
import { realSandbox, removeAll, temporary } from '../support/sandbox.js';
import { judgePair } from './support/judge-pair.js';
import { shadowPairs } from './support/shadow-pairs.js';

describe('equivalence inside the suite', () => {
  let place: string;
  let sandbox: Sandbox;
  let count = 0;

  beforeAll(async () => {
    place = temporary();
    sandbox = await realSandbox(join(place, 'sandbox'));
  });
  afterAll(() => removeAll(place));

  it.each(shadowPairs.filter((pair) => pair.fails === undefined))(
    'passes: $name',
    async (pair) => {
      const verdict = await settled(() => judgePair(join(place, `case-${++count}`), pair, sandbox));
      expect([verdict.verdict, verdict.reason]).toEqual(['pass', expect.stringContaining('own calls')]);
    },
    120_000,
  );

  it.each(shadowPairs.filter((pair) => pair.fails !== undefined))(
    'fails: $name',
    async (pair) => {
      const verdict = await settled(() => judgePair(join(place, `case-${++count}`), pair, sandbox));
      expect([verdict.verdict, verdict.reason]).toEqual(['fail', expect.stringMatching(pair.fails ?? /^$/)]);
    },
    120_000,
  );
});
