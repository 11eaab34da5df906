/** What the API is given at its entry; routes know only these ports. */
import type { Conversations } from '../conversation/index.js';
import type { LanguageModel } from '../llm/types.js';
import type { MemoryRoom } from '../memory/index.js';
import type { MetricStore, Recorder } from '../metrics/types.js';
import type { Limiter, TokenBook } from '../safety/index.js';
import type { AuditLog, EmergencyStop } from '../safety/types.js';
import type { ArtifactStore, RecordStore } from '../storage/types.js';
import type { TestHistory } from '../verification/history/index.js';
import type { Repository } from '../versioning/types.js';
import type { WebFiles } from './dashboard/web-files.js';
import type { Gateway } from './gateway.js';
import type { Analyse } from '../analysis/without-compiler.js';

/** What registration needs to know about a path. */
export interface SourceInspector {
  inspectSource(path: string): Promise<{
    readonly root: string;
    readonly directory: string;
    readonly name: string;
    readonly id: string;
    readonly branch: string | null;
  }>;
}

export interface ApiDependencies {
  readonly records: RecordStore;
  readonly artifacts: ArtifactStore;
  readonly audit: AuditLog;
  readonly stop: EmergencyStop;
  readonly gateway: Gateway;
  readonly tests: Pick<TestHistory, 'read'>;
  readonly conversations: Conversations;
  readonly memory: Pick<MemoryRoom, 'search' | 'state'>;
  readonly model: Pick<LanguageModel, 'models' | 'health' | 'complete' | 'embed'>;
  readonly analyse: Analyse;
  readonly sources: SourceInspector;
  readonly defaultPolicy: Repository['policy'];
  readonly token: string;
  /** Tokens that may do less than the owner's. */
  readonly tokens?: Pick<TokenBook, 'find'>;
  /** Default: the default limits, counted in this process. */
  readonly limiter?: Limiter;
  /** The dashboard's files; null: not built, not served. */
  readonly web?: WebFiles | null;
  /** openapi.json as `npm run openapi` made it. */
  readonly document?: string;
  /** In whose name a signed-in browser decides. */
  readonly person?: string;
  readonly version?: string;
  /** Also measure memory, CPU and event loop of this process; false in tests, where many apps share one. */
  readonly measureProcess?: boolean;
  /** Series of measurements; null or left out: there is no Redis to keep them. */
  readonly metricStore?: MetricStore | null;
  /** Hears how long each answer took. */
  readonly recorder?: Pick<Recorder, 'record'>;
  /** Exact Host values that are served, such as `127.0.0.1:7878`. */
  readonly hosts: () => readonly string[];
  readonly temporalUi: string | null;
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/** Who sent a request. */
export interface Caller {
  /** `owner`, `browser`, or `token:` and its name. */
  readonly id: string;
  /** Of a token that the owner made; null for the owner, also in a browser. */
  readonly token: string | null;
}

/** Names that Hono's context carries. */
export interface ApiEnvironment {
  Variables: {
    requestId: string;
    /** Not there where no token is asked for. */
    caller?: Caller;
  };
}
