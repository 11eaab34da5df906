/** Completion in the shells themselves: what is offered, where. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../e2e/product.js';

const directory = mkdtempSync(join(tmpdir(), 'ratchet-completion-'));
const scripts = new Map<string, string>();

beforeAll(() => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const text = execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), 'completion', shell], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const file = join(directory, `ratchet.${shell}`);
    writeFileSync(file, text);
    scripts.set(shell, file);
  }
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function offered(...words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const program = `source "$1"; COMP_WORDS=(ratchet ${line}); COMP_CWORD=${words.length}; _ratchet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program, 'bash', scripts.get('bash') ?? ''], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

it('bash is offered commands, sub-commands, options and choices where they are taken', () => {
  expect(offered('impr')).toEqual(['improve']);
  expect(offered('schedule', 'pa')).toEqual(['pause']);
  expect(offered('schedule', 'list', '--js')).toEqual(['--json']);
  expect(offered('open', '--no-b')).toEqual(['--no-browser']);
  expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish', '--help']);
  expect(offered('improve', './some/path', '--')).toContain('--json');
  expect(offered('nothing-like-that', 'schedule', 'pa')).toEqual(['pause']);
});

it.each(['zsh', 'fish'])('%s can read its script', (shell) => {
  const read = spawnSync(shell, ['-n', scripts.get(shell) ?? ''], { encoding: 'utf8' });
  if (read.error !== undefined) {
    console.warn(`NO ${shell} on this machine: its completion was NOT read.`);
    return;
  }
  expect(read.stderr).toBe('');
  expect(read.status).toBe(0);
});

it('fish is offered the same', () => {
  const ask = (line: string) =>
    spawnSync(
      'fish',
      ['--no-config', '-c', `source $argv[1]; complete -C '${line}'`, scripts.get('fish') ?? ''],
      {
        encoding: 'utf8',
        env: { ...process.env, HOME: directory },
      },
    );
  const first = ask('ratchet sched');
  if (first.error !== undefined)
    return console.warn('NO fish on this machine: its completion was NOT tried.');
  expect(first.stdout).toMatch(/^schedule\t/m);
  expect(ask('ratchet schedule pa').stdout).toMatch(/^pause\t/m);
  expect(ask('ratchet open --no').stdout).toMatch(/^--no-browser\t/m);
});

it('another shell is refused by name', () => {
  const run = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), 'completion', 'tcsh'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(run.status).not.toBe(0);
  expect(run.stderr).toContain('bash, zsh, fish');
});
