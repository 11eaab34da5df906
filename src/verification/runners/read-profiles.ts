/** CPU profiles of a suite run → self time per function of the repository, mapped back to the written source. */
import { SourceMap, type SourceMapPayload } from 'node:module';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { readOutput } from '../sandbox/read-output.js';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

const profileBytesMax = 300_000_000;
/** Functions below this share are noise of the sampling and left out. */
const shareMin = 0.000_1;

/**
 * Self time of each function as share of all busy time of the run: "file:line:column" (from 1) → 0…1. The position is
 * where V8 says that the function starts (its parameter list), mapped through the script's own source map.
 * Files outside the tree and in node_modules count in the total only.
 */
export async function readHotShares(
  output: string,
  profiles: readonly string[],
  tree: string,
): Promise<Record<string, number>> {
  const selfTime = new Map<string, number>();
  let total = 0;
  for (const name of profiles) {
    const profile = parse<Profile>(await readOutput(output, name, profileBytesMax));
    if (profile === null || !Array.isArray(profile.nodes)) continue;
    const mapsName = name.replace(/\.cpuprofile$/, '.maps.json');
    const maps = parse<Record<string, string>>(await readOutput(output, mapsName, profileBytesMax)) ?? {};
    const decoded = new Map<string, SourceMap | null>();
    for (const { frame, micros } of busyFrames(profile)) {
      total += micros;
      const file = relativeFile(frame.url);
      if (file === null) continue;
      if (!decoded.has(frame.url)) decoded.set(frame.url, await decode(maps[frame.url], file, tree));
      const key = place(file, frame, decoded.get(frame.url) ?? null);
      if (key !== null) selfTime.set(key, (selfTime.get(key) ?? 0) + micros);
    }
  }
  const shares = [...selfTime].map(([key, micros]) => [key, micros / Math.max(1, total)] as const);
  return Object.fromEntries(
    shares.filter(([, share]) => share >= shareMin).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
  );
}

function busyFrames(profile: Profile): { frame: CallFrame; micros: number }[] {
  const byId = new Map<number, number>();
  const deltas = profile.timeDeltas ?? [];
  for (const [index, id] of (profile.samples ?? []).entries()) {
    byId.set(id, (byId.get(id) ?? 0) + Math.max(0, deltas[index] ?? 0));
  }
  return profile.nodes.flatMap(({ id, callFrame }) => {
    const micros = byId.get(id) ?? 0;
    if (micros === 0 || callFrame.functionName === '(idle)' || callFrame.functionName === '(root)') return [];
    return [{ frame: callFrame, micros }];
  });
}

/** Path below /work of a script's URL, or null for everything that is not the repository's own. */
function relativeFile(url: string): string | null {
  const path = url.replace(/^file:\/\//, '').replace(/[?#].*$/, '');
  if (!path.startsWith('/work/') || path.includes('/node_modules/')) return null;
  return path.slice('/work/'.length);
}

function place(file: string, frame: CallFrame, map: SourceMap | null): string | null {
  if (map === null) return `${file}:${frame.lineNumber + 1}:${frame.columnNumber + 1}`;
  const entry = map.findEntry(frame.lineNumber, frame.columnNumber);
  if (!('originalSource' in entry) || entry.originalSource === undefined) return null;
  const source = originalFile(file, entry.originalSource);
  return source === null ? null : `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

/** The written file behind a source map's `source`, relative to the tree. */
function originalFile(file: string, source: string): string | null {
  const plain = source.replace(/^file:\/\//, '').replace(/^webpack:\/\/[^/]*\//, '');
  const path = plain.startsWith('/')
    ? plain.replace(/^\/work\//, '/')
    : `/${posix.join(posix.dirname(file), plain)}`;
  const relative = posix.normalize(path).slice(1);
  // A bare file name is what most transformers write for the file itself.
  if (posix.basename(relative) === posix.basename(file) && !plain.includes('/')) return file;
  return relative.startsWith('..') || relative.includes('node_modules/') ? null : relative;
}

async function decode(reference: string | undefined, file: string, tree: string): Promise<SourceMap | null> {
  if (reference === undefined) return null;
  try {
    const text = reference.startsWith('data:')
      ? fromDataUrl(reference)
      : await readFile(posix.join(tree, posix.dirname(file), reference), 'utf8');
    return new SourceMap(JSON.parse(text) as SourceMapPayload);
  } catch {
    // No usable map (built inside the sandbox, or broken): positions stay those of the script.
    return null;
  }
}

function fromDataUrl(url: string): string {
  const comma = url.indexOf(',');
  const body = url.slice(comma + 1);
  return url.slice(0, comma).endsWith(';base64')
    ? Buffer.from(body, 'base64').toString('utf8')
    : decodeURIComponent(body);
}

function parse<T>(text: string | null): T | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    // Written by a process that was killed in the middle.
    return null;
  }
}
