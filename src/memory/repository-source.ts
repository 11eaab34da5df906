/** What is known of a repository, read through ports: its code at a commit, the newest report, the ledger of changes. */
import type { CodeFinding } from '../conversation/types.js';
import type { ArtifactStore, RecordStore } from '../storage/types.js';
import type { Change, Repository } from '../versioning/types.js';
import {
  changeDocument,
  fileDocuments,
  findingDocuments,
  namesInDiff,
  pathsToRemember,
} from './repository-documents.js';
import type { ChangeStory, MemoryDocument, RepositorySource } from './types.js';

const filesMaximum = 4_000;
const filesAtOnce = 200;
const findingsMaximum = 2_000;
const changesMaximum = 1_000;
const markMs = 10_000;

/** A repository at the commit that the next improvement would be based on. */
export interface KnownCode {
  readonly commit: string;
  paths(): Promise<readonly string[]>;
  files(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface RepositoryPorts {
  readonly records: RecordStore;
  readonly artifacts: ArtifactStore;
  readonly codeOf: (repository: Repository) => Promise<KnownCode>;
  readonly redact: (text: string) => string;
}

interface Reported {
  readonly repositoryId: string;
  readonly report?: string | null;
  readonly analysis?: { readonly report: string } | null;
  readonly finishedAt?: string | null;
  readonly startedAt?: string | null;
}

/** Digest of the newest report over this repository, by an analysis or a cycle. */
async function newestReport({ records }: RepositoryPorts, id: string): Promise<string | null> {
  const all = [
    ...(await records.list<Reported>('analyses', 200)),
    ...(await records.list<Reported>('cycles', 200)),
  ];
  const at = ({ finishedAt, startedAt }: Reported): string => finishedAt ?? startedAt ?? '';
  const newest = all
    .filter((one) => one.repositoryId === id && (one.report ?? one.analysis?.report ?? null) !== null)
    .toSorted((a, b) => (at(a) < at(b) ? 1 : -1))[0];
  return newest?.report ?? newest?.analysis?.report ?? null;
}

const changesOf = async ({ records }: RepositoryPorts, id: string): Promise<readonly Change[]> =>
  (await records.list<Change>('changes', changesMaximum)).filter((one) => one.repositoryId === id);

/** An artifact that was removed or is damaged is told without. */
async function artifactOr<T>(ports: RepositoryPorts, digest: string, otherwise: T): Promise<T> {
  try {
    return await ports.artifacts.getJson<T>(digest);
  } catch {
    return otherwise;
  }
}

interface KeptEvidence {
  readonly gates?: ChangeStory['gates'];
  readonly patch?: { readonly diff: string; readonly files: readonly { readonly path: string }[] };
}
interface KeptProposal {
  readonly file: string;
  readonly line: number;
  readonly artifact?: string;
  readonly measured: string | null;
  readonly covered: string | null;
}

async function storyOf(ports: RepositoryPorts, change: Change): Promise<ChangeStory> {
  const evidence = await artifactOr<KeptEvidence>(ports, change.evidenceDigest, {});
  const kept = await ports.records.get<KeptProposal>('proposals', change.proposalId);
  const whole =
    kept?.artifact === undefined
      ? {}
      : await artifactOr<{ readonly reason?: string }>(ports, kept.artifact, {});
  return {
    change,
    proposal: kept === null ? null : { ...kept, reason: whole.reason ?? null },
    gates: evidence.gates ?? [],
    files: (evidence.patch?.files ?? []).map(({ path }) => path),
    names: namesInDiff(evidence.patch?.diff ?? ''),
  };
}

async function findingsOf(ports: RepositoryPorts, digest: string | null): Promise<readonly CodeFinding[]> {
  if (digest === null) return [];
  type Kept = {
    readonly findings?: readonly {
      readonly rule: string;
      readonly file: string;
      readonly span: { readonly start: { readonly line: number } };
      readonly severity: string;
      readonly title: string;
    }[];
  };
  const report = await artifactOr<Kept>(ports, digest, {});
  return (report.findings ?? []).slice(0, findingsMaximum).map(({ rule, file, span, severity, title }) => ({
    ...{ rule, severity, title, path: file, line: span.start.line },
  }));
}

/** Sources of repositories; nothing of them is run, and secrets are taken out before anything is kept. */
export function createRepositorySource(ports: RepositoryPorts): RepositorySource {
  const known = new Map<string, { readonly at: number; readonly mark: string | null }>();
  const repositoryOf = (id: string) => ports.records.get<Repository>('repositories', id);
  return {
    async mark(id) {
      const recent = known.get(id);
      if (recent !== undefined && Date.now() - recent.at < markMs) return recent.mark;
      const repository = await repositoryOf(id);
      const code = repository === null ? null : await ports.codeOf(repository);
      const changes = (await changesOf(ports, id)).map((one) => `${one.id}:${one.state}`).toSorted();
      const mark = code === null ? null : [code.commit, await newestReport(ports, id), ...changes].join(' ');
      if (known.size > 200) known.clear();
      known.set(id, { at: Date.now(), mark });
      return mark;
    },
    async read(id) {
      const repository = await repositoryOf(id);
      if (repository === null) return [];
      const code = await ports.codeOf(repository);
      const paths = pathsToRemember(await code.paths()).slice(0, filesMaximum);
      const documents: MemoryDocument[] = [];
      for (const change of await changesOf(ports, id))
        documents.push(changeDocument(await storyOf(ports, change)));
      documents.push(...findingDocuments(await findingsOf(ports, await newestReport(ports, id))));
      for (let at = 0; at < paths.length; at += filesAtOnce)
        documents.push(...fileDocuments(await code.files(paths.slice(at, at + filesAtOnce))));
      return documents.map((one) => ({ ...one, text: ports.redact(one.text) }));
    },
  };
}
