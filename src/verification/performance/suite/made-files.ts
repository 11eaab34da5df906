/** What the first process of a side compiled or cached, as a layer for those after it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { splitSegments } from '../../runners/shell-words.js';
import { readOutput } from '../../sandbox/read-output.js';

const bytesMaximum = 128 << 20;

/** Lays the files out under `directory`; false when the process kept none. They are seen by the same side only. */
export async function layOutMade(output: string, directory: string): Promise<boolean> {
  if ((await readOutput(output, 'made/complete', 16)) === null) return false;
  const text = await readOutput(output, 'made/files.jsonl', bytesMaximum);
  for (const line of (text ?? '').split('\n')) {
    if (line === '') continue;
    const [path, data] = JSON.parse(line) as [unknown, unknown];
    if (typeof path !== 'string' || typeof data !== 'string') return false;
    const inside = normalize(path);
    // Written beside foreign code: a path that leads elsewhere ends it.
    if (inside.startsWith('..') || inside.startsWith('/')) return false;
    await mkdir(dirname(join(directory, inside)), { recursive: true });
    await writeFile(join(directory, inside), Buffer.from(data, 'base64'));
  }
  return text !== null;
}

const setsTheScene = /^(?:cd|export|set|umask|source|\.)$/;

/** The last command of `build && test`, with what sets its scene; the whole where it cannot be told. */
export function lastCommand(command: string): string {
  const segments = splitSegments(command);
  const last = segments.at(-1);
  const joined = segments.slice(0, -1).every(({ operator }) => operator === '&&' || operator === ';');
  if (last === undefined || !joined) return command;
  const before = segments.slice(0, -1).filter(({ words }) => setsTheScene.test(words[0] ?? ''));
  return [...before, last].map(({ text }) => text).join(' && ');
}
