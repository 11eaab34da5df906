/** The product over MCP, as an editor uses it: a program on stdin and stdout, and HTTP; workers die, calls are cancelled. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectNew, connectOld, connectProgram } from '../agents/clients.js';
import { createProduct, fingerprintOf, repositoryOf, root, tinyRepository, type Product } from './product.js';

let product: Product;
beforeAll(async () => {
  product = createProduct({ RATCHET_CRASH_AT: 'trial:start=worker' });
  await product.run(['up', '--detach']);
}, 300_000);
afterAll(async () => {
  await product.stop();
});

const endpoint = (): URL => new URL('/mcp', product.stack().api.url);
const modern = () => connectNew(endpoint(), product.token(), { pin: '2026-07-28' });

const slow = (): string =>
  repositoryOf({
    'package.json': JSON.stringify({
      ...{ name: 'slow', version: '1.0.0', type: 'module', scripts: { test: 'node --test' } },
    }),
    'src/a.js': 'export const a = 1;\n',
    'slow.test.js': `import { test } from 'node:test';\ntest('slow', async () => { await new Promise((resolve) => setTimeout(resolve, 240_000)); });\n`,
  });

it('a cycle outlives its worker, its progress is seen, and what it proposes can only be read', async () => {
  const target = tinyRepository();
  const before = fingerprintOf(target);
  const client = await modern();
  const heard: string[] = [];
  const analysed = await client.call(
    'analyze',
    { repository: target, waitSeconds: 300 },
    { timeout: 400_000, onprogress: ({ message = '' }) => void heard.push(message) },
  );
  expect(analysed.data).toMatchObject({ stage: 'finished' });
  expect(heard.length).toBeGreaterThan(0);
  const found = await client.call('list_findings', { repository: target });
  expect(found.data['total']).toBeGreaterThan(0);

  heard.length = 0;
  const cycle = await client.call(
    'start_cycle',
    { repository: target, maxProposals: 1, waitSeconds: 900 },
    { timeout: 1_000_000, onprogress: ({ message = '' }) => void heard.push(message) },
  );
  expect(cycle.data).toMatchObject({ stage: 'finished' });
  expect(heard.some((message) => message.startsWith('trialling'))).toBe(true);
  const [proposed] = cycle.data['proposals'] as { id: string; stage: string }[];
  expect(proposed?.stage).toBe('awaitingDecision');
  const shown = await client.call('show_proposal', { proposal: proposed?.id });
  expect(shown.text).toContain('A person decides');
  expect(shown.data['diff']).toContain('diff --git');
  const report = await client.call('report', {});
  expect(report.text).toContain(proposed?.id);
  // The kill was real, and nothing of this touched the repository.
  const log = await product.run(['logs', 'worker', '--lines', '2000']);
  expect(`${log.stdout}${log.stderr}`).toContain('worker ended (SIGKILL)');
  expect(fingerprintOf(target)).toBe(before);
  await client.close();
}, 1_200_000);

it.each(['2026-07-28', '2025-11-25, on stdin'])(
  'a cancelled call stops what it started, within seconds (%s)',
  async (how) => {
    const target = slow();
    const client =
      how === '2026-07-28'
        ? await modern()
        : await connectProgram({
            command: process.execPath,
            args: [join(root, 'dist/cli/main.js'), 'mcp'],
            env: { PATH: process.env['PATH'] ?? '', RATCHET_HOME: product.home, RATCHET_API_PORT: '0' },
            stderr: 'inherit',
          });
    const cancel = new AbortController();
    let id = '';
    const call = client.call(
      'trial_patch',
      {
        ...{ repository: target, claimsGain: false, waitSeconds: 600 },
        patch: '--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1 @@\n-export const a = 1;\n+export const a = 2;\n',
      },
      { signal: cancel.signal, timeout: 600_000 },
    );
    call.catch(() => undefined); // looked at below
    const watcher = await modern();
    const stage = async (): Promise<string> => {
      const { items } = (await (
        await fetch(new URL('/api/trials', endpoint()), {
          headers: { authorization: `Bearer ${product.token()}` },
        })
      ).json()) as { items: { id: string; repositoryName: string; stage: string; startedAt: string }[] };
      const newest = items.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0];
      if (id === '') id = newest?.stage === 'trialling' ? newest.id : '';
      return items.find((one) => one.id === id)?.stage ?? 'none';
    };
    while ((await stage()) !== 'trialling') await sleep(200);
    cancel.abort(new Error('the person pressed Escape'));
    await expect(call).rejects.toThrow();
    const end = Date.now() + 60_000;
    while ((await stage()) === 'trialling' && Date.now() < end) await sleep(100);
    expect(await stage()).toBe('cancelled');
    expect((await watcher.call('trial_status', { trial: id, waitSeconds: 0 })).text).toContain('cancelled');
    await client.close();
    await watcher.close();
  },
  600_000,
);

it('a program of the generation before finds the tools on both ways in', async () => {
  const older = await connectOld(endpoint(), product.token());
  const names = (await older.tools()).map(({ name }) => name);
  expect(names).toContain('start_cycle');
  await older.close();
  const refused = await connectOld(endpoint(), 'rt_not-the-token-of-this-house').catch((error: unknown) =>
    String(error),
  );
  expect(refused).toMatch(/token/i);
}, 120_000);
