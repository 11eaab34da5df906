/** Finds what of the host must be visible inside: system directories and the node that runs the target. */
import { access, lstat, mkdir, readlink, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HostLayout } from './bwrap-argv.js';

const etcFiles = {
  passwd: 'root:x:0:0::/root:/bin/sh\nsandbox:x:1000:1000::/tmp/home:/bin/sh\n',
  group: 'root:x:0:\nsandbox:x:1000:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
};

/** Writes our own /etc files under `scratch` and lists the words that show the system read-only. */
export async function findHostLayout(scratch: string): Promise<HostLayout> {
  const etc = join(scratch, 'etc');
  await mkdir(etc, { recursive: true });
  for (const [name, text] of Object.entries(etcFiles)) await writeFile(join(etc, name), text);

  const system = ['--ro-bind', '/usr', '/usr'];
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64']) system.push(...(await topLevelWords(name)));
  for (const store of ['/nix/store', '/gnu/store']) system.push('--ro-bind-try', store, store);

  const paths = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const node = await realpath(process.execPath);
  if (node.startsWith('/usr/') || node.startsWith('/nix/') || node.startsWith('/gnu/')) {
    paths.unshift(dirname(node));
  } else {
    const prefix = dirname(dirname(node));
    const whole = await exists(join(prefix, 'lib', 'node_modules'));
    system.push('--ro-bind', whole ? prefix : node, whole ? '/opt/node' : '/opt/node/bin/node');
    paths.unshift('/opt/node/bin');
  }
  return { system, path: [...new Set(paths)].join(':'), etc };
}

async function topLevelWords(name: string): Promise<string[]> {
  try {
    const found = await lstat(`/${name}`);
    if (found.isSymbolicLink()) return ['--symlink', await readlink(`/${name}`), `/${name}`];
    return ['--ro-bind', `/${name}`, `/${name}`];
  } catch {
    // Not every system has every one of them (lib32, lib64).
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
