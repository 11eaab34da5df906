/** .ci/run in a house of its own: what it runs, what its last line says, how it ends. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './support/measure-tree.js';

const writeResults = (name: string, totals: object): string =>
  `mkdir -p "$RATCHET_TEST_RESULTS" && echo '${JSON.stringify({ suites: { [`test/${name}.test.ts`]: totals } })}' > "$RATCHET_TEST_RESULTS/$$.json"`;

describe('.ci/run', () => {
  let house = '';

  beforeEach(() => {
    house = mkdtempSync(join(tmpdir(), 'ratchet-ci-test-'));
    mkdirSync(join(house, 'scripts'));
    for (const file of ['.ci/run', 'scripts/ci.mjs', 'scripts/readme-commands.mjs']) {
      cpSync(join(root, file), join(house, file));
    }
    writeFileSync(join(house, 'ratchet'), '#!/bin/sh\necho "ratchet $* with home $RATCHET_HOME"\n', {
      mode: 0o755,
    });
  });

  afterEach(() => rmSync(house, { recursive: true, force: true }));

  const run = (commands: readonly string[], check: string, test = 'exit 1') => {
    const readme = ['# x', '## Start', '```sh', ...commands, '```', ''].join('\n\n');
    writeFileSync(join(house, 'README.md'), readme.replaceAll('\n\n', '\n'));
    writeFileSync(join(house, 'package.json'), JSON.stringify({ scripts: { check, test } }));
    const ended = spawnSync(join(house, '.ci/run'), [], {
      encoding: 'utf8',
      timeout: 50_000,
      env: { PATH: process.env['PATH'], HOME: house },
    });
    return { code: ended.status, lines: ended.stdout.trimEnd().split('\n') };
  };

  it('runs README, then the checks, and sums the result files', () => {
    const { code, lines } = run(
      [
        './ratchet demo   # a comment',
        writeResults('a', { passed: 3, failed: 0, skipped: 1 }),
        writeResults('b', { passed: 4, failed: 0, skipped: 0 }),
      ],
      'echo checked',
    );
    expect(lines.at(-1)).toBe('7 passed, 0 failed, 1 skipped');
    expect(code).toBe(0);
    expect(lines).toContain('checked');
    expect(lines.some((line) => line.startsWith('ratchet demo with home /'))).toBe(true);
    expect(lines.some((line) => line.startsWith('ratchet down'))).toBe(true);
  });

  it('counts failed tests once, and a command that failed without one as one failure', () => {
    const failing = `${writeResults('a', { passed: 3, failed: 2, skipped: 0 })}; exit 1`;
    const { code, lines } = run([failing, 'exit 7'], 'exit 1');
    expect(lines.at(-1)).toBe('3 passed, 4 failed');
    expect(code).toBe(1);
  });

  it('runs a failed suite once more alone, and says so', () => {
    const failing = `${writeResults('a', { passed: 3, failed: 2, skipped: 0 })}; exit 1`;
    const again = `echo "alone: $*"; ${writeResults('a', { passed: 5, failed: 0, skipped: 0 })}; true`;
    const { code, lines } = run([failing], 'true', again);
    expect(lines.some((line) => line.includes('--runTestsByPath test/a.test.ts'))).toBe(true);
    expect(lines).toContain('  test/a.test.ts: 2 failed among the others, none alone');
    expect(lines.at(-1)).toBe('5 passed, 0 failed');
    expect(code).toBe(0);
  });

  it('does not run many failed suites again', () => {
    const failing = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      writeResults(name, { passed: 0, failed: 1, skipped: 0 }).replace('$$', name),
    );
    const { code, lines } = run([`${failing.join('; ')}; exit 1`], 'true', 'echo again');
    expect(lines).not.toContain('again');
    expect(lines.at(-1)).toBe('0 passed, 5 failed');
    expect(code).toBe(1);
  });

  it('gives commands no input', () => {
    const { lines } = run(['cat; echo "read nothing"'], 'true');
    expect(lines).toContain('read nothing');
  });
});
