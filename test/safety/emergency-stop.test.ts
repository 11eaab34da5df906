import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmergencyStop } from '../../src/safety/index.js';
import type { EmergencyStop } from '../../src/safety/types.js';

let directory = '';
let file = '';
const endings: (() => Promise<void>)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-stop-'));
  file = join(directory, 'STOP');
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  rmSync(directory, { recursive: true, force: true });
});

const stopped = { by: 'ada', reason: 'looks wrong', at: '2026-01-01T00:00:00.000Z' };

/** A port on this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}

async function watched(stop: EmergencyStop): Promise<EmergencyStop> {
  endings.push(await stop.watch());
  return stop;
}

/** Milliseconds until the signal aborts. */
function untilAborted(signal: AbortSignal): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the stop was not heard')), 10_000);
    const done = (): void => {
      clearTimeout(timer);
      resolve(performance.now() - started);
    };
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

describe('the stop file', () => {
  it('stops, says who and why, and is lifted by a named person only', async () => {
    const stop = createEmergencyStop({ file, redisUrl: null });
    await stop.check();
    await stop.set(stopped);
    expect(await stop.state()).toMatchObject(stopped);
    expect(stop.signal().aborted).toBe(true);
    await expect(stop.check()).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(stop.lift('', 'because')).rejects.toMatchObject({ code: 'USAGE' });
    await stop.lift('ada', 'mended');
    expect(await stop.state()).toBeNull();
    expect(stop.signal().aborted).toBe(false);
    await stop.check();
  });

  it('is heard by another process’s object that only watches, well within a second', async () => {
    const listener = await watched(createEmergencyStop({ file, redisUrl: null }));
    const latencies: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const heard = untilAborted(listener.signal());
      await createEmergencyStop({ file, redisUrl: null }).set(stopped);
      latencies.push(await heard);
      await createEmergencyStop({ file, redisUrl: null }).lift('ada', 'mended');
      while ((await listener.state()) !== null) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    latencies.sort((a, b) => a - b);
    expect(latencies[2]).toBeLessThan(1_000);
  });

  it.each([
    ['empty (made by touch)', (): void => writeFileSync(file, '')],
    ['not JSON', (): void => writeFileSync(file, '{"by": "a')],
    ['JSON of another shape', (): void => writeFileSync(file, '[1]')],
    ['a directory', (): void => mkdirSync(file)],
    ['binary', (): void => writeFileSync(file, Buffer.from([0xff, 0, 1]))],
  ])('counts as a stop when it is %s', async (_what, make) => {
    const stop = await watched(createEmergencyStop({ file, redisUrl: null }));
    const heard = untilAborted(stop.signal());
    make();
    await heard;
    await expect(stop.check()).rejects.toMatchObject({ code: 'STOPPED' });
    await stop.lift('ada', 'by mistake');
    await stop.check();
  });

  it('counts as a stop when it may not be read', async () => {
    if (process.getuid?.() === 0) {
      console.warn('skipped: the superuser may read every file');
      return;
    }
    writeFileSync(file, JSON.stringify(stopped));
    chmodSync(file, 0);
    await expect(createEmergencyStop({ file, redisUrl: null }).check()).rejects.toMatchObject({
      code: 'STOPPED',
    });
  });

  it('is still set after a restart', async () => {
    await createEmergencyStop({ file, redisUrl: null }).set(stopped);
    const later = createEmergencyStop({ file, redisUrl: null });
    await expect(later.check()).rejects.toMatchObject({ code: 'STOPPED' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject(stopped);
  });
});

describe('with Redis down', () => {
  it.each(['a closed port', 'a host that accepts and never answers'])(
    'works all the same: %s',
    async (what) => {
      const silent = createServer(() => undefined);
      if (what !== 'a closed port')
        await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const address = silent.address();
      const port = typeof address === 'object' && address !== null ? address.port : await closedPort();
      const redisUrl = `redis://127.0.0.1:${port}`;
      const listener = await watched(createEmergencyStop({ file, redisUrl }));
      await listener.check();
      const heard = untilAborted(listener.signal());
      const setter = createEmergencyStop({ file, redisUrl });
      await setter.set(stopped);
      expect(await heard).toBeLessThan(5_000);
      await expect(listener.check()).rejects.toMatchObject({ code: 'STOPPED' });
      await setter.lift('ada', 'mended');
      await listener.check();
      for (const end of endings.splice(0)) await end();
      if (silent.listening) silent.close();
    },
  );
});
