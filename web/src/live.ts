/**
 * Server-sent events that come back. The browser reconnects by itself when the line breaks, but takes any answer that is
 * no stream (of a proxy, of an API that is starting) for the end: then it is asked again here, after the last event.
 */
const againMs = 2_000;

export interface Listening {
  /** By the event's name. */
  readonly on: Readonly<Record<string, (data: string) => void>>;
  /** True when the line broke, false when it is there again. */
  readonly onAway?: (away: boolean) => void;
}

/** Returns the function that ends it. */
export function listen(path: string, { on, onAway }: Listening): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = '';
  const open = (): void => {
    source = new EventSource(last === '' ? path : `${path}?after=${encodeURIComponent(last)}`);
    source.addEventListener('open', () => onAway?.(false));
    source.addEventListener('error', () => {
      onAway?.(true);
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, againMs);
    });
    for (const [kind, act] of Object.entries(on))
      source.addEventListener(kind, (event: MessageEvent<string>) => {
        last = event.lastEventId;
        act(event.data);
      });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
