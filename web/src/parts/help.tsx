/** Keys: what they do, and one place that listens to them. */
import { useEffect, useRef } from 'preact/hooks';
import { navigate } from '../router';
import { Dialog } from './dialog';

export type Keys = Readonly<Record<string, () => void>>;

const typing = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, dialog[open]') !== null;

/** Single keys, while nobody types; the newest handlers are used without listening anew. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const action = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined;
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** How long `g` waits for its letter, in milliseconds. */
const goMs = 5_000;

const goals: Readonly<Record<string, string>> = {
  h: '/',
  r: '/review',
  y: '/cycles',
  n: '/nights',
  c: '/changes',
  f: '/findings',
  t: '/chat',
  u: '/audit',
  s: '/settings',
};

/** `g`, then the letter of a page. */
export function useGoKeys(): void {
  useEffect(() => {
    let armed = 0;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const goal = goals[event.key];
      if (event.timeStamp < armed && goal !== undefined) {
        event.stopImmediatePropagation();
        event.preventDefault();
        armed = 0;
        navigate(goal);
      } else armed = event.key === 'g' ? event.timeStamp + goMs : 0;
    };
    addEventListener('keydown', press, { capture: true });
    return () => removeEventListener('keydown', press, { capture: true });
  }, []);
}

const keys: readonly (readonly [string, string])[] = [
  ['j  k', 'next, previous (in a list; on a proposal: the next one)'],
  ['Enter', 'open'],
  ['a', 'approve (after the whole diff was on screen)'],
  ['r', 'reject, with a reason'],
  ['g h', 'home'],
  ['g r', 'review queue'],
  ['g y', 'cycles'],
  ['g n', 'nights'],
  ['g c', 'changes'],
  ['g f', 'findings'],
  ['g t', 'chat'],
  ['g u', 'audit'],
  ['g s', 'settings'],
  ['?', 'this help'],
];

export function HelpDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" open={open} onClose={onClose}>
      <dl class="keys">
        {keys.map(([key, words]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
