import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createEmergencyStop } from '../../src/safety/index.js';
import { startTestStack, type TestStack } from '../support/servers.js';

let stack: TestStack;
let home: string;
beforeAll(async () => {
  stack = await startTestStack();
  home = mkdtempSync(join(tmpdir(), 'ratchet-echo-'));
}, 60_000);
afterAll(async () => {
  await stack.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('two processes that watch one stop', () => {
  it('tell Redis once, not each other for ever', async () => {
    const one = createEmergencyStop({ file: join(home, 'STOP'), redisUrl: stack.redisUrl });
    const two = createEmergencyStop({ file: join(home, 'STOP'), redisUrl: stack.redisUrl });
    const ends = [await one.watch(), await two.watch()];
    const listener = new Redis(stack.redisUrl);
    let heard = 0;
    listener.on('message', () => {
      heard += 1;
    });
    await listener.subscribe('rt:1:stop:events');
    await one.set({ by: 'ada', reason: 'enough', at: new Date().toISOString() });
    await new Promise((resolve) => {
      setTimeout(resolve, 1_500);
    });
    expect(two.signal().aborted).toBe(true);
    await two.lift('ada', 'fixed');
    await new Promise((resolve) => {
      setTimeout(resolve, 1_500);
    });
    expect(heard).toBeGreaterThanOrEqual(2);
    expect(heard).toBeLessThanOrEqual(6);
    expect(await one.state()).toBeNull();
    expect(readdirSync(home)).toEqual(['STOP.lifted']);
    listener.disconnect();
    for (const end of ends) await end();
  });
});
