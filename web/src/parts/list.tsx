/** A list that is walked with j and k, and opened with Enter. */
import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { useKeys } from './help';

/** Gives j and k to the links `.row-link` inside the returned element. */
export function useWalk(): { readonly ref: { current: HTMLElement | null } } {
  const ref = useRef<HTMLElement | null>(null);
  const step = (by: number): void => {
    const links = [...(ref.current?.querySelectorAll<HTMLElement>('.row-link') ?? [])];
    const at = links.findIndex((link) => link === document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, at === -1 ? 0 : at + by))]?.focus();
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  return { ref };
}

/** Buttons of which one is chosen. */
export function Choice<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}): JSX.Element {
  return (
    <div class="choice" role="group" aria-label={props.label}>
      {props.options.map(([value, words]) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.value}
          onClick={() => props.onChange(value)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
