/** Addresses of the dashboard: paths of their own, so that every page can be linked to. */
import { useEffect, useState } from 'preact/hooks';

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });
const moved = 'ratchet:moved';

/** Goes to an address of the dashboard without loading anything. */
export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event(moved));
  if (options.replace !== true) scrollTo(0, 0);
}

/** Where we are; follows links, the back button and `navigate`. */
export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const look = (): void => setPlace(here());
    const follow = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const ours = link !== null && link.origin === location.origin && !link.pathname.startsWith('/api/');
      const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
      if (!ours || !plain || link.target !== '' || link.getAttribute('href')?.startsWith('#')) return;
      event.preventDefault();
      navigate(link.pathname + link.search);
    };
    addEventListener('popstate', look);
    addEventListener(moved, look);
    document.addEventListener('click', follow);
    return () => {
      removeEventListener('popstate', look);
      removeEventListener(moved, look);
      document.removeEventListener('click', follow);
    };
  }, []);
  return place;
}

/** Changes one parameter of the present address in place; null removes it. */
export function setQuery(name: string, value: string | null): void {
  const query = new URLSearchParams(location.search);
  if (value === null || value === '') query.delete(name);
  else query.set(name, value);
  const text = query.toString();
  navigate(location.pathname + (text === '' ? '' : `?${text}`), { replace: true });
}
