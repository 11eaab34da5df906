import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Looks again and again; fails after a bound that only a hang reaches. */
async function until(look: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`it never came to this: ${what}`);
    await sleep(20);
  }
}

/** Time in which an echo would be heard; waiting longer could only find more of them. */
const calm = () => sleep(1_500);

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
    await until(() => two.signal().aborted, 'the other process stops');
    await calm();
    await two.lift('ada', 'fixed');
    await until(async () => (await one.state()) === null, 'the first process goes on');
    await calm();
    expect(heard).toBeGreaterThanOrEqual(2);
    expect(heard).toBeLessThanOrEqual(6);
    expect(readdirSync(home)).toEqual(['STOP.lifted']);
    listener.disconnect();
    for (const end of ends) await end();
  });
});
