/** Gate `parses`: every changed file still parses; syntax faults that the base has already do not count. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import ts from 'typescript';
import type { Gate, Verdict } from '../types.js';

const code = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** Larger files are generated; parsing them says nothing. */
const bytesMax = 5_000_000;

export function createParsesGate(): Gate {
  return {
    id: 'parses',
    version: 1,
    async run(context): Promise<Verdict> {
      const began = performance.now();
      const faults: string[] = [];
      let files = 0;
      for (const { path } of context.patch.files) {
        if (!code.test(path) && !path.endsWith('.json')) continue;
        const after = await textOf(context.candidateTree, path);
        if (after === null || after.length > bytesMax) continue;
        files += 1;
        faults.push(...newFaults(path, (await textOf(context.baseTree, path)) ?? '', after));
      }
      return {
        gate: 'parses',
        verdict: faults.length === 0 ? 'pass' : 'fail',
        reason:
          faults.length === 0
            ? `All ${files} changed code files parse.`
            : `The candidate does not parse: ${faults[0] ?? ''}.`,
        numbers: { files, faults: faults.slice(0, 20) },
        elapsedMs: performance.now() - began,
      };
    },
  };
}

/** Syntax faults of `after` that `before` does not have, as "file:line: message". */
function newFaults(path: string, before: string, after: string): string[] {
  const known = new Map<string, number>();
  for (const { key } of faultsOf(path, before)) known.set(key, (known.get(key) ?? 0) + 1);
  return faultsOf(path, after).flatMap(({ key, line }) => {
    const left = known.get(key) ?? 0;
    if (left > 0) known.set(key, left - 1);
    return left > 0 ? [] : [`${path}:${line}: ${key}`];
  });
}

function faultsOf(path: string, text: string): { key: string; line: number }[] {
  if (path.endsWith('.json')) return jsonFaults(path, text);
  const { diagnostics = [] } = ts.transpileModule(text, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: {
      allowJs: true,
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      jsx: ts.JsxEmit.Preserve,
      experimentalDecorators: true,
    },
  });
  return diagnostics
    .map((diagnostic) => ({
      key: ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
      line: diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0,
    }))
    .map(({ key, line }) => ({ key, line: line + 1 }));
}

function jsonFaults(path: string, text: string): { key: string; line: number }[] {
  if (text === '') return [];
  const { error } = ts.parseConfigFileTextToJson(path, text);
  return error === undefined
    ? []
    : [{ key: ts.flattenDiagnosticMessageText(error.messageText, ' '), line: 1 }];
}

async function textOf(tree: string, path: string): Promise<string | null> {
  // A file that the patch adds or removes is absent on one side.
  return readFile(join(tree, path), 'utf8').catch(() => null);
}
