/** Reads server-sent events as a client does, until one of them says enough. */

export interface SseEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function eventOf(block: string): SseEvent | null {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1).replace(/^ /, ''));
  }
  const data = fields.get('data');
  if (data === undefined) return null;
  return {
    id: fields.get('id') ?? null,
    event: fields.get('event') ?? 'message',
    data: JSON.parse(data) as Record<string, unknown>,
  };
}

/** Events as they come, until the stream ends or the caller has enough. */
export async function* eventsIn(
  response: Response,
  enough?: AbortSignal,
): AsyncGenerator<SseEvent, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('no stream');
  enough?.addEventListener('abort', () => void reader.cancel());
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = eventOf(text.slice(0, end));
        text = text.slice(end + 2);
        if (event !== null) yield event;
      }
    }
  } finally {
    // A stream that broke says so by its read.
    await reader.cancel().catch(() => undefined);
  }
}

export async function readEvents(
  response: Response,
  until: (event: SseEvent) => boolean,
  ms = 30_000,
): Promise<readonly SseEvent[]> {
  const events: SseEvent[] = [];
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), ms);
  try {
    for await (const event of eventsIn(response, enough.signal)) {
      events.push(event);
      if (until(event)) return events;
    }
    throw new Error(`the stream ended after ${JSON.stringify(events.slice(-3))}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The text of a turn as a reader puts it together: a restart voids what came before it. */
export function textOf(events: readonly SseEvent[], turn: string): string {
  let text = '';
  for (const { event, data } of events) {
    if (data['turn'] !== turn) continue;
    if (event === 'restart') text = '';
    if (event === 'delta') text += String(data['text']);
  }
  return text;
}
