/** The module under test for a generated workload: the bundle with all its bindings, and recipes made into values. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const foreignLog = { push: () => 0, length: 0 };
const shortText = (value) => (typeof value === 'object' ? '' : String(value));

/** What `setup` of a generated workload gets as its module. */
export function openRoom(options, request) {
  const require = createRequire(import.meta.url);
  const { createLoader, locate } = require(join(options.values, 'module-room.cjs'));
  const { Builder } = require(join(options.values, 'values.cjs'));
  const code = readFileSync(join(options.input, request.bundle), 'utf8');
  const room = createLoader(code, 'ratchet-bundle.js', options.root).load();
  return {
    /** One call of a target, ready to be made: inputs are built anew each time. */
    prepare(target, recipes, selfRecipe) {
      const builder = new Builder({ classes: room.classes, log: foreignLog, dump: shortText });
      const args = recipes.map(builder.build);
      const { value, owner } = locate(room, target);
      if (target.kind === 'constructor') return { call: (list) => new value(...list), args };
      if (target.kind === 'function') return { call: (list) => Reflect.apply(value, owner, list), args };
      const self = builder.build(selfRecipe);
      if (target.kind === 'getter') return { call: () => self[target.member], args };
      return { call: (list) => self[target.member](...list), args };
    },
  };
}
