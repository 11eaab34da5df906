/** Requests made from the document: values by schema, ids of things that are there. */
import type { Schema, ToldOperation } from './read-document.js';
import type { Known } from './world.js';

/** A stream of numbers below 1 that a seed decides (mulberry32). */
export type Random = () => number;
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
/** @throws Error for an empty list */
export function pick<T>(random: Random, among: readonly T[]): T {
  const found = among[Math.floor(random() * among.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

export interface Draft {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a path's parameter names, by the path's beginning. */
function idOf(known: Known, path: string, name: string): string {
  if (name !== 'id' && name in known) return known[name as keyof Known];
  const [, , kind = ''] = path.split('/');
  const ids: Readonly<Record<string, string>> = {
    ...{ repositories: known.repository, analyses: known.analysis, cycles: known.cycle },
    ...{ proposals: known.landed, evidence: known.evidence, changes: known.change, trials: known.trial },
    ...{
      alerts: known.alert,
      reports: 'now',
      schedules: known.schedule,
      nights: known.night,
      sessions: known.session,
    },
  };
  return ids[kind] ?? 'x';
}

/** Fields that name something: any text would fit their schema, and mean nothing. */
const named = (known: Known): Readonly<Record<string, unknown>> => ({
  ...{ repository: known.repository, repositoryId: known.repository, repositories: [known.repository] },
  ...{ source: known.source, evidence: known.evidence, message: known.message, everyMs: 2_000_000_000 },
  ...{ session: known.session, cron: '0 4 * * *', timezone: 'Europe/Berlin', path: known.source },
  patch: '--- a/src/b.ts\n+++ b/src/b.ts\n@@ -1 +1 @@\n-export const b = 1;\n+export const b = 4;\n',
  ...{ replaces: known.message, limit: 3, kind: 'message,code', baseBranch: 'main', model: 'scripted' },
});

const samples = [
  ...['x', 'main', 'p-1', '04:00', 'a'.repeat(40), 'a'.repeat(64), '2026-01-02T03:04:05.000Z'],
  ...['2026-01-02T03:04:05Z', '0-0', 'some words', '15m', 'route:none'],
];

function textFor({ pattern, minLength = 0, maxLength = 1e6 }: Schema): string {
  const fits = (text: string): boolean =>
    (typeof pattern !== 'string' || new RegExp(pattern, 'u').test(text)) &&
    text.length >= Number(minLength) &&
    text.length <= Number(maxLength);
  const found = samples.find(fits) ?? 'x'.repeat(Number(minLength));
  if (!fits(found)) throw new Error(`no sample fits ${JSON.stringify(pattern)}`);
  return found;
}

/** A value of the schema; `random` decides on what is optional, null takes only what is required. */
export function valueOf(schema: Schema, known: Known, random: Random | null): unknown {
  const choices = (schema['anyOf'] ?? schema['oneOf'] ?? schema['enum']) as readonly unknown[] | undefined;
  if ('const' in schema) return schema['const'];
  if (choices !== undefined) {
    const one = random === null ? choices[0] : pick(random, choices);
    return schema['enum'] === choices ? one : valueOf(one as Schema, known, random);
  }
  const [type] = [schema['type']].flat() as (string | undefined)[];
  if (type === 'object') return objectOf(schema, known, random);
  if (type === 'array') {
    const few = Math.max(Number(schema['minItems'] ?? 0), random === null ? 1 : Math.floor(random() * 3));
    const count = Math.min(few, Number(schema['maxItems'] ?? few));
    return Array.from({ length: count }, () => valueOf((schema['items'] ?? {}) as Schema, known, random));
  }
  if (type === 'string') return textFor(schema);
  if (type === 'integer' || type === 'number') {
    const [low, high] = [Number(schema['minimum'] ?? 0), Number(schema['maximum'] ?? 100)];
    return random === null ? low : Math.floor(low + random() * (Math.min(high, low + 1_000) - low));
  }
  if (type === 'boolean') return random === null ? false : random() < 0.5;
  return type === 'null' ? null : 'anything';
}

function objectOf(schema: Schema, known: Known, random: Random | null): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const names = named(known);
  const made: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(properties)) {
    if (!required.includes(name) && (random === null || random() < 0.6)) continue;
    made[name] = Object.hasOwn(names, name) ? names[name] : valueOf(member, known, random);
  }
  return made;
}

/** A request that the operation's document allows. */
export function draftOf(operation: ToldOperation, known: Known, random: Random | null): Draft {
  const names = named(known);
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  for (const { name, in: place, required, schema } of operation.parameters) {
    if (place === 'path' || (!required && (random === null || random() < 0.5))) continue;
    const value = Object.hasOwn(names, name) ? names[name] : valueOf(schema, known, random);
    if (place === 'query') query.set(name, String(value));
    else headers[name] = name === 'X-Session-Id' ? known.session : name === 'Last-Event-ID' ? '0-0' : 'k-1';
  }
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => idOf(known, operation.path, name));
  const asked = query.size === 0 ? path : `${path}?${query.toString()}`;
  const body = operation.body === null ? undefined : valueOf(operation.body, known, random);
  return { method: operation.method, path: asked, headers, body };
}
