/** `ratchet chat` and `ratchet ask` as people and scripts use them, with the whole product behind. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ConversationSession, Message } from '../../src/conversation/index.js';
import { chunks, startSlowModel, type SlowModel } from '../doubles/slow-model.js';
import { createProduct, root, tinyRepository, type Product, type Run } from './product.js';

const whole = chunks.join('');
let double: SlowModel;
let product: Product;
beforeAll(async () => {
  double = await startSlowModel();
  product = createProduct({ LM_STUDIO_URL: double.url });
});
afterAll(async () => {
  await product.stop();
  await double.close();
});

/** Runs a command with a pipe as its input; `interrupt` sends Ctrl-C once the text was seen. */
async function type(argv: readonly string[], input: string, interrupt?: string): Promise<Run> {
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...argv], {
    env: {
      ...process.env,
      ...{ NODE_OPTIONS: '', RATCHET_HOME: product.home, RATCHET_API_PORT: '0', NO_COLOR: '1' },
      LM_STUDIO_URL: double.url,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 240_000,
  });
  let stdout = '';
  let stderr = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (interrupt === undefined || interrupted || !stdout.includes(interrupt)) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}

it('asks, goes on, and is left with the way back', async () => {
  const target = tinyRepository();
  const first = await product.json<{ session: string; message: Message }>([
    ...['ask', '--repo', target, 'What does listedWords do?'],
  ]);
  expect(first.message).toMatchObject({ state: 'complete', content: whole });

  const talk = await type(['chat', '--session', 'last'], 'And listedWords?\n/explain\n/history\n');
  expect(talk).toMatchObject({ code: 0, stdout: `${whole}\n` });
  expect(talk.stderr).toContain(`ratchet chat --session ${first.session}`);
  expect(talk.stderr).toMatch(/prompt +\d+ of \d+ tokens/);
  expect(talk.stderr).toContain('src/select.js');
  expect(talk.stderr).toContain('> What does listedWords do?');

  const lines = (await type(['chat', '--session', first.session, '--json'], 'One\n\nTwo\n')).stdout.trim();
  expect(lines.split('\n').map((line) => (JSON.parse(line) as { message: Message }).message.content)).toEqual(
    [whole, whole],
  );
  const { items } = await product.json<{ items: ConversationSession[] }>(['chat', '--list']);
  expect(items).toMatchObject([{ id: first.session, title: 'What does listedWords do?', messages: 8 }]);
}, 300_000);

it('Ctrl-C ends the generation, and what was said until then is kept', async () => {
  double.holdNext(20);
  const run = await type(['ask', 'Say it all.'], '', 'piece 5 ');
  expect(run.code).toBe(130);
  expect(run.stderr).toContain('stopped');
  const said = run.stdout.trimEnd();
  expect(whole.startsWith(said)).toBe(true);
  expect(said.length).toBeLessThan(whole.length);
  const history = await type(['chat', '--session', 'last'], '/history\n');
  expect(history.stderr).toContain(said);
}, 300_000);

it('says what is missing when there is no model, and what works without one', async () => {
  await product.run(['down']);
  const run = await product.run(['ask', 'Anybody?'], { LM_STUDIO_URL: 'http://127.0.0.1:1/v1' });
  expect(run.code).toBe(3);
  expect(run.stderr).toMatch(/does not answer/);
  expect(run.stderr).toContain('Without a model: ratchet analyze');
}, 300_000);
