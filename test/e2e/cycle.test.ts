/** The whole story on the bundled example: improve, decide, land, verify, roll back, and what Temporal shows. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { ProposalStatus } from '../../src/activities/types.js';
import type { Autonomy } from '../../src/calibration/types.js';
import type { Change } from '../../src/versioning/types.js';
import {
  createProduct,
  exampleRepository,
  fingerprintOf,
  git,
  type Product,
  type Summary,
} from './product.js';

let product: Product;
let target: string;
let before: string;
let summary: Summary;

/** Programs that must never run: each leaves a marker when it does. */
function plantTraps(directory: string): string {
  const marker = join(directory, '..', 'trap-was-run');
  const program = join(directory, '..', 'trap.sh');
  writeFileSync(program, `#!/bin/sh\ntouch ${marker}\ncat\n`);
  chmodSync(program, 0o755);
  mkdirSync(join(directory, '.git/hooks'), { recursive: true });
  for (const hook of [
    'post-checkout',
    'reference-transaction',
    'pre-receive',
    'update',
    'post-update',
    'pre-commit',
  ]) {
    writeFileSync(join(directory, '.git/hooks', hook), `#!/bin/sh\ntouch ${marker}\n`);
    chmodSync(join(directory, '.git/hooks', hook), 0o755);
  }
  writeFileSync(join(directory, '.gitattributes'), '*.ts filter=trap\n');
  git(directory, 'add', '.gitattributes');
  git(directory, 'commit', '-q', '-m', 'attributes');
  git(directory, 'config', 'filter.trap.smudge', program);
  git(directory, 'config', 'filter.trap.clean', program);
  git(directory, 'config', 'core.fsmonitor', program);
  // A dirty checkout is fine, and stays as it is.
  writeFileSync(join(directory, 'notes.txt'), 'mine\n');
  return marker;
}

beforeAll(() => {
  product = createProduct();
  target = exampleRepository();
});
afterAll(async () => {
  await product.stop();
});

describe('a cycle over the example', () => {
  let marker: string;

  it('finds, proposes and tries changes; accepted ones wait with their evidence', async () => {
    marker = plantTraps(target);
    before = fingerprintOf(target);
    summary = await product.json<Summary>(['improve', target, '--max', '3']);
    expect(summary).toMatchObject({ kind: 'summary', stage: 'finished', fault: null });
    expect(summary.proposals.filter((one) => one.stage === 'awaitingDecision').length).toBeGreaterThanOrEqual(
      3,
    );
  }, 600_000);

  it('shows summary, stage in words, named steps and search attributes to Temporal’s UI', async () => {
    const { address } = product.stack().processes.find((one) => one.name === 'temporal') ?? {};
    const connection = await Connection.connect({ address: address ?? '' });
    const client = new Client({ connection });
    const id = `cycle/${summary.repositoryId}`;
    const { raw, staticSummary } = await describeForUi(client, id);
    expect(staticSummary).toMatch(/shop · by hand/);
    expect(raw).toContain('RatchetStage');
    const events = (await client.workflow.getHandle(id).fetchHistory()).events ?? [];
    const named = events.flatMap((event) => {
      const data = event.userMetadata?.summary?.data;
      return data ? [Buffer.from(data).toString('utf8')] : [];
    });
    expect(named.join('\n')).toMatch(/baseline: the unchanged suite/);
    const found: string[] = [];
    const query = `RatchetKind = 'proposal' AND RatchetStage = 'awaitingDecision' AND RatchetRepository = '${summary.repositoryId}'`;
    for await (const one of client.workflow.list({ query })) found.push(one.workflowId);
    expect(found.length).toBeGreaterThanOrEqual(1);
    await connection.close();
  }, 60_000);

  it('shows the evidence of a proposal by the short digest that the review prints', async () => {
    const digest = summary.proposals.find((one) => one.stage === 'awaitingDecision')?.evidence ?? '';
    const shown = await product.json<{ digest: string; evidence: { verdict: string } }>([
      'evidence',
      'show',
      digest.slice(0, 8),
    ]);
    expect(shown).toMatchObject({ digest, evidence: { verdict: 'accepted' } });
  });

  it('refuses a stale digest and a second decision, lands what was approved, and verifies it', async () => {
    const [first] = summary.proposals.filter((one) => one.stage === 'awaitingDecision');
    const { id, evidence } = first as ProposalStatus;
    const stale = await product.run(['approve', id, '--evidence', 'deadbeef']);
    expect(stale.code).toBe(1);
    expect(stale.stderr).toMatch(/evidence deadbeef/);
    const landed = await product.json<ProposalStatus>([
      'approve',
      id,
      '--evidence',
      (evidence ?? '').slice(0, 8),
    ]);
    expect(landed).toMatchObject({ stage: 'landed' });
    const again = await product.run(['reject', id, '--reason', 'second thoughts']);
    expect(again.code).not.toBe(0);

    const message = git(target, 'log', '-1', '--format=%B', 'ratchet/improvements');
    for (const trailer of [`Ratchet-Proposal: ${id}`, `Ratchet-Evidence: ${evidence}`, 'Reviewed-by:']) {
      expect(message).toContain(trailer);
    }
  }, 300_000);

  it('rolls a change back, alone, and takes back what was permitted', async () => {
    await product.json(['autonomy', 'grant', 'gain/small', target, '--reason', 'to see it lapse']);
    const { items } = await product.json<{ items: Change[] }>(['history']);
    const undone = await product.json<Change>([
      'rollback',
      items[0]?.id ?? '',
      '--reason',
      'to see it undone',
    ]);
    expect(undone.state).toBe('rolledBack');
    const { permissions } = await product.json<Autonomy>(['autonomy', 'show', target]);
    expect(permissions[0]?.revoked?.because).toContain('was rolled back');
    expect(git(target, 'diff', '--stat', 'main', 'ratchet/improvements')).toBe('');
  }, 120_000);

  it('left the checkout, index, config and hooks byte-identical, and ran none of their programs', () => {
    expect(fingerprintOf(target)).toBe(before);
    expect(existsSync(marker)).toBe(false);
  });

  it('keeps an intact audit log', async () => {
    expect(await product.json(['audit', 'verify'])).toMatchObject({ kind: 'intact' });
  });
});

async function describeForUi(client: Client, id: string): Promise<{ raw: string; staticSummary: string }> {
  const described = await client.workflow.getHandle(id).describe();
  const summaryOf = await described.staticSummary();
  return {
    raw: JSON.stringify(described.raw.workflowExecutionInfo?.searchAttributes ?? {}),
    staticSummary: summaryOf ?? '',
  };
}
