/** Requests that are nearly right: one to three things about a valid one are not as they should be. */
import { gzipSync } from 'node:zlib';
import { draftOf, pick, type Draft, type Random } from './make-request.js';
import type { ToldOperation } from './read-document.js';
import type { Known, World } from './world.js';

/** A request as it goes over the wire. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

export function asSent(draft: Draft, { host, token }: Pick<World, 'host' | 'token'>): Sent {
  return {
    method: draft.method,
    path: draft.path,
    headers: {
      ...{ host, authorization: `Bearer ${token}` },
      ...(draft.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...draft.headers,
    },
    body: draft.body === undefined ? null : JSON.stringify(draft.body),
  };
}

const deep = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

const oddTexts = [
  ...['', ' ', '\u0000', '\ud800', '\u202e\u2066x', '👩‍👩‍👧‍👦', 'x'.repeat(10_000), '../../etc/passwd', '%00', '-'],
  ...[
    '--upload-pack=touch /tmp/x',
    '$(id)',
    "'; DROP TABLE x; --",
    '<img src=x onerror=1>',
    '{{7*7}}',
    'null',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'NaN', '1e999', '0x10', '25:99', '\r\nX: y'],
  ...[
    '9999-99-99T99:99:99Z',
    'C:\\x',
    'file:///etc/passwd',
    'ａ',
    'ß',
    'İ',
    '\ufeff',
    'a\nb',
    '*',
    '[',
    '(?<a>',
  ],
];
const oddNumbers = [
  ...[0, -0, -1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 1e21, 1e308, 5e-324, Number.MAX_SAFE_INTEGER],
];
const oddValues = (): readonly unknown[] => [
  ...[null, true, false, [], {}, [[]], [null], { a: 1 }, [1, 'x'], deep(40), deep(2_000)],
  ...[Array.from({ length: 3_000 }, () => 'x'), { toString: 1 }, { length: -1 }, { valueOf: 'x' }],
  ...['text', 'title', 'id'].map((name) => ({ [name]: name })),
];

function oddValue(random: Random): unknown {
  const kind = random();
  return kind < 0.4 ? pick(random, oddTexts) : pick(random, kind < 0.6 ? oddNumbers : oddValues());
}

const oddNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toJSON',
  '',
  'sudo',
  'a.b',
  '$ref',
  'é',
  '0',
  '\u0000',
];

/** Puts something odd at, or beside, some place of the value. */
function spoiled(value: unknown, random: Random): unknown {
  const isTree = typeof value === 'object' && value !== null;
  const keys = isTree ? Object.keys(value) : [];
  if (!isTree || (keys.length === 0 && random() < 0.5) || random() < 0.15) return oddValue(random);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * (value.length + 1));
    return value.toSpliced(at, 1, spoiled(value[at], random));
  }
  const entries = Object.entries(value);
  const act = random();
  if (act < 0.2 || keys.length === 0)
    return Object.fromEntries([...entries, [pick(random, oddNames), oddValue(random)]]);
  const chosen = pick(random, keys);
  if (act < 0.35) return Object.fromEntries(entries.filter(([key]) => key !== chosen));
  return Object.fromEntries(entries.map(([key, one]) => [key, key === chosen ? spoiled(one, random) : one]));
}

/** Texts that are no JSON, or JSON that says something twice. */
const spoiledTexts: readonly ((text: string, random: Random) => Sent['body'])[] = [
  (text, random) => text.slice(0, Math.floor(random() * text.length)),
  (text) => `${text}}`,
  (text) => `${text}\n${text}`,
  (text) => `\ufeff${text}`,
  (text) => text.replace(/^\{/, '{"__proto__":{"admin":true},'),
  (text) => text.replace(/^\{("[^"]*":)/, '{$1 null, $1'),
  (text) => text.replace(/:\s*("[^"]*"|-?[\d.]+)/, ': 1e999'),
  (text) => text.replace(/:\s*("[^"]*"|-?[\d.]+)/, `: ${'9'.repeat(400)}`),
  (text) => text.replace(/:\s*"[^"]*"/, String.raw`: "\ud800\udfff\u0000"`),
  (text) => text.replaceAll('"', "'"),
  (text) => new Uint8Array(Buffer.from(text, 'utf16le')),
  (text) => new Uint8Array([...Buffer.from(text), 0xff, 0xfe, 0xc0, 0x80]),
  (text) => new Uint8Array(gzipSync(text)),
  () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  () => `{"a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
  () => '',
  () => 'NaN',
  () => '// x\n{}',
  () => '"'.concat('x'.repeat(1_100_000), '"'),
];

const oddHeaders: readonly (readonly [name: string, values: readonly string[]])[] = [
  [
    'content-type',
    ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''],
  ],
  ['content-type', ['application/json; charset=utf-16', 'APPLICATION/JSON', 'application/jsonp', '*/*']],
  ['content-encoding', ['gzip', 'br', 'chunked', 'x']],
  ['content-length', ['0', '-1', '99999999999', 'x']],
  ['host', ['evil.example', '127.0.0.1', '127.0.0.1:7878.evil.example', '', 'localhost:1', '[::1]:7878']],
  ['origin', ['https://evil.example', 'null', 'http://127.0.0.1:7878', 'http://127.0.0.1', '']],
  ['authorization', ['', 'Bearer', 'Bearer x', 'Basic eDp5', `Bearer ${'x'.repeat(5_000)}`, 'bearer x']],
  ['cookie', ['ratchet_session=x', 'ratchet_session=1.aaaaaaaaaaaaaaaa.x', `a=${'x'.repeat(5_000)}`]],
  ['accept', ['text/markdown', 'image/png', '*/*;q=0', '']],
  ['idempotency-key', ['', ' ', 'é', 'x'.repeat(300), 'k-1', '../x']],
  ['last-event-id', ['0-0', 'x', '99999999999999999999-1', '', '-1', '$', '1-1-1']],
  ['x-session-id', ['', 'x', '../x', '__proto__', 'x'.repeat(300)]],
  ['x-http-method-override', ['DELETE']],
  ['x-forwarded-host', ['evil.example']],
  ['if-none-match', ['*', '"x"']],
  ['range', ['bytes=0-1', 'bytes=-1']],
  ['expect', ['100-continue']],
];

const encoded = (text: string): string => encodeURIComponent(text.replaceAll('\ud800', ''));

/** One thing about the path that is not as it should be. */
function spoiledPath(path: string, known: Known, random: Random): string {
  const [plain = '', query = ''] = path.split('?');
  const act = random();
  if (act < 0.4) {
    const segments = plain.split('/');
    const at = Math.max(2, Math.floor(random() * segments.length));
    const odd = random() < 0.3 ? pick(random, Object.values(known)) : pick(random, oddTexts);
    return `${segments.toSpliced(at, 1, encoded(odd).slice(0, 4_000)).join('/')}${query === '' ? '' : `?${query}`}`;
  }
  if (act < 0.5) return `${plain}/${encoded(pick(random, oddTexts))}`;
  if (act < 0.55)
    return `${plain}${pick(random, ['%', '%zz', '%ff', '//', '/.', '/..', ';x', '%2e%2e', '#x'])}`;
  const names = ['limit', 'cursor', 'repository', 'stage', 'before', 'after', 'q', 'kind', 'flaky', 'canary'];
  const name = random() < 0.8 ? pick(random, names) : pick(random, oddNames);
  const value = random() < 0.3 ? String(pick(random, oddNumbers)) : pick(random, oddTexts);
  const more = `${encoded(name)}=${encoded(value).slice(0, 4_000)}`;
  return `${plain}?${query}&${more}${random() < 0.2 ? `&${more}` : ''}`;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const bodyless = new Set(['GET', 'HEAD']);

/** Whatever a header cannot hold is left out: no client could send it. */
function withHeader(headers: Record<string, string>, name: string, value: string): Record<string, string> {
  if (value === '') return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
  return { ...headers, [name]: value };
}

/** A request for the operation, in part as its document says. */
export function spoil(operation: ToldOperation, world: World, random: Random): Sent {
  const draft = draftOf(operation, world.known, random);
  let sent = asSent(draft, world);
  if (draft.body !== undefined && random() < 0.6) {
    let value: unknown = draft.body;
    for (let left = 1 + Math.floor(random() * 2); left > 0; left -= 1) value = spoiled(value, random);
    sent = { ...sent, body: JSON.stringify(value ?? null) };
  }
  if (typeof sent.body === 'string' && random() < 0.2)
    sent = { ...sent, body: pick(random, spoiledTexts)(sent.body, random) };
  if (random() < 0.35) sent = { ...sent, path: spoiledPath(sent.path, world.known, random) };
  if (random() < 0.25) {
    const [name, values] = pick(random, oddHeaders);
    sent = { ...sent, headers: withHeader(sent.headers, name, pick(random, values)) };
  }
  if (random() < 0.05) sent = { ...sent, method: pick(random, methods) };
  return bodyless.has(sent.method) ? { ...sent, body: null } : sent;
}
