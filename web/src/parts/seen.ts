/** Which parts of a diff were on screen: an approval is of what was seen. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** Every so many rows one is watched, and the last of each file. */
export const watchEvery = 12;

export interface Seen {
  /** Given to each watched row, with its name. */
  readonly watch: (name: string) => (node: Element | null) => void;
  /** Watched parts that were not on screen yet. */
  readonly left: number;
  readonly showNext: () => void;
}

/** @param names of all watched rows */
export function useSeen(names: readonly string[]): Seen {
  const seen = useRef(new Set<string>());
  const nodes = useRef(new Map<string, Element>());
  const [, redraw] = useState(0);
  const observer = useRef<IntersectionObserver | null>(null);
  useEffect(() => {
    observer.current = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries)
          if (isIntersecting) seen.current.add(target.getAttribute('data-part') ?? '');
        redraw(seen.current.size);
      },
      // What lies under the sticky foot was not on screen.
      { rootMargin: '0px 0px -64px 0px' },
    );
    for (const node of nodes.current.values()) observer.current.observe(node);
    return () => observer.current?.disconnect();
  }, []);
  const watch = useCallback(
    (name: string) =>
      (node: Element | null): void => {
        const old = nodes.current.get(name);
        if (node === old) return;
        if (old !== undefined) observer.current?.unobserve(old);
        nodes.current.delete(name);
        if (node === null) return;
        nodes.current.set(name, node);
        observer.current?.observe(node);
      },
    [],
  );
  const unseen = names.filter((name) => !seen.current.has(name));
  const showNext = (): void => {
    const [first] = unseen;
    if (first !== undefined) nodes.current.get(first)?.scrollIntoView({ block: 'center' });
  };
  return { watch, left: unseen.length, showNext };
}
