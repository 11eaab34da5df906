/** The one schema of all settings. Entry points call `readConfig(process.env)` once; nobody else reads the environment. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { RatchetError } from './errors.js';
import { limitsPattern } from './safety/policy.js';

const port = z.coerce.number().int().min(0).max(65_535);

/** Limits by name; what is not named keeps its default. */
const usage = z
  .string()
  .regex(
    /^(calls|tokens|seconds|candidates)=\d{1,9}(,(calls|tokens|seconds|candidates)=\d{1,9}){0,3}$/,
    'calls, tokens, seconds and candidates as name=number, separated by commas',
  )
  .transform((text): Readonly<Record<string, number>> => {
    const pairs = text.split(',').map((pair) => pair.split('='));
    return Object.fromEntries(pairs.map(([name = '', count]) => [name, Number(count)]));
  });

const Settings = z.object({
  /** All state: servers' data, mirrors, workspaces, artifacts, tokens, logs. */
  RATCHET_HOME: z.string().min(1).optional(),
  XDG_STATE_HOME: z.string().min(1).optional(),
  /** Where unpacked third-party binaries are kept; default inside RATCHET_HOME. */
  RATCHET_PARTS: z.string().min(1).optional(),
  RATCHET_API_HOST: z.string().min(1).default('127.0.0.1'),
  RATCHET_API_PORT: port.default(7878),
  /** Listening for more than this machine: the only value says that somebody else, a proxy, speaks TLS. */
  RATCHET_API_EXPOSE: z.enum(['plain-http']).optional(),
  /** Further names, with their port, under which people reach the API: "ratchet.example.org:443,10.0.0.7:7878". */
  RATCHET_API_HOSTS: z
    .string()
    .regex(
      /^[a-z0-9.:[\]-]{1,255}(,[a-z0-9.:[\]-]{1,255}){0,19}$/,
      'lower-case host:port, separated by commas',
    )
    .optional(),
  /** Requests per minute and at once, by class: "write=600@32,work=60"; "off" limits nothing. */
  RATCHET_API_LIMITS: z
    .string()
    .regex(limitsPattern, 'off, or read, write, work, chat, stream as class=perMinute@atOnce')
    .optional(),
  /** Address of a running API; set by the stack for its children and by people who use a remote one. */
  RATCHET_API_URL: z.url().optional(),
  RATCHET_TOKEN: z.string().min(16).optional(),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  /** Where people open Temporal's UI. */
  RATCHET_TEMPORAL_UI: z.url().optional(),
  REDIS_URL: z.url().optional(),
  LM_STUDIO_URL: z.url().default('http://localhost:1234/v1'),
  /** Token of that server, when it wants one. */
  LM_STUDIO_API_KEY: z.string().min(1).max(4_096).optional(),
  /** Model ids; default: the best that the server offers. */
  RATCHET_LLM_MODEL: z.string().min(1).max(200).optional(),
  RATCHET_EMBED_MODEL: z.string().min(1).max(200).optional(),
  /** Tokens of context that conversations want at least; less is reported as context-too-small. */
  RATCHET_LLM_CONTEXT: z.coerce.number().int().min(1_024).max(10_000_000).default(4_096),
  /** Answers at once; default: what the server says that it serves. */
  RATCHET_LLM_PARALLEL: z.coerce.number().int().min(1).max(64).optional(),
  /** Do cycles ask a language model for changes that no codemod makes? `auto`: when one answers. */
  RATCHET_MODEL_CHANGES: z.enum(['auto', 'off']).default('auto'),
  /** What model-written changes may cost per cycle, and per day (UTC): "calls=24,tokens=80000". */
  RATCHET_MODEL_BUDGET: usage.default({}),
  RATCHET_MODEL_BUDGET_DAY: usage.default({}),
  /** Where memory is indexed: in Redis when it has the search module (`auto`), or as somebody decides. */
  RATCHET_MEMORY: z.enum(['auto', 'redis', 'process']).default('auto'),
  /** What this worker process does; default everything. `main` runs workflows, `exec` trials, `llm` answers. */
  RATCHET_WORKER_QUEUES: z
    .string()
    .regex(/^(main|exec|llm)(,(main|exec|llm)){0,2}$/, 'main, exec and llm, separated by commas')
    .default('main,exec,llm'),
  /** How many workspaces run at once on this host. */
  RATCHET_EXEC_SLOTS: z.coerce.number().int().min(1).max(64).default(1),
  /** Faults on purpose, for the crash matrix: see src/activities/crash-points.ts. */
  RATCHET_CRASH_AT: z.string().min(1).optional(),
  /** Where alerts are sent, signed with the secret; addresses of this machine's own network only when allowed. */
  RATCHET_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  RATCHET_WEBHOOK_SECRET: z.string().min(16).max(1_000).optional(),
  RATCHET_WEBHOOK_PRIVATE: z.enum(['allow']).optional(),
  RATCHET_LOG: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

/** Kinds of work that a worker process may be restricted to. */
export type WorkerQueue = 'main' | 'exec' | 'llm';

/** Parsed settings with defaults applied. */
export interface Config {
  readonly home: string;
  /** Absolute directory of unpacked third-party binaries. */
  readonly parts: string;
  readonly api: {
    readonly host: string;
    readonly port: number;
    readonly url: string | null;
    /** Beside the loopback names. */
    readonly hosts: readonly string[];
    /** As it was set; null: the defaults. */
    readonly limits: string | null;
  };
  readonly token: string | null;
  readonly temporal: {
    readonly address: string | null;
    readonly namespace: string;
    readonly ui: string | null;
  };
  readonly redisUrl: string | null;
  readonly lmStudioUrl: string;
  readonly llm: {
    readonly apiKey: string | null;
    readonly model: string | null;
    readonly embeddingModel: string | null;
    readonly contextMin: number;
    readonly parallel: number | null;
  };
  readonly modelChanges: {
    readonly mode: 'auto' | 'off';
    /** Limits that were named. */
    readonly run: Readonly<Record<string, number>>;
    readonly day: Readonly<Record<string, number>>;
  };
  readonly memory: 'auto' | 'redis' | 'process';
  readonly workerQueues: readonly WorkerQueue[];
  readonly execSlots: number;
  readonly webhook: {
    readonly url: string;
    readonly secret: string | null;
    readonly allowInner: boolean;
  } | null;
  readonly crashAt: string | null;
  readonly log: 'debug' | 'info' | 'warn' | 'error';
}

/**
 * Reads all settings from an environment.
 * @throws RatchetError INVALID_INPUT naming the variable, its value and what is allowed.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Settings.safeParse(present);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path.join('.') ?? 'environment';
    const value = present[name] ?? '';
    const shown = /TOKEN|KEY|URL|SECRET/.test(name) ? '(hidden)' : JSON.stringify(value);
    throw new RatchetError(
      'INVALID_INPUT',
      `${name}=${shown} is not usable: ${issue?.message ?? 'invalid'}.`,
      {
        where: name,
        mend: `Unset ${name} or give it an allowed value.`,
      },
    );
  }
  const s = parsed.data;
  refuseExposure(s.RATCHET_API_HOST, s.RATCHET_API_EXPOSE !== undefined);
  const home = resolve(
    s.RATCHET_HOME ?? join(s.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'ratchet'),
  );
  return {
    home,
    parts: resolve(s.RATCHET_PARTS ?? join(home, 'parts')),
    api: {
      host: s.RATCHET_API_HOST,
      port: s.RATCHET_API_PORT,
      url: s.RATCHET_API_URL ?? null,
      hosts: s.RATCHET_API_HOSTS?.split(',') ?? [],
      limits: s.RATCHET_API_LIMITS ?? null,
    },
    token: s.RATCHET_TOKEN ?? null,
    temporal: {
      address: s.TEMPORAL_ADDRESS ?? null,
      namespace: s.TEMPORAL_NAMESPACE,
      ui: s.RATCHET_TEMPORAL_UI ?? null,
    },
    redisUrl: s.REDIS_URL ?? null,
    lmStudioUrl: s.LM_STUDIO_URL,
    llm: {
      apiKey: s.LM_STUDIO_API_KEY ?? null,
      model: s.RATCHET_LLM_MODEL ?? null,
      embeddingModel: s.RATCHET_EMBED_MODEL ?? null,
      contextMin: s.RATCHET_LLM_CONTEXT,
      parallel: s.RATCHET_LLM_PARALLEL ?? null,
    },
    modelChanges: {
      mode: s.RATCHET_MODEL_CHANGES,
      run: s.RATCHET_MODEL_BUDGET,
      day: s.RATCHET_MODEL_BUDGET_DAY,
    },
    memory: s.RATCHET_MEMORY,
    workerQueues: s.RATCHET_WORKER_QUEUES.split(',') as WorkerQueue[],
    execSlots: s.RATCHET_EXEC_SLOTS,
    webhook:
      s.RATCHET_WEBHOOK_URL === undefined
        ? null
        : {
            url: s.RATCHET_WEBHOOK_URL,
            secret: s.RATCHET_WEBHOOK_SECRET ?? null,
            allowInner: s.RATCHET_WEBHOOK_PRIVATE === 'allow',
          },
    crashAt: s.RATCHET_CRASH_AT ?? null,
    log: s.RATCHET_LOG,
  };
}

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** Tokens in clear over a network are a decision that somebody must write down. */
function refuseExposure(host: string, isExplicit: boolean): void {
  if (isExplicit || loopback.test(host)) return;
  throw new RatchetError(
    'INVALID_INPUT',
    `RATCHET_API_HOST=${JSON.stringify(host)} is not a loopback address.`,
    {
      where: 'RATCHET_API_HOST',
      mend: 'Put a proxy with TLS before the API and set RATCHET_API_EXPOSE=plain-http, or use 127.0.0.1.',
    },
  );
}

/** Every path under RATCHET_HOME, in one place. */
export function homePaths(home: string) {
  return {
    /** stack.json: what runs where; stack.lock: one stack per user. */
    stackState: join(home, 'stack.json'),
    stackLock: join(home, 'stack.lock'),
    data: join(home, 'data'),
    logs: join(home, 'logs'),
    token: join(home, 'token'),
    /** Tokens with scopes, as hashes. */
    tokens: join(home, 'tokens.json'),
    stopFile: join(home, 'STOP'),
    audit: join(home, 'audit.jsonl'),
    artifacts: join(home, 'artifacts'),
    records: join(home, 'records'),
    /** Summaries of nights, Markdown. */
    reports: join(home, 'reports'),
    conversations: join(home, 'conversations'),
    /** What the embedding model said of texts; derived, and gone with them. */
    vectors: join(home, 'vectors'),
    mirrors: join(home, 'mirrors'),
    workspaces: join(home, 'workspaces'),
    dependencies: join(home, 'dependencies'),
    cache: join(home, 'cache'),
    scratch: join(home, 'scratch'),
  } as const;
}

/** The layout of one RATCHET_HOME. */
export type HomePaths = ReturnType<typeof homePaths>;
