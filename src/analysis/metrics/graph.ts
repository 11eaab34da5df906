/** The import graph of a tree: fan-in, fan-out, and cycles. Pure; order of the input does not matter. */
import type { ImportCycle, ImportEdge } from '../types.js';

export type ImportGraph = ReadonlyMap<string, readonly ImportEdge[]>;

/** How many files import the file. */
export function fanIns(graph: ImportGraph): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const edges of graph.values()) for (const { to } of edges) counts.set(to, (counts.get(to) ?? 0) + 1);
  return counts;
}

/**
 * Strongly connected components of more than one file (or of one that imports itself): first those that exist at run
 * time, then those that only type imports close. Largest first.
 */
export function importCycles(graph: ImportGraph): readonly ImportCycle[] {
  const runtime = components(graph, (edge) => edge.kind === 'value');
  const inRuntime = new Set(runtime.map((files) => files.join('\n')));
  const all = components(graph, (edge) => edge.kind !== 'lazy').filter(
    (files) => !inRuntime.has(files.join('\n')),
  );
  const cycle = (typeOnly: boolean) => (files: readonly string[]) => ({
    files,
    typeOnly,
    path: shortestCycle(graph, files, typeOnly),
  });
  return [...runtime.map(cycle(false)), ...all.map(cycle(true))];
}

/** Tarjan's algorithm with a stack of its own: import chains can be longer than the call stack. */
function components(
  graph: ImportGraph,
  counts: (edge: ImportEdge) => boolean,
): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found: string[][] = [];
  for (const root of [...graph.keys()].toSorted()) {
    if (index.has(root)) continue;
    const work = [{ file: root, at: 0 }];
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const { file } = top;
      if (top.at === 0) {
        index.set(file, index.size);
        low.set(file, index.get(file) ?? 0);
        open.push(file);
        isOpen.add(file);
      }
      const edge = (graph.get(file) ?? [])[top.at];
      top.at += 1;
      if (edge !== undefined) {
        if (!counts(edge) || !graph.has(edge.to)) continue;
        if (!index.has(edge.to)) work.push({ file: edge.to, at: 0 });
        else if (isOpen.has(edge.to)) lower(low, file, index.get(edge.to) ?? 0);
        continue;
      }
      work.pop();
      const above = work.at(-1);
      if (above !== undefined) lower(low, above.file, low.get(file) ?? 0);
      if (low.get(file) !== index.get(file)) continue;
      const members = open.splice(open.lastIndexOf(file));
      for (const member of members) isOpen.delete(member);
      const self = (graph.get(file) ?? []).some((one) => counts(one) && one.to === file);
      if (members.length > 1 || self) found.push(members.toSorted());
    }
  }
  return found.toSorted((a, b) => b.length - a.length || ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
}

function lower(low: Map<string, number>, file: string, value: number): void {
  if (value < (low.get(file) ?? Infinity)) low.set(file, value);
}

/** From the first file of the component around to itself by the fewest imports: what a person follows. */
function shortestCycle(graph: ImportGraph, files: readonly string[], types: boolean): readonly string[] {
  const inside = new Set(files);
  const [start] = files;
  if (start === undefined) return [];
  const from = new Map<string, string>();
  const queue = [start];
  for (const file of queue)
    for (const edge of graph.get(file) ?? []) {
      if (edge.kind === 'lazy' || (edge.kind === 'type' && !types) || !inside.has(edge.to)) continue;
      if (edge.to === start) {
        const path = [start];
        for (let at: string | undefined = file; at !== undefined && at !== start; at = from.get(at))
          path.push(at);
        return [...path.slice(0, 1), ...path.slice(1).toReversed(), start];
      }
      if (!from.has(edge.to)) {
        from.set(edge.to, file);
        queue.push(edge.to);
      }
    }
  return [start];
}
