/** Evidence by digest, by the beginning of one, or from a bundle file. */
import { readFile, stat } from 'node:fs/promises';
import { RatchetError } from '../../errors.js';
import type { ArtifactStore, RecordStore } from '../../storage/types.js';
import type { Proposal } from '../../improvement/types.js';
import type { ProposalStatus } from '../../activities/types.js';
import type { Evidence } from '../../verification/types.js';

/** What the record of a trial says; a list to choose from. */
export interface TrialRecord {
  readonly digest: string;
  readonly verdict: string;
  readonly reason: string;
  readonly repository: string;
  readonly finishedAt: string;
}

export interface EvidenceStores {
  readonly artifacts: ArtifactStore;
  readonly records: RecordStore;
}

const bundleBytesMaximum = 256 * 1024 * 1024;

/** The bytes of a bundle file, or null when the name is no file. @throws RatchetError LIMIT_EXCEEDED */
export async function readBundleFile(name: string): Promise<Uint8Array | null> {
  const info = await stat(name).catch(() => null); // no such file: it is a digest then
  if (info?.isFile() !== true) return null;
  if (info.size > bundleBytesMaximum) {
    throw new RatchetError('LIMIT_EXCEEDED', `${name} is larger than 256 MiB: no bundle is.`, {
      where: name,
    });
  }
  return readFile(name);
}

/** The whole digest. @throws RatchetError NOT_FOUND, USAGE when the beginning fits several. */
export async function wholeDigest(name: string, stores: EvidenceStores): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(name)) return name;
  if (!/^[0-9a-f]{6,63}$/.test(name)) {
    throw new RatchetError('USAGE', `${name} is neither a digest nor a bundle file.`, {
      mend: 'Give at least 6 hex digits, or the path of a bundle.',
    });
  }
  const trials = await stores.records.list<TrialRecord>('trials', 2_000);
  const proposals = await stores.records.list<{ readonly evidence: string | null }>('proposals', 2_000);
  const known = [...trials.map(({ digest }) => digest), ...proposals.map(({ evidence }) => evidence ?? '')];
  const fitting = [...new Set(known.filter((digest) => digest.startsWith(name)))];
  const [only] = fitting;
  if (fitting.length > 1)
    throw new RatchetError('USAGE', `${name} is the beginning of ${fitting.length} digests.`);
  if (only !== undefined) return only;
  throw new RatchetError('NOT_FOUND', `There is no evidence ${name} on this machine.`, {
    mend: 'Give the whole digest, or a bundle file.',
  });
}

/** Attachments by name. @throws RatchetError NOT_FOUND, CORRUPT */
export async function readAttachments(
  evidence: Evidence,
  artifacts: ArtifactStore,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = Object.entries(evidence.attachments);
  return new Map(
    await Promise.all(entries.map(async ([name, digest]) => [name, await artifacts.get(digest)] as const)),
  );
}

/** The proposal that the evidence is about, as far as this machine knows it. */
export async function findProposal(
  evidence: Evidence,
  { artifacts, records }: EvidenceStores,
): Promise<{ readonly proposal: Proposal | null; readonly repositoryName: string | null }> {
  const unknown = { proposal: null, repositoryName: null };
  // The id comes from a file that may be anybody's.
  if (!/^p-[0-9a-f]{1,64}$/.test(evidence.proposalId)) return unknown;
  const status = await records.get<ProposalStatus>('proposals', evidence.proposalId);
  if (status === null || !(await artifacts.has(status.artifact))) return unknown;
  const proposal = await artifacts.getJson<Proposal>(status.artifact);
  // A reason may stand only beside the very patch that it was given for.
  if (proposal.patch.digest !== evidence.patch.digest) return unknown;
  return { proposal, repositoryName: status.repositoryName };
}
