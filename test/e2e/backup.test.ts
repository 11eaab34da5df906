/** Back-up, wipe, restore: the change is still known, its evidence and the audit log are whole, and it can be undone. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProposalStatus } from '../../src/activities/types.js';
import { createProduct, git, tinyRepository, type Product, type Summary } from './product.js';

const products: Product[] = [];
function product(): Product {
  const one = createProduct();
  products.push(one);
  return one;
}
afterAll(async () => {
  for (const one of products) await one.stop();
});

it('a home that was lost comes back from its back-up', async () => {
  const [lost, found] = [product(), product()];
  const target = tinyRepository();
  const { proposals } = await lost.json<Summary>(['improve', target, '--max', '1']);
  const waiting = proposals.find(({ stage }) => stage === 'awaitingDecision');
  const digest = waiting?.evidence ?? '';
  const landed = await lost.json<ProposalStatus>(['approve', waiting?.id ?? '', '--evidence', digest]);
  expect(landed.stage).toBe('landed');
  const file = join(found.home, '..', `${found.home.split('/').at(-1)}.tar.gz`);

  const early = await lost.run(['backup', file]);
  expect(early.code).toBe(1);
  expect(early.stderr).toContain('ratchet down');
  await lost.run(['down']);
  const written = await lost.json<{ files: number }>(['backup', file]);
  rmSync(lost.home, { recursive: true, force: true });

  const restored = await found.json<{ files: number; audit: { kind: string; entries: number } }>([
    'restore',
    file,
  ]);
  expect(restored).toMatchObject({ files: written.files, audit: { kind: 'intact' } });
  expect(restored.audit.entries).toBeGreaterThan(2);
  rmSync(file);

  expect((await found.run(['evidence', 'verify', digest])).code).toBe(0);
  const history = await found.json<{ items: { id: string; state: string }[] }>(['history']);
  expect(history.items).toMatchObject([{ state: 'verified' }]);
  const pruned = await found.json<{ artifacts: number }>(['prune', '--dry-run']);
  expect(pruned.artifacts).toBe(0);
  const undone = await found.run(['rollback', history.items[0]?.id ?? '', '--reason', 'drill']);
  expect(`${undone.code} ${undone.stderr}`).toMatch(/^0 /);
  const after = await found.json<{ items: { state: string }[] }>(['history']);
  expect(after.items).toMatchObject([{ state: 'rolledBack' }]);
  expect(git(target, 'diff', 'main', 'ratchet/improvements', '--stat')).toBe('');
}, 900_000);
