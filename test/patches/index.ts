/** All patches, in one list. */
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
];
