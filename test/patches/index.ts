/** All patches, in one list. */
import { onChance } from './practice/chance.js';
import { onDomutils } from './practice/domutils.js';
import { onJuggler } from './practice/juggler.js';
import { onMathjs } from './practice/mathjs.js';
import { onTypebox } from './practice/typebox.js';
import { emptyOnShop } from './shop/empty.js';
import { forbiddenOnShop } from './shop/forbidden.js';
import { goodOnShop } from './shop/good.js';
import { wrongStateOnShop } from './shop/wrong-state.js';
import { wrongValuesOnShop } from './shop/wrong-values.js';
import type { PatchCase } from './types.js';

export const patches: readonly PatchCase[] = [
  ...goodOnShop,
  ...forbiddenOnShop,
  ...wrongValuesOnShop,
  ...wrongStateOnShop,
  ...emptyOnShop,
  ...onDomutils,
  ...onTypebox,
  ...onJuggler,
  ...onMathjs,
  ...onChance,
];
