/** Loads foreign modules and makes their chance repeatable. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openRoom } from './room.mjs';

/** Math.random seeded per variant: both sides draw the same, two variants differ. */
export function seedRandom(variant, seed) {
  let state = (variant * 2654435761 + seed) >>> 0;
  Math.random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Imports the workload from inside the tree, so that it sees the tree's packages. */
export async function loadWorkload(options) {
  const place = join(options.root, `.ratchet-workload-${process.pid}.mjs`);
  writeFileSync(place, readFileSync(join(options.input, 'workload.mjs')));
  return import(pathToFileURL(place).href);
}

/** CommonJS exports as people expect them: named members and `default`; callable where the export is a function. */
function present(request, namespace) {
  const exported = namespace.default;
  const foreign = exported !== null && (typeof exported === 'object' || typeof exported === 'function');
  if (!foreign || !request.commonJs) return namespace;
  if (typeof exported === 'function') {
    return new Proxy(exported, {
      get: (target, key) =>
        key === 'default' && !Reflect.has(target, key) ? target : Reflect.get(target, key),
    });
  }
  return Object.assign(Object.create(null), { default: exported }, namespace, exported);
}

/** Imports one side's entry: as it is, or compiled beside where it stands. */
export async function loadEntry(options, request) {
  if (request.room) return openRoom(options, request);
  let place = join(options.root, request.entry);
  if (request.bundle !== null) {
    const text = readFileSync(join(options.input, request.bundle));
    const extension = request.commonJs ? 'cjs' : 'mjs';
    place = join(dirname(place), `.ratchet-${basename(place)}-${process.pid}.${extension}`);
    writeFileSync(place, text);
  }
  return present(request, await import(pathToFileURL(place).href));
}
