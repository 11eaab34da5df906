/** Some servers cut an overlong prompt in silence; the model then answers without having read its instructions. */
import { ModelSignal } from './classify-fault.js';
import { createTokenCounter } from './count-tokens.js';
import type { Completion, CompletionRequest, ModelProfile } from './types.js';

/** English and code have three to five bytes a token. Only beyond this our own count (slower) is asked. */
const suspiciousBytesPerToken = 6;
/** No server has so small a context that a prompt of this size is cut. */
const smallestBytes = 6_000;

/**
 * Compares the server's count of the prompt with ours.
 * @throws ModelSignal `prompt-truncated` when it read less than three quarters
 */
export async function notTruncated<T extends Omit<Completion, 'attempts'>>(
  answer: T,
  request: CompletionRequest,
  profile: ModelProfile,
  promptBytes: number,
): Promise<T> {
  const { usage } = answer;
  if (usage.source !== 'server' || usage.promptTokens === 0) return answer;
  if (promptBytes < smallestBytes || promptBytes / usage.promptTokens <= suspiciousBytesPerToken)
    return answer;
  const counter = await createTokenCounter(profile);
  const ours = request.messages.reduce((total, { content }) => total + counter.count(content), 0);
  if (ours * 0.75 <= usage.promptTokens + 64) return answer;
  throw new ModelSignal('prompt-truncated', `${usage.promptTokens} of about ${ours} tokens were read.`);
}
