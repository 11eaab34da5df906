/** Every row of the fault table: the right class, the right number of tries, the server freed, nothing unhandled. */
import type { ModelFaultKind } from '../../src/llm/policy.js';
import { modelFaults } from '../../src/llm/policy.js';
import { faults } from '../../src/errors.js';
import type { RatchetError } from '../../src/errors.js';
import { faultOf, impatient, question, startRig, until, type Rig } from './harness.js';

type Row = readonly [scenario: string, kind: ModelFaultKind, tries: number];

const rows: readonly Row[] = [
  ['no-models-string', 'no-model', 1],
  ['no-models-object', 'no-model', 1],
  ['model-not-found', 'no-model', 1],
  ['ollama-not-found', 'no-model', 1],
  ['unloaded', 'unloaded', 3],
  ['load-cancelled', 'unloaded', 3],
  ['load-failed', 'load-failed', 1],
  ['crashed', 'crashed', 3],
  ['overflow-keep', 'overflow', 1],
  ['overflow-greater', 'overflow', 1],
  ['overflow-n-keep', 'overflow', 1],
  ['overflow-exceeded', 'overflow', 1],
  ['overflow-llama', 'overflow', 1],
  ['overflow-vllm', 'overflow', 1],
  ['overflow-vllm-old', 'overflow', 1],
  ['overflow-openai', 'overflow', 1],
  ['overflow-in-stream', 'overflow', 1],
  ['overflow-in-stream-string', 'overflow', 1],
  ['overflow-event', 'overflow', 1],
  ['overflow-413', 'overflow', 1],
  ['error-in-stream', 'crashed', 3],
  ['error-in-stream-odd', 'server-error', 3],
  ['error-after-thought', 'server-error', 3],
  ['error', 'server-error', 3],
  ['unauthorised', 'unauthorised', 1],
  ['forbidden', 'unauthorised', 1],
  ['json-object-refused', 'refused', 1],
  ['unprocessable', 'refused', 1],
  ['busy', 'busy', 4],
  ['server-error', 'server-error', 3],
  ['bad-gateway', 'server-error', 3],
  ['loading', 'loading', 5],
  ['not-found', 'misfit', 1],
  ['unknown-endpoint', 'misfit', 1],
  ['error-with-200', 'crashed', 3],
  ['page-with-200', 'misfit', 1],
  ['text-with-200', 'misfit', 1],
  ['json-with-200', 'misfit', 1],
  ['nothing-with-200', 'ended-silently', 3],
  ['redirect', 'misfit', 1],
  ['stall-before-headers', 'no-first-token', 2],
  ['stall-after-headers', 'no-first-token', 2],
  ['stall-after-role', 'no-first-token', 2],
  ['stall-after-one', 'stalled', 2],
  ['stall-after-thought', 'stalled', 2],
  ['stall-half-event', 'stalled', 2],
  ['stall-in-error', 'no-first-token', 2],
  ['pings-only', 'no-first-token', 2],
  ['empty-chunks-only', 'no-first-token', 2],
  ['pings-after-one', 'stalled', 2],
  ['slow-drip', 'total-time', 1],
  ['cut-before-headers', 'connection-cut', 3],
  ['cut-after-headers', 'connection-cut', 3],
  ['cut-in-middle', 'connection-cut', 3],
  ['cut-short', 'connection-cut', 3],
  ['not-http', 'misfit', 1],
  ['empty', 'empty', 2],
  ['nothing-at-all', 'ended-silently', 3],
  ['no-room', 'no-room', 1],
  ['leaked-harmony', 'leaked-markup', 2],
  ['leaked-late', 'leaked-markup', 2],
  ['leaked-words', 'leaked-markup', 2],
  ['leaked-call', 'leaked-markup', 2],
  ['repeating-thought', 'repetition', 2],
  ['ended-silently', 'ended-silently', 3],
  ['broken-event', 'malformed', 2],
  ['huge-line', 'malformed', 2],
  ['bare-message', 'overflow', 1],
  ['not-gzip', 'malformed', 2],
  ['tools-none', 'bad-tool-call', 2],
  ['tools-endless', 'too-large', 1],
];

const waits: ReadonlySet<ModelFaultKind> = new Set(['no-first-token', 'stalled', 'total-time']);

describe('the fault table', () => {
  let rig: Rig;
  const ends = new Map<string, Promise<RatchetError>>();
  beforeAll(async () => {
    rig = await startRig();
    // Those that wait for a watchdog wait together.
    for (const [scenario] of rows.filter(([, kind]) => waits.has(kind))) {
      const settings = scenario === 'slow-drip' ? { timeouts: { totalMs: 1_500 } } : impatient;
      const end = faultOf(rig.client(scenario, settings).complete(question));
      end.catch(() => undefined);
      ends.set(scenario, end);
    }
  });
  afterAll(() => rig.close());

  it.each(rows)('%s is %s after %i tries', async (scenario, kind, tries) => {
    const fault = await (ends.get(scenario) ?? faultOf(rig.client(scenario).complete(question)));
    expect({ kind: fault.data?.['kind'], said: fault.message }).toEqual({ kind, said: fault.message });
    expect(fault.code).toBe(modelFaults[kind].code);
    expect(fault.mend).toMatch(/\w\.$/);
    expect(fault.message).toMatch(/^The language model at http:\S+ .*[.…!?]$/);
    const seen = rig.server.seen(scenario);
    expect(seen.exchanges).toHaveLength(tries);
    expect(fault.data).toMatchObject({ attempts: tries });
    await until(() => seen.running === 0, 'the server is free');
    expect(rig.unhandled).toEqual([]);
  });

  it('lets Temporal retry exactly what its own retries could mend', () => {
    for (const row of Object.values(modelFaults)) {
      const asked = row.remedy === 'retry';
      expect({ row, retryable: faults[row.code].retryable }).toEqual({ row, retryable: asked });
    }
  });

  it.each([
    'server-error-once',
    'busy-once',
    'crashed-once',
    'loading-twice',
    'cut-once',
    'stall-once',
    'stall-after-one-once',
    'empty-once',
  ])('%s is mended by trying again', async (scenario) => {
    const answer = await rig.client(scenario, impatient).complete(question);
    expect(answer.text).toBe('Hello.');
    expect(answer.attempts).toBe(scenario === 'loading-twice' ? 3 : 2);
  });
});
