/** A fault as the answer that the path's clients read: a problem, under /v1 in OpenAI's shape. */
import type { Context } from 'hono';
import { isOpenAiPath, openAiFault } from './openai/shapes.js';
import { problem } from './problem.js';

export const faultAt = (context: Context, error: unknown, status?: number): Response =>
  isOpenAiPath(context) ? openAiFault(context, error, status) : problem(context, error, status);
