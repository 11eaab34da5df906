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

/** Text of what has no members to walk; null for the rest. */
function leaf(value) {
  if (value === null || typeof value !== 'object') return primitive(value);
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof RegExp) return `re ${String(value)}`;
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name} ${createHash('sha256').update(bytes).digest('hex')}`;
  }
  return null;
}

/** sha256 of a structural walk: own enumerable properties, arrays, Map, Set, dates, errors, typed arrays, cycles. */
export function fingerprint(root) {
  const hash = createHash('sha256');
  const seen = new Map();
  let nodes = 0;
  const members = (value) => {
    if (value instanceof Error) hash.update(`error ${value.name} ${value.message};`);
    if (Array.isArray(value)) {
      hash.update(`[${value.length}:`);
      for (let index = 0; index < value.length; index += 1) {
        if (index in value) walk(value[index]);
        else hash.update('hole;');
      }
      return;
    }
    if (value instanceof Map) {
      hash.update(`map ${value.size}:`);
      for (const pair of value) pair.forEach(walk);
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
  const walk = (value) => {
    nodes += 1;
    if (nodes > nodesMaximum) return;
    const text = leaf(value);
    const known = text === null ? seen.get(value) : undefined;
    if (text !== null) hash.update(`${text};`);
    else if (known !== undefined) hash.update(`@${known};`);
    else {
      seen.set(value, seen.size);
      members(value);
    }
  };
  walk(root);
  return hash.digest('hex').slice(0, 32);
}
