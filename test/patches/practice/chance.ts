/** Patches on chance: everything there draws random numbers. */
import { body } from '../edit-source.js';
import type { Edit, PatchCase } from '../types.js';

function on(
  name: string,
  kind: string,
  expect: PatchCase['expect'],
  why: string,
  edits: readonly Edit[],
  more: Partial<PatchCase> = {},
): PatchCase {
  return { name: `chance-${name}`, repository: 'chance', kind, expect, why, edits, ...more };
}

const file = 'chance.js';
const wrong: Partial<PatchCase> = { gates: ['tests', 'equivalence'], claimsGain: false };

export const onChance: readonly PatchCase[] = [
  on(
    'pad-repeat',
    'good',
    'accepted',
    'the same text, made by repeat',
    [
      body(
        file,
        'Chance.prototype.pad',
        "var text = number + '';\nvar missing = width - text.length;\nif (text.length >= width) return text;\nreturn new Array(missing + 1).join(pad || '0') + text;",
      ),
    ],
    { claimsGain: false },
  ),
  on(
    'coin-by-the-machine',
    'non-deterministic',
    'refused',
    "the coin came from the caller's seed",
    [body(file, 'Chance.prototype.coin', "return Math.random() < 0.5 ? 'heads' : 'tails';")],
    wrong,
  ),
  on(
    'coin-turned',
    'non-deterministic',
    'refused',
    'heads become tails: the same seed gives another answer',
    [body(file, 'Chance.prototype.coin', "return this.bool() ? 'tails' : 'heads';")],
    wrong,
  ),
  on(
    'set-of-names',
    'size 16',
    'refused',
    'a text wider than 16 is not padded',
    [
      body(
        file,
        'Chance.prototype.pad',
        "var text = number + '';\nif (text.length >= width || width > 16) return text;\nreturn new Array(width - text.length + 1).join(pad || '0') + text;",
      ),
    ],
    wrong,
  ),
];
