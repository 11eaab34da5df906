/** A language model whose answers are measured: time to the first token, speed, prompt size, tries. */
import type { Completion, LanguageModel } from '../llm/types.js';
import type { Recorder } from './types.js';

function note(recorder: Pick<Recorder, 'record'>, { model, timings, usage, attempts }: Completion): void {
  const labels = { model };
  recorder.record('model.first-token', labels, timings.firstTokenMs);
  if (timings.tokensPerSecond !== null) recorder.record('model.speed', labels, timings.tokensPerSecond);
  recorder.record('model.prompt', labels, usage.promptTokens);
  recorder.record('model.attempts', labels, attempts);
}

/** The same model; what it answers is measured, how it fails is left alone. */
export function measuredModel<T extends Pick<LanguageModel, 'complete' | 'completeJson'>>(
  model: T,
  recorder: Pick<Recorder, 'record'>,
): T {
  return {
    ...model,
    async complete(...given) {
      const answer = await model.complete(...given);
      note(recorder, answer);
      return answer;
    },
    async completeJson(...given) {
      const answer = await model.completeJson(...given);
      note(recorder, answer);
      return answer;
    },
  };
}
