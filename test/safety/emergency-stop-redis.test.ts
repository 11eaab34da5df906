/** The Redis layer of the emergency stop, on a real Redis that is killed and comes back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createEmergencyStop } from '../../src/safety/index.js';
import { startTestStack, type TestStack } from '../support/servers.js';

let stack: TestStack;
let directory = '';
beforeAll(async () => {
  stack = await startTestStack();
  directory = mkdtempSync(join(tmpdir(), 'ratchet-stop-'));
});
afterAll(async () => {
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
});

const stopped = { by: 'ada', reason: 'looks wrong', at: '2026-01-01T00:00:00.000Z' };

/** Looks again and again until the answer is right; fails after a bound that only a hang reaches. */
async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`it never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Two hosts that share nothing but Redis. */
function host(name: string) {
  return createEmergencyStop({ file: join(directory, name, 'STOP'), redisUrl: stack.redisUrl });
}

it('reaches another host and is lifted from there', async () => {
  const [here, there] = [host('a1'), host('a2')];
  const endings = [await here.watch(), await there.watch()];
  const signal = there.signal();
  await here.set(stopped);
  await until('the other host stops', () => Promise.resolve(signal.aborted));
  await expect(there.check()).rejects.toMatchObject({ code: 'STOPPED' });
  await there.lift('bob', 'mended');
  await until('the first host goes on', async () => (await here.state()) === null);
  await here.check();
  for (const end of endings) await end();
});

it('is obeyed by a command that does not watch, and by a value set by hand', async () => {
  const client = new Redis(stack.redisUrl);
  await client.set('rt:1:stop', 'stop!');
  await expect(host('b1').check()).rejects.toMatchObject({ code: 'STOPPED' });
  await host('b1').lift('ada', 'mended');
  await host('b1').check();
  expect(await client.get('rt:1:stop')).toBeNull();
  client.disconnect();
});

it('set while Redis is away reaches Redis when it is back, and so does lifting', async () => {
  const [here, there] = [host('c1'), host('c2')];
  const endings = [await here.watch(), await there.watch()];
  stack.kill('redis');
  await here.set(stopped);
  await expect(here.check()).rejects.toMatchObject({ code: 'STOPPED' });
  await stack.untilBack('redis');
  await until('the other host stops', async () => (await there.state()) !== null);
  stack.kill('redis');
  await here.lift('ada', 'mended');
  await here.check();
  await stack.untilBack('redis');
  await until('the other host goes on', async () => (await there.state()) === null);
  await here.check();
  for (const end of endings) await end();
});
