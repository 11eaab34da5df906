/** The audit log: JSON lines, each linked to the one before it by hash, the head anchored in a second file. */
import { open, readFile, truncate } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { canonicalJson, sha256 } from '../canonical.js';
import { diskFault, errnoOf, syncDirectory, writeAtomically } from '../disk.js';
import { RatchetError } from '../errors.js';
import { withLock } from '../lock.js';
import { chainStart, lineBytesMaximum, linkHash, parseLine, type Anchor } from './audit-chain.js';
import { verifyLog } from './audit-verify.js';
import type { AuditEntry, AuditInput, AuditLog } from './types.js';

const tailMaximum = 10_000;

/** What is known of the log up to `bytes`; grows with the file, so that an append reads only what is new. */
interface Index {
  bytes: number;
  lines: number;
  head: Anchor;
  readonly byKey: Map<string, AuditEntry>;
}

/**
 * An audit log in `file`, its anchor in `file.head`, its lock in `file.lock`.
 * A log that was damaged refuses further entries (CORRUPT): a gap must not be papered over.
 */
export function createAuditLog(file: string): AuditLog {
  let index = emptyIndex();
  const refresh = async (): Promise<string> => {
    const bytes = await readFrom(file, index.bytes);
    if (bytes === null) {
      index = emptyIndex();
      return refreshFrom(file, index, (await readFrom(file, 0)) ?? Buffer.alloc(0));
    }
    return refreshFrom(file, index, bytes);
  };
  const write = async (input: AuditInput): Promise<AuditEntry> => {
    const entry = makeEntry(input, index.head);
    const line = Buffer.from(`${canonicalJson(entry)}\n`);
    if (line.length > lineBytesMaximum) {
      throw new RatchetError('LIMIT_EXCEEDED', `An audit entry of ${line.length} bytes is too long.`, {
        mend: 'Store the data as an artifact and log its digest.',
      });
    }
    await appendLine(file, index.bytes, line);
    index.bytes += line.length;
    index.lines += 1;
    index.head = { sequence: entry.sequence, hash: entry.hash };
    if (entry.key !== undefined) index.byKey.set(entry.key, entry);
    await writeAnchor(file, index.head);
    return entry;
  };
  return {
    append: (input) =>
      withLock(`${file}.lock`, async () => {
        await mkdir(dirname(file), { recursive: true });
        const torn = await refresh();
        await checkAnchor(file, index);
        if (torn !== '') {
          await truncate(file, index.bytes);
          await write(repairOf(torn));
        }
        const known = input.key === undefined ? undefined : index.byKey.get(input.key);
        return known ?? (await write(input));
      }),
    verify: () => withLock(`${file}.lock`, () => verifyLog(file)),
    tail: async (limit) => {
      const text = ((await readFrom(file, 0)) ?? Buffer.alloc(0)).toString('utf8');
      const lines = text.split('\n').filter((line) => line !== '');
      const wanted = lines.slice(-Math.min(Math.max(limit, 1), tailMaximum));
      return wanted.map(parseLine).filter((entry) => entry !== null);
    },
  };
}

function emptyIndex(): Index {
  return { bytes: 0, lines: 0, head: { sequence: -1, hash: chainStart }, byKey: new Map() };
}

function makeEntry(input: AuditInput, head: Anchor): AuditEntry {
  const rest = {
    sequence: head.sequence + 1,
    time: new Date().toISOString(),
    actor: input.actor,
    action: input.action,
    subject: input.subject,
    reason: input.reason ?? null,
    // Through JSON once, so that what is hashed is what is read back.
    data: JSON.parse(JSON.stringify(input.data ?? {})) as Record<string, unknown>,
    ...(input.key === undefined ? {} : { key: input.key }),
    previous: head.hash,
  };
  return { ...rest, hash: linkHash(rest) };
}

function repairOf(torn: string): AuditInput {
  return {
    actor: 'ratchet',
    action: 'audit.repaired',
    subject: 'audit log',
    reason: 'The last line was torn by a crash and was cut off.',
    data: { droppedBytes: Buffer.byteLength(torn), droppedDigest: sha256(torn) },
  };
}

/** Bytes from `start`; null when the file is shorter than that (it was replaced); empty when there is none. */
async function readFrom(file: string, start: number): Promise<Buffer | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size < start) return null;
      const bytes = Buffer.alloc(size - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return start === 0 ? Buffer.alloc(0) : null;
    throw diskFault(error, file);
  }
}

/** Takes whole new lines into the index and returns the torn rest. */
function refreshFrom(file: string, index: Index, bytes: Buffer): string {
  const end = bytes.lastIndexOf(10) + 1;
  for (const line of bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1)) {
    index.lines += 1;
    const entry = parseLine(line);
    if (entry === null || entry.sequence !== index.head.sequence + 1 || entry.previous !== index.head.hash) {
      throw damaged(file, `line ${index.lines} does not continue the chain`);
    }
    index.head = { sequence: entry.sequence, hash: entry.hash };
    if (entry.key !== undefined) index.byKey.set(entry.key, entry);
  }
  index.bytes += end;
  return bytes.subarray(end).toString('utf8');
}

/** The log must reach at least as far as its anchor, with the same hash there. */
async function checkAnchor(file: string, index: Index): Promise<void> {
  const anchor = await readAnchor(file);
  if (anchor === null) {
    if (index.lines > 0) throw damaged(file, 'its anchor file is missing or unreadable');
    await writeAnchor(file, index.head);
    return;
  }
  if (anchor.sequence > index.head.sequence) throw damaged(file, 'entries are missing at its end');
  if (anchor.sequence === index.head.sequence && anchor.hash !== index.head.hash) {
    throw damaged(file, 'its last entry is not the anchored one');
  }
}

function damaged(file: string, why: string): RatchetError {
  return new RatchetError('CORRUPT', `The audit log ${file} is damaged: ${why}.`, {
    where: file,
    mend: 'Run `ratchet audit verify`; keep the log as evidence and move it with its .head file aside.',
  });
}

/** Reads `file.head`; null when there is none or it is damaged. */
export async function readAnchor(file: string): Promise<Anchor | null> {
  try {
    const anchor = JSON.parse(await readFile(`${file}.head`, 'utf8')) as Anchor;
    return Number.isSafeInteger(anchor.sequence) && typeof anchor.hash === 'string' ? anchor : null;
  } catch {
    return null; // the callers treat a missing and a damaged anchor alike
  }
}

function writeAnchor(file: string, head: Anchor): Promise<void> {
  return writeAtomically(`${file}.head`, `${canonicalJson(head)}\n`);
}

/** One write, one sync; when it fails half-way (disk full) the half is cut off again. */
async function appendLine(file: string, at: number, line: Buffer): Promise<void> {
  try {
    const handle = await open(file, 'a', 0o600);
    try {
      await handle.writeFile(line);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at === 0) await syncDirectory(dirname(file));
  } catch (error) {
    await truncate(file, at).catch(() => undefined); // the next append repairs what this could not
    throw diskFault(error, file);
  }
}
