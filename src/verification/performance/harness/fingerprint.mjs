/** A short text that is equal for equal values: results of both sides are compared by it. Bounded work. */
import { createHash } from 'node:crypto';

const nodesMaximum = 400_000;

function primitive(value) {
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'ƒ';
  if (typeof value === 'symbol') return value.toString();
  return `${typeof value}:${String(value)}`;
}

/** sha256 of a structural walk: own enumerable properties, arrays, Map, Set, dates, errors, typed arrays, cycles. */
export function fingerprint(root) {
  const hash = createHash('sha256');
  const seen = new Map();
  let nodes = 0;
  const walk = (value) => {
    nodes += 1;
    if (nodes > nodesMaximum) return;
    if (value === null || typeof value !== 'object') return void hash.update(`${primitive(value)};`);
    const known = seen.get(value);
    if (known !== undefined) return void hash.update(`@${known};`);
    seen.set(value, seen.size);
    if (Array.isArray(value)) {
      hash.update(`[${value.length}:`);
      for (let index = 0; index < value.length; index += 1) {
        if (index in value) walk(value[index]);
        else hash.update('hole;');
      }
      return void hash.update(']');
    }
    if (value instanceof Date) return void hash.update(`date ${value.getTime()};`);
    if (value instanceof RegExp) return void hash.update(`re ${String(value)};`);
    if (value instanceof Error) hash.update(`error ${value.name} ${value.message};`);
    if (ArrayBuffer.isView(value)) {
      return void hash
        .update(value.constructor.name)
        .update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
    if (value instanceof Map) {
      hash.update(`map ${value.size}:`);
      for (const [key, item] of value) {
        walk(key);
        walk(item);
      }
    } else if (value instanceof Set) {
      hash.update(`set ${value.size}:`);
      for (const item of value) walk(item);
    }
    hash.update('{');
    for (const key of Object.keys(value).sort()) {
      hash.update(`${JSON.stringify(key)}=`);
      walk(value[key]);
    }
    hash.update('}');
  };
  walk(root);
  return hash.digest('hex').slice(0, 32);
}
