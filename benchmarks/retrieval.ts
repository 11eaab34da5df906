/**
 * `npm run bench:retrieval`: how well memory finds. Cranfield (RETRIEVAL_DATA, default ../shared/data/cranfield) by
 * words, by vectors and by both; then questions from the comments of repositories, whose right file is known.
 * Vectors come from the server that LM_STUDIO_URL names and are kept in .cache/retrieval; without a server only words.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinPlaces } from '../src/activities/retrieve.js';
import { retrieveCode, type CodeReader, type Memory } from '../src/conversation/index.js';
import { chooseModel, createLmStudioModel, type LmStudioModel } from '../src/llm/index.js';
import { createSearchIndex, fileDocuments, pathsToRemember, type SearchIndex } from '../src/memory/index.js';
import { ndcgAt10, readCranfield, type Cranfield } from './support/cranfield.js';
import { questionsIn, type FileQuestion } from './support/file-questions.js';
import { median, quantile } from './support/figures.js';
import { openRepository } from './support/patch-repositories.js';

const root = process.cwd();
const kept = join(root, '.cache', 'retrieval');
const floor = 39.3;
const questionsMaximum = 200;
const questionsMinimum = 10;
const repositories = ['shop', 'domutils', 'typebox', 'loopback-datasource-juggler', 'mathjs'] as const;
const scope = 'session:bench';
const percent = (share: number): string => (share * 100).toFixed(1);
const barsMet: Record<string, boolean> = {};
const figures: Record<string, unknown> = {};
const lines: string[] = [];

/** Vectors by text: from the cache, else from the server; null when there is neither. */
async function embedder(): Promise<((texts: readonly string[]) => Promise<Float32Array[]>) | null> {
  const url = process.env['LM_STUDIO_URL'];
  const wanted = process.env['RATCHET_EMBED_MODEL'] ?? 'text-embedding-all-minilm-l6-v2';
  const file = join(kept, `vectors-${wanted.replaceAll(/[^\w.-]/g, '_')}.json`);
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, number[]>) : {};
  const model: LmStudioModel | null = url === undefined ? null : createLmStudioModel({ url });
  const id = model === null ? null : chooseModel(await model.models(), 'embedding', wanted)?.id;
  if (id === undefined) console.warn(`SKIPPED, no vectors: ${url ?? ''} offers no ${wanted}`);
  if (model === null && Object.keys(known).length === 0) {
    console.warn('SKIPPED, no vectors: set LM_STUDIO_URL to a server with an embedding model');
    return null;
  }
  const keyOf = (text: string): string => createHash('sha256').update(text.trim()).digest('hex');
  return async (texts) => {
    const open = texts.filter((text) => known[keyOf(text)] === undefined);
    if (open.length === 0) return texts.map((text) => Float32Array.from(known[keyOf(text)] ?? []));
    if (model === null || id === null || id === undefined)
      throw new Error(`${open.length} texts have no vector yet: set LM_STUDIO_URL`);
    for (let at = 0; at < open.length; at += 32) {
      const batch = open.slice(at, at + 32);
      const { vectors } = await model.embed(batch, { model: id });
      for (const [place, text] of batch.entries()) known[keyOf(text)] = Array.from(vectors[place] ?? []);
      mkdirSync(kept, { recursive: true });
      writeFileSync(file, JSON.stringify(known));
      // Other work of this machine gets its turn.
      await sleep(1);
    }
    return texts.map((text) => Float32Array.from(known[keyOf(text)] ?? []));
  };
}

async function giveVectors(
  index: SearchIndex,
  embed: (texts: readonly string[]) => Promise<Float32Array[]>,
): Promise<void> {
  const waiting = index.waiting(Infinity);
  const vectors = await embed(waiting.map(({ text }) => text || ' '));
  index.give('bench', new Map(waiting.map(({ entry }, at) => [entry, vectors[at] ?? new Float32Array()])));
}

async function cranfield(): Promise<void> {
  const directory = resolve(process.env['RETRIEVAL_DATA'] ?? join(root, '..', 'shared', 'data', 'cranfield'));
  if (!existsSync(join(directory, 'cranqrel'))) {
    console.warn(`SKIPPED, no Cranfield: there is no ${directory}/cranqrel; set RETRIEVAL_DATA`);
    return;
  }
  const { documents, questions } = readCranfield(directory);
  const index = createSearchIndex();
  index.replace(
    scope,
    documents.map(({ id, title, text }) => ({
      ...{ id, kind: 'message', source: id, at: null, words: title, text },
    })),
  );
  const score = (vectors: readonly Float32Array[] | null, words: boolean): number => {
    const judged = questions.map((question, at): [Cranfield['questions'][number], Float32Array | null] => [
      question,
      vectors?.[at] ?? null,
    ]);
    const gains = judged.map(([{ text, relevant }, vector]) => {
      const order = { text: words ? text : '', vector, limit: 10, wanted: () => true };
      return ndcgAt10(
        index.search(order).map(({ document }) => document.id),
        relevant,
      );
    });
    return (100 * gains.reduce((sum, gain) => sum + gain, 0)) / gains.length;
  };
  const rows: [string, number][] = [['BM25 only', score(null, true)]];
  const embed = await embedder();
  if (embed !== null) {
    await giveVectors(index, embed);
    const asked = await embed(questions.map(({ text }) => text));
    rows.push(['vectors only', score(asked, false)], ['both', score(asked, true)]);
  }
  lines.push('| Cranfield, 1,400 abstracts, 225 questions | nDCG@10 |', '| --- | ---: |');
  for (const [name, value] of rows) lines.push(`| ${name} | ${value.toFixed(1)} |`);
  lines.push('');
  const [words = 0, vectors, both] = rows.map(([, value]) => value);
  figures['cranfield'] = Object.fromEntries(rows);
  barsMet['bm25'] = words >= floor;
  if (vectors !== undefined && both !== undefined) barsMet['fused'] = both > Math.max(words, vectors);
}

/** A tree in memory, as conversations read it. */
function readerOf(files: ReadonlyMap<string, string>): CodeReader {
  const all = new Map([...files].map(([path, text]) => [path, text.split('\n')]));
  return {
    commit: 'bench',
    async search(query, limit) {
      const low = query.toLowerCase();
      return [...all]
        .flatMap(([path, rows]) =>
          rows.flatMap((text, at) =>
            text.toLowerCase().includes(low) ? [{ path, line: at + 1, text }] : [],
          ),
        )
        .slice(0, limit);
    },
    async lines(path, from, to) {
      const rows = all.get(path);
      if (rows === undefined) return null;
      const last = Math.min(to, rows.length);
      return { path, from, to: last, total: rows.length, text: rows.slice(from - 1, last).join('\n') };
    },
    paths: async () => [...files.keys()],
    findings: async () => [],
    files: async (paths) => new Map(paths.map((path) => [path, files.get(path) ?? ''])),
  };
}

function filesOf(directory: string): { files: Map<string, string>; questions: FileQuestion[] } {
  const paths = readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  const files = new Map<string, string>();
  const questions: FileQuestion[] = [];
  for (const path of pathsToRemember(paths).filter((one) => !one.startsWith('.git/'))) {
    const found = questionsIn(path, readFileSync(join(directory, path), 'utf8'));
    files.set(path, found.text);
    // Tests and tools are not what people ask about; they stay in the index, to be told apart.
    if (/^(src|lib|index)/.test(path)) questions.push(...found.questions);
  }
  const step = Math.max(1, questions.length / questionsMaximum);
  return {
    files,
    questions: questions.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step)),
  };
}

const asMemory = ({ document, score }: ReturnType<SearchIndex['search']>[number]): Memory => ({
  ...{ kind: document.kind, text: '', at: null, score, source: document.source },
});

async function askRepository(name: (typeof repositories)[number]): Promise<void> {
  const opened = openRepository(root, name, join(kept, 'repositories'));
  if (typeof opened === 'string') {
    console.warn(`SKIPPED ${name}: ${opened}`);
    return;
  }
  const { files, questions } = filesOf(opened.path);
  if (questions.length < questionsMinimum) {
    console.warn(`SKIPPED ${name}: ${questions.length} of its comments make a question`);
    return;
  }
  const index = createSearchIndex();
  const began = performance.now();
  index.replace(scope, fileDocuments(files));
  const built = performance.now() - began;
  const reader = readerOf(files);
  const ranks: Record<'occurrence' | 'index' | 'both', number[]> = { occurrence: [], index: [], both: [] };
  const times: number[] = [];
  for (const { text, path } of questions) {
    const occurrence = await retrieveCode(reader, text);
    const start = performance.now();
    const found = index.search({ text, vector: null, limit: 12, wanted: () => true }).map(asMemory);
    times.push(performance.now() - start);
    const rank = (list: readonly Memory[]): number => {
      const seen = [...new Set(list.map(({ source }) => source.replace(/:\d+$/, '')))];
      const at = seen.indexOf(path);
      return at < 0 ? Infinity : at + 1;
    };
    ranks.occurrence.push(rank(occurrence));
    ranks.index.push(rank(found));
    ranks.both.push(rank(joinPlaces(occurrence, found)));
  }
  const within = (list: readonly number[], most: number): string =>
    percent(list.filter((rank) => rank <= most).length / Math.max(1, list.length));
  const cells = Object.values(ranks).map((list) => `${within(list, 1)} / ${within(list, 4)}`);
  lines.push(
    `| ${name} | ${files.size} | ${index.size} | ${questions.length} | ${cells.join(' | ')} | ${built.toFixed(0)} | ${median(times).toFixed(1)} / ${quantile(times, 0.95).toFixed(1)} |`,
  );
  figures[name] = Object.fromEntries(Object.entries(ranks).map(([key, list]) => [key, within(list, 4)]));
}

await cranfield();
lines.push(
  '| repository | files | documents | questions | occurrence: first / in 4 | index | both | build ms | search ms p50 / p95 |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
);
for (const name of repositories) await askRepository(name);
process.stdout.write(`${lines.join('\n')}\n`);
console.log(JSON.stringify({ bench: 'retrieval', figures, barsMet }));
