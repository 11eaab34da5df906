/** Versions as programs print them. */
import { runCommand } from './run-command.js';

/** The first dotted number in a text ("Redis server v=8.2.3 …" → "8.2.3"), or null. */
export function versionIn(text: string): string | null {
  return /(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1] ?? null;
}

/** True when `version` is the same as or newer than `minimum`; missing numbers count as 0. */
export function atLeast(version: string, minimum: string): boolean {
  const own = version.split('.').map(Number);
  const wanted = minimum.split('.').map(Number);
  for (let i = 0; i < Math.max(own.length, wanted.length); i += 1) {
    const difference = (own[i] ?? 0) - (wanted[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Asks an executable for its version; null when it does not run or prints none. */
export async function probeVersion(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<string | null> {
  const result = await runCommand(path, ['--version'], { timeoutMs: 15_000, environment, signal });
  return result.status === 0 ? versionIn(result.stdout) : null;
}
