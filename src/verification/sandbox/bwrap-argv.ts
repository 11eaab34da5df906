/**
 * The hardened bubblewrap command line. Pure: it only builds words.
 *
 * Layout rule (CVE-2026-87766): no mount point is ever created beneath an untrusted tree. The workspace, the
 * dependencies and further layers become lower layers of one overlay at /work; everything else is mounted in our own
 * empty root, which is then made read-only.
 */

/** Host facts that the command line depends on; found once by the probe. */
export interface HostLayout {
  /** `--ro-bind`, `--symlink` words that bring /usr, /bin, /lib… and the target's node. */
  readonly system: readonly string[];
  /** Value of PATH inside. */
  readonly path: string;
  /** Directory with passwd, group, hosts and nsswitch.conf of our own. */
  readonly etc: string;
}

/** How the tree under test is brought to /work. */
export type TreeMount =
  | { readonly kind: 'overlay'; readonly layers: readonly string[] }
  | { readonly kind: 'private'; readonly directory: string };

export interface ArgvRequest {
  readonly layout: HostLayout;
  readonly tree: TreeMount;
  readonly harness: string | null;
  readonly readOnly: Readonly<Record<string, string>>;
  readonly output: string;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly scratchBytes: number;
  readonly argv: readonly string[];
}

const namespaces = [
  '--unshare-all',
  '--unshare-user',
  '--disable-userns',
  '--die-with-parent',
  '--new-session',
  '--clearenv',
  '--cap-drop',
  'ALL',
  '--uid',
  '1000',
  '--gid',
  '1000',
  '--hostname',
  'sandbox',
];

/** Files of /etc that programs need to start; the rest of the host's /etc is not shown. */
const etcOfHost = ['/etc/alternatives', '/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d'];

/** All words after `bwrap`. */
export function bwrapArgv(request: ArgvRequest): string[] {
  const { layout } = request;
  const size = String(Math.max(1 << 20, Math.floor(request.scratchBytes)));
  return [
    ...namespaces,
    ...environmentWords(layout, request.environment),
    ...layout.system,
    ...etcWords(layout.etc),
    ...mountWords(size),
    ...(request.harness === null ? [] : ['--ro-bind', request.harness, '/harness']),
    ...Object.entries(request.readOnly).flatMap(([name, path]) => ['--ro-bind', path, `/ro/${name}`]),
    '--bind',
    request.output,
    '/out',
    ...treeWords(request.tree),
    '--remount-ro',
    '/',
    '--chdir',
    request.directory === '' ? '/work' : `/work/${request.directory}`,
    '--',
    ...request.argv,
  ];
}

function etcWords(etc: string): string[] {
  const own = ['passwd', 'group', 'hosts', 'nsswitch.conf'];
  return [
    ...etcOfHost.flatMap((path) => ['--ro-bind-try', path, path]),
    ...own.flatMap((name) => ['--ro-bind', `${etc}/${name}`, `/etc/${name}`]),
  ];
}

function mountWords(size: string): string[] {
  // A process that is root on the host owns /proc/sys files even without capabilities: only read-only helps.
  const proc = '--proc /proc --remount-ro /proc';
  const dev = `--dev /dev --size ${size} --tmpfs /dev/shm --remount-ro /dev`;
  const temporary = `--size ${size} --perms 1777 --tmpfs /tmp --dir /tmp/home`;
  return `${proc} ${dev} ${temporary}`.split(' ');
}

function treeWords(tree: TreeMount): string[] {
  if (tree.kind === 'private') return ['--bind', tree.directory, '/work'];
  return [...tree.layers.flatMap((layer) => ['--overlay-src', layer]), '--tmp-overlay', '/work'];
}

function environmentWords(layout: HostLayout, extra: Readonly<Record<string, string>>): string[] {
  const environment = {
    PATH: layout.path,
    HOME: '/tmp/home',
    TMPDIR: '/tmp',
    USER: 'sandbox',
    LOGNAME: 'sandbox',
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    ...extra,
  };
  return Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]);
}
