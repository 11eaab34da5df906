import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { homePaths } from '../../src/config.js';
import { readLogs, readState, stackStatus, stopStack } from '../../src/stack/index.js';
import type { StackState } from '../../src/stack/types.js';
import { createHarness, processesOf, type Harness } from './harness.js';

const others = (state: StackState | null, name: string) =>
  state?.processes.filter((one) => one.name !== name).map(({ name, pid }) => ({ name, pid }));

describe('a supervised stack', () => {
  let harness: Harness;
  let first: StackState;
  beforeAll(async () => {
    harness = await createHarness();
    first = await harness.start();
  });
  afterAll(async () => {
    await harness.dispose();
  });

  it('runs every process and says where', async () => {
    expect(first.processes.map(({ name }) => name)).toEqual([
      'supervisor',
      'redis',
      'temporal',
      'worker',
      'api',
    ]);
    const status = await stackStatus(harness.config);
    expect(status).toMatchObject({ running: true, healthy: true });
    expect(JSON.stringify(status)).not.toContain(new URL(first.redis.url).password);
  });

  it('keeps stack.json to its owner', () => {
    expect(statSync(homePaths(harness.config.home).stackState).mode & 0o777).toBe(0o600);
  });

  it('is found again instead of started twice', async () => {
    const again = await harness.start();
    expect(again.processes.map(({ pid }) => pid)).toEqual(first.processes.map(({ pid }) => pid));
  });

  it.each(['redis', 'temporal', 'worker', 'api'] as const)(
    'brings back %s at the same address after kill -9 and leaves the others alone',
    async (name) => {
      const before = readState(harness.config.home);
      const pid = harness.pid(name);
      process.kill(pid, 'SIGKILL');
      const back = await harness.untilBack(name, pid);
      // On a loaded machine a first try may miss its time limit; what counts is that it comes back.
      expect(back.restarts).toBeGreaterThanOrEqual(1);
      expect(back.address).toBe(before?.processes.find((one) => one.name === name)?.address);
      expect(others(readState(harness.config.home), name)).toEqual(others(before, name));
    },
  );

  it('keeps data and addresses over kill -9 of the supervisor, and leaves no orphan behind', async () => {
    const redis = new Redis(first.redis.url);
    await redis.set('kept', 'yes');
    redis.disconnect();
    const old = readState(harness.config.home);
    await harness.killSupervisor();
    const renewed = await harness.start();
    expect(renewed.temporal.address).toBe(first.temporal.address);
    expect(renewed.redis.url).toBe(first.redis.url);
    const again = new Redis(renewed.redis.url);
    expect(await again.get('kept')).toBe('yes');
    again.disconnect();
    const pids = new Set(renewed.processes.map(({ pid }) => pid));
    for (const { pid } of old?.processes ?? []) expect(pids.has(pid)).toBe(false);
    // Four children: the supervisor itself carries no mark.
    expect(processesOf(harness.config.home)).toHaveLength(4);
  });

  it('shows the logs by name and refuses an unknown one', async () => {
    const lines: string[] = [];
    const onLine = ({ text }: { text: string }): void => void lines.push(text);
    await readLogs(harness.config, { name: 'worker', lines: 5, onLine });
    expect(lines).toContain(`worker with ${first.temporal.address} for ${harness.config.home}`);
    await expect(readLogs(harness.config, { name: '../token', lines: 5, onLine })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('leaves no process after it was stopped, and can be stopped twice', async () => {
    expect(await stopStack(harness.config)).toEqual({ kind: 'stopped', forced: false });
    expect(processesOf(harness.config.home)).toEqual([]);
    expect(existsSync(homePaths(harness.config.home).stackState)).toBe(false);
    expect(await stopStack(harness.config)).toEqual({ kind: 'notRunning', orphansEnded: 0 });
  });

  it('starts over a stale lock and a damaged stack.json', async () => {
    const { stackLock, stackState } = homePaths(harness.config.home);
    writeFileSync(stackLock, JSON.stringify({ pid: process.pid, start: 'another boot/1', token: 'x' }));
    writeFileSync(stackState, '{"schemaVersion": 1, "proc');
    const state = await harness.start();
    expect(state.ready).toBe(true);
    await stopStack(harness.config);
  });

  it('says why when a process cannot start, with the end of its log', async () => {
    await expect(harness.start({ worker: 'broken.mjs' })).rejects.toMatchObject({
      code: 'STACK_UNAVAILABLE',
      message: expect.stringMatching(/worker did not start[^]*the reason is on the last line/),
    });
    expect(processesOf(harness.config.home)).toEqual([]);
    expect(readFileSync(join(homePaths(harness.config.home).logs, 'worker.log'), 'utf8')).toContain('reason');
  });
});

describe('two commands at once', () => {
  it('start one stack', async () => {
    const harness = await createHarness();
    try {
      const [one, two] = await Promise.all([harness.start(), harness.start()]);
      expect(one.processes.map(({ pid }) => pid)).toEqual(two.processes.map(({ pid }) => pid));
      expect(processesOf(harness.config.home)).toHaveLength(4);
    } finally {
      await harness.dispose();
    }
  });
});
