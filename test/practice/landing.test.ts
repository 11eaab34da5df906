/**
 * Cycles over two real third-party repositories. They are fetched by the delivery script beside the project
 * (PRACTICE_DIR, default ../shared/practice); without it these tests are skipped, and say so.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { changesOf, createProduct, fingerprintOf, git, root, type Summary } from '../e2e/product.js';

const directory = resolve(process.env['PRACTICE_DIR'] ?? join(root, '..', 'shared', 'practice'));
const script = join(directory, 'practice');
const there = existsSync(script);
if (!there) console.warn(`SKIPPED: no practice repositories, because there is no ${script} (PRACTICE_DIR).`);

interface Known {
  readonly name: string;
  readonly test: string;
}

const places: string[] = [];
const product = createProduct();
afterAll(async () => {
  await product.stop();
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

(there ? describe : describe.skip)('a cycle over a real repository', () => {
  it.each(['cheerio', 'typebox'])(
    'finishes, leaves the checkout of %s as it was, and lands only what verifies',
    async (name) => {
      const list = execFileSync(script, ['list', '--json'], { encoding: 'utf8' });
      const known = (JSON.parse(list) as readonly Known[]).find((one) => one.name === name);
      const place = mkdtempSync(join(tmpdir(), 'ratchet-practice-'));
      places.push(place);
      const checkout = join(place, name);
      execFileSync(script, ['get', name, checkout], { stdio: ['ignore', 'ignore', 'inherit'] });
      const before = fingerprintOf(checkout);
      const head = git(checkout, 'rev-parse', 'main');

      const argv = ['improve', checkout, '--yes', '--max', '1', '--rule', 'accumulating-spread'];
      const summary = await product.json<Summary>([...argv, '--test', known?.test ?? '']);
      expect(summary).toMatchObject({ stage: 'finished', fault: null });
      expect(summary.proposals).toHaveLength(1);
      const [proposal] = summary.proposals;
      expect(proposal?.covered).toMatch(/^\d+\/\d+$/);
      expect(fingerprintOf(checkout)).toBe(before);
      expect(git(checkout, 'rev-parse', 'main')).toBe(head);

      const changes = (await changesOf(product)).filter((one) => one.parent === head);
      if (proposal?.stage !== 'landed') {
        console.warn(`${name}: nothing landed: ${proposal?.outcome ?? 'no proposal'}`);
        // A measurement on a busy machine may leave a proposal undecided; nothing may stay landed then.
        expect(changes.filter((one) => one.state !== 'rolledBack')).toEqual([]);
        return;
      }
      // `verified`: the whole suite ran at the landed commit, and no test that was green is red or missing.
      expect(changes).toMatchObject([{ state: 'verified', proposalId: proposal.id }]);
      expect(git(checkout, 'rev-parse', 'ratchet/improvements^')).toBe(head);
    },
    1_500_000,
  );
});
