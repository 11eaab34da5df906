/** How the two third-party servers are started: command line, configuration, data, readiness. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessPlan } from './managed-process.js';
import { stackMark } from './process-identity.js';
import { redisAnswers, waitUntil } from './readiness.js';
import { temporalAnswers } from './temporal-probe.js';
import type { Part } from './types.js';

/** The search attributes that every workflow of Ratchet carries; all of type Keyword. */
export const searchAttributes = [
  'RatchetKind',
  'RatchetRepository',
  'RatchetStage',
  'RatchetDecision',
  'RatchetRule',
  'RatchetRisk',
] as const;

const host = '127.0.0.1';
const readyTimeoutMs = 45_000;

interface ServerOptions {
  readonly path: string;
  readonly part: Part;
  /** Directory of this server's data; made when absent. */
  readonly directory: string;
  /** The stack it belongs to. */
  readonly home: string;
  readonly port: number;
  readonly log: (text: string | Uint8Array) => void;
}

/** The plan for Redis and the URL (with its password) that reaches it. */
export function redisPlan(options: ServerOptions): { readonly plan: ProcessPlan; readonly url: string } {
  const { path, part, directory, port, log } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const password = passwordIn(directory);
  const configuration = join(directory, 'redis.conf');
  writeFileSync(configuration, redisConfiguration(directory, port, password), { mode: 0o600 });
  chmodSync(configuration, 0o600);
  const url = `redis://:${password}@${host}:${port}`;
  return {
    url,
    plan: {
      name: 'redis',
      file: path,
      arguments: [configuration],
      directory,
      environment: { PATH: '/usr/bin:/bin', [stackMark]: options.home },
      ipc: false,
      origin: part.origin,
      version: part.version,
      readyTimeoutMs,
      stopTimeoutMs: 10_000,
      log,
      ready: async (_child, signal) =>
        (await waitUntil(() => redisAnswers(url), { timeoutMs: readyTimeoutMs, signal }))
          ? `${host}:${port}`
          : null,
    },
  };
}

/** Loopback is open to every user of the machine, so even there Redis asks for a password. */
function passwordIn(directory: string): string {
  const file = join(directory, 'password');
  try {
    const known = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-f]{32,}$/.test(known)) return known;
  } catch {
    // first start
  }
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

function redisConfiguration(directory: string, port: number, password: string): string {
  return [
    `bind ${host}`,
    `port ${port}`,
    'protected-mode yes',
    `requirepass ${password}`,
    `dir ${JSON.stringify(directory)}`,
    'daemonize no',
    'logfile ""',
    // The command line stays as we wrote it: that is how an orphan of a killed supervisor is recognised.
    'set-proc-title no',
    'save ""',
    'appendonly yes',
    // Not everysec: that puts writes off while a slow disk syncs, and a kill would lose what was confirmed. Measured:
    // 2.2 ms instead of 0.2 ms for one write after the other, the same throughput for many at once.
    'appendfsync always',
    'maxmemory 1gb',
    // Conversations are no cache: a full memory must be a fault that somebody sees, not a silent loss.
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}

/** The plan for Temporal's development server: one SQLite file, the UI, the search attributes. */
export function temporalPlan(
  options: ServerOptions & {
    readonly uiPort: number;
    readonly namespace: string;
    /** False: no UI (tests). */
    readonly ui?: boolean;
  },
): { readonly plan: ProcessPlan; readonly address: string; readonly ui: string | null } {
  const { path, part, directory, port, uiPort, namespace, log } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const address = `${host}:${port}`;
  const ui = options.ui === false ? null : `http://${host}:${uiPort}`;
  return {
    address,
    ui,
    plan: {
      name: 'temporal',
      file: path,
      arguments: [
        ...['server', 'start-dev', '--ip', host, '--port', String(port)],
        ...(ui === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
        ...['--db-filename', join(directory, 'temporal.db')],
        ...['--namespace', namespace, '--log-level', 'warn'],
        ...['journal_mode=WAL', 'synchronous=NORMAL'].flatMap((pragma) => ['--sqlite-pragma', pragma]),
        ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ],
      directory,
      // Its own HOME and no TEMPORAL_* variables: a profile of the person must not change the server.
      environment: { PATH: '/usr/bin:/bin', HOME: directory, [stackMark]: options.home },
      ipc: false,
      origin: part.origin,
      version: part.version,
      readyTimeoutMs,
      stopTimeoutMs: 10_000,
      log,
      ready: async (_child, signal) =>
        (await waitUntil(() => temporalAnswers(address, namespace), { timeoutMs: readyTimeoutMs, signal }))
          ? address
          : null,
    },
  };
}
