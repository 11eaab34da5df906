/** Embeddings in bounded batches, checked: as many as asked for, numbers, all of one dimension. */
import { ModelSignal } from './classify-fault.js';
import { keepTrying } from './keep-trying.js';
import type { ModelServer } from './model-server.js';
import { EmbeddingAnswer } from './server-shapes.js';
import { disarmControlTokens, wellFormed } from './text.js';
import type { Embeddings } from './types.js';

/** Texts in one request: a small embedding model on a CPU answers it in about a second. */
const batchSize = 64;

async function embedBatch(
  server: ModelServer,
  model: string,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const { url, apiKey, transport, timeouts } = server;
  // An empty text is an error for some servers and a zero vector for others; a space is neither.
  const input = texts.map((text) => disarmControlTokens(wellFormed(server.clean(text))) || ' ');
  const raw = await transport.json({
    ...{ method: 'POST', url: `${url}/embeddings`, apiKey, signal, timeoutMs: timeouts.firstTokenMs },
    // Not every server knows base64, which the SDK would ask for.
    body: { model, input, encoding_format: 'float' },
  });
  const parsed = EmbeddingAnswer.safeParse(raw);
  if (!parsed.success) throw new ModelSignal('malformed', 'The answer holds no embeddings.');
  const { data } = parsed.data;
  if (data.length !== texts.length)
    throw new ModelSignal('malformed', `${texts.length} texts were sent, ${data.length} vectors came.`);
  const ordered = data.map((entry, position) => ({ ...entry, index: entry.index ?? position }));
  ordered.sort((a, b) => a.index - b.index);
  return ordered.map(({ embedding }) => Float32Array.from(embedding));
}

/** Embeds any number of texts. @throws RatchetError by the table in policy.ts */
export function embedTexts(
  server: ModelServer,
  texts: readonly string[],
  options: { readonly signal?: AbortSignal | undefined; readonly model?: string },
): Promise<Embeddings> {
  return server.under(options.signal, async (signal) => {
    let model = options.model ?? null;
    try {
      const trying = { ...server.trying(model, signal), delivered: () => 0, mayRepeat: () => true };
      const { id } = await keepTrying(() => server.resolve('embedding', model, signal), trying);
      model = id;
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += batchSize) {
        const batch = texts.slice(at, at + batchSize);
        const leave = await server.embedGate.enter(signal);
        try {
          vectors.push(...(await keepTrying(() => embedBatch(server, id, batch, signal), trying)));
        } finally {
          leave();
        }
      }
      const dimension = vectors[0]?.length ?? 0;
      if (vectors.some((vector) => vector.length === 0 || vector.length !== dimension))
        throw new ModelSignal('malformed', 'The vectors are empty or of different lengths.');
      return { vectors, dimension, model: id };
    } catch (error) {
      throw server.fault(signal.aborted ? new ModelSignal('cancelled', '') : error, model);
    }
  });
}
