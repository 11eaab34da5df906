/** Small parts that every page is made of. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Fault, Resource } from '../api';
import { absoluteTime, relativeTime, shapes, stageWords, toneOf, type Tone } from './words';

/** A clock that ticks for everybody at once. */
function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Relative, with the absolute time on hover. */
export function Time({ at }: { readonly at: string }) {
  const now = useNow(15_000);
  return (
    <time dateTime={at} title={absoluteTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}

/** The first eight characters, the whole on hover. */
export function Digest({ value }: { readonly value: string }) {
  return (
    <code class="digest" title={value}>
      {value.slice(0, 8)}
    </code>
  );
}

export function Mark({ tone, label }: { readonly tone: Tone; readonly label?: string }) {
  return (
    <span class={`mark ${tone}`} role="img" aria-label={label ?? tone} title={label}>
      {shapes[tone]}
    </span>
  );
}

/** A stage or verdict: shape, colour and word. */
export function Stage({ stage }: { readonly stage: string }) {
  const tone = toneOf(stage);
  return (
    <span class={`stage ${tone}`}>
      <span class="shape" aria-hidden="true">
        {shapes[tone]}
      </span>
      {stageWords(stage)}
    </span>
  );
}

export function Risk({ risk }: { readonly risk: string }) {
  const bars = risk === 'low' ? 1 : risk === 'medium' ? 2 : 3;
  return (
    <span class={`risk ${risk}`}>
      <span class="bars" aria-hidden="true">
        {[1, 2, 3].map((bar) => (
          <i key={bar} class={bar <= bars ? 'on' : ''} />
        ))}
      </span>
      {risk} risk
    </span>
  );
}

export function Empty(props: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="lead">{props.title}</p>
      {props.children}
    </div>
  );
}

/** A command to type, with a button that copies it. */
export function Command({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <span class="command">
      <code>{text}</code>
      <button type="button" class="quiet" onClick={copy} aria-label={`Copy ${text}`}>
        {copied ? 'copied' : 'copy'}
      </button>
    </span>
  );
}

/** What failed, and what mends it. */
export function FaultBox({ fault, retry }: { readonly fault: Fault; readonly retry?: () => void }) {
  return (
    <div class="fault" role="alert">
      <p>
        <strong>{fault.message}</strong>
        {fault.mend === null ? null : <span class="mend"> {fault.mend}</span>}
      </p>
      {retry === undefined ? null : (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Grey lines where text will be: the same height, so that nothing jumps. */
export function Skeleton({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="loading">
      {Array.from({ length: lines }, (_, index) => (
        <i key={index} />
      ))}
    </div>
  );
}

/** Loading, failed, stale or there: the four states of everything that comes from the API. */
export function Loaded<T>(props: {
  readonly from: Resource<T>;
  readonly lines?: number;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { data, fault, at, reload } = props.from;
  if (data === null)
    return fault === null ? (
      <Skeleton {...(props.lines === undefined ? {} : { lines: props.lines })} />
    ) : (
      <FaultBox fault={fault} retry={reload} />
    );
  return (
    <>
      {fault === null ? null : (
        <p class="stale" role="status">
          Showing what was known <Time at={new Date(at).toISOString()} />; reconnecting. {fault.message}
        </p>
      )}
      {props.children(data)}
    </>
  );
}

export function PageHead(props: {
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${props.title} · Ratchet`;
  }, [props.title]);
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{props.title}</h1>
        {props.lead === undefined ? null : <p class="lead">{props.lead}</p>}
      </div>
      {props.children === undefined ? null : <div class="actions">{props.children}</div>}
    </header>
  );
}
