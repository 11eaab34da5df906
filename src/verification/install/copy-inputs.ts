/** Copies what an installation reads, without anything in it that could run code or send secrets away. */
import { copyFile, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';

/**
 * Settings of the repository's .npmrc that only choose sources and layout. Everything else (git, script-shell,
 * node-options, credentials, values with variables) stays out.
 */
const npmrcAllowed =
  /^(?:@[^:]+:registry|registry|legacy-peer-deps|strict-peer-deps|strict-peer-dependencies|auto-install-peers|node-linker|hoist|hoist-pattern(?:\[\])?|public-hoist-pattern(?:\[\])?|shamefully-hoist|link-workspace-packages|prefer-workspace-packages|shared-workspace-lockfile|dedupe-peer-dependents|resolution-mode|install-links|install-strategy|package-lock)\s*=/;
/** Keys of .yarnrc.yml that only choose sources and layout: no yarnPath, no plugins, no credentials. */
const yarnAllowed = [
  'npmRegistryServer',
  'npmScopes',
  'nmHoistingLimits',
  'nmMode',
  'packageExtensions',
  'defaultSemverRangePrefix',
];

/** Copies `inputs` (relative paths) from one root to another. Links are never followed. */
export async function copyInputs(from: string, to: string, inputs: readonly string[]): Promise<void> {
  for (const path of inputs) {
    const source = join(from, path);
    const found = await lstat(source);
    if (!found.isFile()) continue;
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    const name = basename(path);
    if (name === '.npmrc') await writeFile(target, cleanNpmrc(await readFile(source, 'utf8')));
    else if (name === '.yarnrc.yml') await writeFile(target, cleanYarnrc(await readFile(source, 'utf8')));
    else if (name === '.yarnrc') await writeFile(target, cleanOldYarnrc(await readFile(source, 'utf8')));
    else if (name === 'package.json') await writeFile(target, cleanManifest(await readFile(source, 'utf8')));
    else await copyFile(source, target);
  }
}

/** Keeps the allowed lines of an .npmrc. */
export function cleanNpmrc(text: string): string {
  const kept = text.split(/\r?\n/).filter((line) => npmrcAllowed.test(line.trim()) && !line.includes('${'));
  return `${kept.join('\n')}\n`;
}

/** Keeps the allowed keys of a .yarnrc.yml. */
export function cleanYarnrc(text: string): string {
  let value: unknown = null;
  try {
    value = parse(text, { maxAliasCount: 10 });
  } catch {
    // A broken file chooses nothing.
  }
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const kept = Object.fromEntries(
    yarnAllowed.flatMap((key) => {
      const one = given[key];
      return one === undefined || JSON.stringify(one).includes('${') ? [] : [[key, withoutTokens(one)]];
    }),
  );
  return stringify(kept);
}

function withoutTokens(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      /auth|token/i.test(key) ? [] : [[key, withoutTokens(one)]],
    ),
  );
}

function cleanOldYarnrc(text: string): string {
  return `${text
    .split(/\r?\n/)
    .filter((line) => /^"?(?:@[^:]+:)?registry"?\s/.test(line))
    .join('\n')}\n`;
}

/** A manifest without scripts (nothing may run) and without the pin that would make corepack fetch another manager. */
function cleanManifest(text: string): string {
  try {
    const value = JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, unknown>;
    const { scripts: _scripts, packageManager: _manager, devEngines: _engines, ...rest } = value;
    return `${JSON.stringify(rest, null, 2)}\n`;
  } catch {
    return text;
  }
}
