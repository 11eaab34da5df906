/** In whose name something is written down: a token that the owner made cannot speak for a person unseen. */
import type { Context } from 'hono';
import type { ApiEnvironment } from './dependencies.js';

/** `ada`, and with a named token `ada (token ci)`: the name in the body is a claim, that of the token is known. */
export function actorOf(context: Context<ApiEnvironment>, by: string): string {
  const token = context.get('caller')?.token ?? null;
  return token === null ? by : `${by} (token ${token})`;
}
