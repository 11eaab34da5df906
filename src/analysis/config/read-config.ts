/** The configuration of a tree: ratchet.config.json, ratchet.config.ts, or "ratchet" in package.json. Data, never code. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { RatchetError } from '../../errors.js';
import { ruleIds } from '../rules/ids.js';
import type { Severity } from '../types.js';
import type { ConfigSchema } from './schema.js';

export interface AnalysisConfig {
  /** Name of the file that it was read from; null when the tree has none. */
  readonly file: string | null;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly severities: Readonly<Record<string, Severity | 'off'>>;
  readonly failOn: Severity | null;
  readonly baseline: string | null;
  readonly newOnly: boolean;
  readonly top: number | null;
  readonly compat: 'specification' | 'sonarjs';
}

const bytesMax = 256 * 1024;
const names = ['ratchet.config.json', 'ratchet.config.ts'] as const;

/**
 * Reads the configuration in `root` itself. The files of an analysed tree are not trusted: nothing of them is run.
 * @throws RatchetError INVALID_INPUT naming field, value and mend; also when there are two configurations
 */
export async function readAnalysisConfig(root: string): Promise<AnalysisConfig> {
  const found: { file: string; value: unknown }[] = [];
  for (const file of names) {
    const text = readText(join(root, file), file);
    if (text === null) continue;
    if (file.endsWith('.json')) found.push({ file, value: parseJson(text, file) });
    else {
      const { readLiteralConfig } = await import('./read-literal.js');
      found.push({ file, value: readLiteralConfig(text, file) });
    }
  }
  const own = fromPackage(root);
  if (own !== null) found.push(own);
  const [first, second] = found;
  if (first === undefined) return settled(null, {});
  if (second !== undefined)
    throw new RatchetError('INVALID_INPUT', `Both ${first.file} and ${second.file} configure Ratchet.`, {
      where: second.file,
      mend: `Keep one of them.`,
    });
  const schema = await import('./schema.js');
  const parsed = schema.ConfigSchema.safeParse(first.value);
  if (!parsed.success) throw refusal(first.file, first.value, parsed.error.issues[0]);
  checkRuleNames(first.file, parsed.data.rules ?? {});
  return settled(first.file, parsed.data);
}

function settled(file: string | null, value: z.infer<typeof ConfigSchema>): AnalysisConfig {
  return {
    file,
    include: value.include ?? [],
    exclude: value.exclude ?? [],
    severities: value.rules ?? {},
    failOn: value.failOn ?? null,
    baseline: value.baseline ?? null,
    newOnly: value.newOnly ?? false,
    top: value.top ?? null,
    compat: value.compat ?? 'specification',
  };
}

/** Null when there is no such file. */
function readText(path: string, name: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return null;
  if (stat.size > bytesMax)
    throw new RatchetError('INVALID_INPUT', `${name} is larger than ${bytesMax} bytes.`, { where: name });
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RatchetError('INVALID_INPUT', `${file} is not JSON: ${why}.`, { where: file, cause: error });
  }
}

function fromPackage(root: string): { file: string; value: unknown } | null {
  const path = join(root, 'package.json');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > 8 * 1024 * 1024) return null;
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch {
    // A broken package.json is the package manager's to report; it configures nothing here.
    return null;
  }
  if (typeof manifest !== 'object' || manifest === null || !Object.hasOwn(manifest, 'ratchet')) return null;
  return {
    file: 'package.json#ratchet',
    value: Object.entries(manifest).find(([key]) => key === 'ratchet')?.[1],
  };
}

function refusal(file: string, value: unknown, issue: z.core.$ZodIssue | undefined): RatchetError {
  const field = issue?.path.map(String).join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const where = field === '' ? key : `${field}.${key}`;
    const known = ['include', 'exclude', 'rules', 'failOn', 'baseline', 'newOnly', 'top', 'compat'];
    return new RatchetError('INVALID_INPUT', `${file}: there is no field "${where}".`, {
      where: `${file}: ${where}`,
      mend: `Known fields: ${known.join(', ')}.`,
    });
  }
  let at = value;
  for (const key of issue?.path ?? [])
    at =
      typeof at === 'object' && at !== null
        ? Object.entries(at).find(([name]) => name === String(key))?.[1]
        : undefined;
  const shown = JSON.stringify(at)?.slice(0, 80) ?? 'nothing';
  const place = field === '' ? 'the whole' : field;
  return new RatchetError(
    'INVALID_INPUT',
    `${file}: ${place} is ${shown}; ${issue?.message ?? 'not usable'}.`,
    {
      where: field === '' ? file : `${file}: ${field}`,
      mend: 'The fields and their values: docs/schemas/ratchet-config.schema.json.',
    },
  );
}

function checkRuleNames(file: string, rules: Readonly<Record<string, unknown>>): void {
  for (const id of Object.keys(rules)) {
    if (ruleIds.includes(id)) continue;
    const near = ruleIds.toSorted((a, b) => distance(id, a) - distance(id, b))[0] ?? '';
    throw new RatchetError('INVALID_INPUT', `${file}: rules.${id}: there is no rule "${id}".`, {
      where: `${file}: rules.${id}`,
      mend: `Did you mean "${near}"? All rules: docs/rules/README.md.`,
    });
  }
}

/** Letters that only one of the names has: enough to find the one that was meant. */
function distance(a: string, b: string): number {
  const pairs = (text: string) => new Set(Array.from(text, (_, at) => text.slice(at, at + 2)));
  const [one, other] = [pairs(a), pairs(b)];
  return (
    [...one].filter((pair) => !other.has(pair)).length + [...other].filter((pair) => !one.has(pair)).length
  );
}
