/** The rooms that a trial without servers needs, wired once per command. */
import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { homePaths, type HomePaths } from '../../config.js';
import { RatchetError } from '../../errors.js';
import type { Gate, Sandbox } from '../../verification/types.js';
import type { ArtifactStore, RecordStore } from '../../storage/types.js';
import type { Versioning } from '../../versioning/index.js';
import type { RepositoryPolicy } from '../../versioning/types.js';
import type { CliContext } from '../context.js';

export interface TrialTools {
  readonly paths: HomePaths;
  readonly version: string;
  readonly versioning: Versioning;
  readonly artifacts: ArtifactStore;
  readonly records: RecordStore;
  readonly policy: RepositoryPolicy;
  /** All gates of a trial on a base that holds these files. */
  gatesFor(policy: RepositoryPolicy, existingPaths: readonly string[]): readonly Gate[];
  readonly sandbox: () => Promise<Sandbox>;
  readonly signal: AbortSignal;
  readonly close: () => Promise<void>;
}

async function versionOf(root: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return (manifest as { readonly version?: string }).version ?? 'unknown';
}

/** Wires storage, versioning, safety, sandbox and gates. Close it at the end. */
export async function createTrialTools(
  context: Pick<CliContext, 'config' | 'environment' | 'signal' | 'root'>,
): Promise<TrialTools> {
  const { config, environment } = context;
  const paths = homePaths(config.home);
  const [storage, versioning, safety, verification, analysis, stack] = await Promise.all([
    import('../../storage/index.js'),
    import('../../versioning/index.js'),
    import('../../safety/index.js'),
    import('../../verification/index.js'),
    import('../../analysis/index.js'),
    import('../../stack/index.js'),
  ]);
  const stop = safety.createEmergencyStop({ file: paths.stopFile, redisUrl: config.redisUrl });
  await stop.check();
  const unwatch = await stop.watch();
  const signal = AbortSignal.any([context.signal, stop.signal()]);
  const policy = versioning.defaultPolicy;
  let sandbox: Promise<Sandbox> | undefined;
  return {
    paths,
    version: await versionOf(context.root),
    versioning: versioning.createVersioning({
      mirrors: paths.mirrors,
      workspaces: paths.workspaces,
      stopCheck: () => stop.check(),
      signal: () => signal,
    }),
    artifacts: storage.createArtifactStore(paths.artifacts),
    records: storage.createRecordStore(paths.records),
    policy,
    gatesFor: (judged, existingPaths) =>
      verification.createGates({
        judge: ({ patch }) => {
          const files = versioning.parseDiff(patch.diff);
          return versioning.judgePatch({ diff: patch.diff, files, policy: judged, existingPaths });
        },
        metricsOf: analysis.metricsOf,
        loadAverage: () => loadavg()[0] ?? 0,
      }),
    sandbox() {
      sandbox ??= stack.findPart('sandbox', { config, environment }).then((part) => {
        if (part.path === null) {
          throw new RatchetError('SANDBOX_UNAVAILABLE', 'There is no sandbox on this machine.', {
            mend: 'Run `ratchet doctor`.',
          });
        }
        return verification.createSandbox({
          bwrap: part.path,
          scratch: join(paths.scratch, 'sandbox'),
          stopSignal: () => stop.signal(),
        });
      });
      return sandbox;
    },
    signal,
    close: unwatch,
  };
}
