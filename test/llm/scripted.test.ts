/** The scripted model is a language model: same port, same faults, no server. */
import { z } from 'zod';
import { createScriptedModel } from '../../src/llm/index.js';
import type { Delta } from '../../src/llm/types.js';
import { faultOf, kindOf, question } from './harness.js';

describe('the scripted model', () => {
  it('says its lines in order, word by word, then repeats the last', async () => {
    const model = createScriptedModel([{ text: 'One two.', reasoning: 'Hm.' }, { text: 'Three.' }]);
    const deltas: Delta[] = [];
    const first = await model.complete(question, { onDelta: (delta) => void deltas.push(delta) });
    expect(deltas).toEqual([
      { kind: 'reasoning', text: 'Hm.' },
      { kind: 'text', text: 'One ' },
      { kind: 'text', text: 'two.' },
    ]);
    expect(first).toMatchObject({ text: 'One two.', reasoning: 'Hm.', finish: 'stop', model: 'scripted' });
    expect((await model.complete(question)).text).toBe('Three.');
    expect((await model.complete(question)).text).toBe('Three.');
    expect(model.requests).toHaveLength(3);
  });

  it('answers by the request, calls tools, gives JSON', async () => {
    const model = createScriptedModel(({ messages, responseSchema }, number) => {
      if (responseSchema !== undefined) return { text: number === 1 ? '{}' : '{"n":1}' };
      return messages.length > 1
        ? { text: 'Done.' }
        : { toolCalls: [{ name: 'search', arguments: { q: 'x' } }] };
    });
    expect(await model.complete(question)).toMatchObject({
      finish: 'tool-calls',
      toolCalls: [{ name: 'search', arguments: { kind: 'parsed', value: { q: 'x' } } }],
    });
    const json = await model.completeJson({ ...question, name: 'n', schema: z.object({ n: z.number() }) });
    expect(json).toMatchObject({ value: { n: 1 }, repaired: true, attempts: 2 });
  });

  it('fails and stalls as told, and can be cancelled', async () => {
    const failing = createScriptedModel([{ text: 'One two three', fail: 'crashed', failAfter: 2 }]);
    const fault = await faultOf(failing.complete(question));
    expect(fault).toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      retryable: true,
      data: { kind: 'crashed', delivered: 8 },
    });
    const cancel = new AbortController();
    const stalling = createScriptedModel([{ text: 'One two', stallAfter: 1 }]);
    const asking = stalling.complete(question, { signal: cancel.signal, onDelta: () => cancel.abort() });
    expect(await kindOf(asking)).toBe('cancelled');
    expect(await kindOf(stalling.complete(question, { signal: AbortSignal.abort() }))).toBe('cancelled');
  });

  it('embeds by words: unit vectors, nearer when words are shared', async () => {
    const model = createScriptedModel([{ text: '' }]);
    const { vectors, dimension } = await model.embed([
      'parse the header',
      'the header is parsed',
      'bread and butter',
    ]);
    const [a, b, c] = vectors.map((vector) => [...vector]);
    const cosine = (x: number[] = [], y: number[] = []): number =>
      x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
    expect(dimension).toBe(64);
    expect(cosine(a, a)).toBeCloseTo(1, 5);
    expect(cosine(a, b)).toBeGreaterThan(cosine(a, c));
    expect(await kindOf(createScriptedModel([{ text: '' }], { dimension: 0 }).embed(['x']))).toBe('no-model');
  });

  it('offers itself and is well', async () => {
    const model = createScriptedModel([{ text: '' }], { contextLength: 2_048, health: { state: 'loading' } });
    expect(await model.health()).toMatchObject({ state: 'loading', contextLength: 2_048 });
    expect((await model.models()).models.map(({ type }) => type)).toEqual(['chat', 'embedding']);
    expect(model.profileOf(null).contextLength).toBe(2_048);
    expect(() => createScriptedModel([])).toThrow(/at least one answer/);
    await model.close();
  });
});
