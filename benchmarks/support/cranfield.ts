/** The Cranfield collection: abstracts, questions, and which abstract answers which question. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Cranfield {
  readonly documents: readonly { readonly id: string; readonly title: string; readonly text: string }[];
  readonly questions: readonly { readonly text: string; readonly relevant: ReadonlySet<string> }[];
}

function field(record: string, name: string): string {
  const found = new RegExp(`^\\.${name}\\n([\\s\\S]*?)(?=^\\.[TABW]\\n|(?![\\s\\S]))`, 'm').exec(record);
  return found?.[1]?.trim() ?? '';
}

const records = (file: string): readonly string[] =>
  readFileSync(file, 'utf8')
    .split(/^\.I [0-9]+\n/m)
    .slice(1);

/** Any positive grade counts as relevant; questions are numbered by their order. */
export function readCranfield(directory: string): Cranfield {
  const judged = new Map<string, Set<string>>();
  for (const line of readFileSync(join(directory, 'cranqrel'), 'utf8').split('\n')) {
    const [question = '', document = '', grade = ''] = line.trim().split(/\s+/);
    if (!(Number(grade) > 0)) continue;
    judged.set(question, (judged.get(question) ?? new Set<string>()).add(document));
  }
  return {
    documents: records(join(directory, 'cran.all.1400')).map((record, at) => ({
      id: String(at + 1),
      title: field(record, 'T'),
      text: field(record, 'W'),
    })),
    questions: records(join(directory, 'cran.qry')).map((record, at) => ({
      text: field(record, 'W').replaceAll('\n', ' '),
      relevant: judged.get(String(at + 1)) ?? new Set<string>(),
    })),
  };
}

/** Normalised discounted cumulative gain at ten, with gains of one (Järvelin and Kekäläinen 2002). */
export function ndcgAt10(ranked: readonly string[], relevant: ReadonlySet<string>): number {
  let gained = 0;
  let best = 0;
  for (let at = 0; at < 10; at += 1) {
    const discount = 1 / Math.log2(at + 2);
    if (relevant.has(ranked[at] ?? '')) gained += discount;
    if (at < relevant.size) best += discount;
  }
  return best === 0 ? 0 : gained / best;
}
