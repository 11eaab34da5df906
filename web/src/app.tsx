/** The frame: rail, top bar with the stop, and the page of the present address. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { HealthView } from '../../src/api/routes/health';
import type { SignedIn } from '../../src/api/routes/sign-in';
import type { Repository } from '../../src/versioning/types';
import { get, signedOut, useResource, call, type Resource } from './api';
import { AuditPage } from './pages/audit';
import { ChangesPage } from './pages/changes';
import { ChatPage } from './pages/chat';
import { CyclePage, CyclesPage } from './pages/cycles';
import { FindingsPage } from './pages/findings';
import { HomePage } from './pages/home';
import { NightsPage } from './pages/nights';
import { ProposalPage } from './pages/proposal';
import { ReviewPage } from './pages/review';
import { SettingsPage } from './pages/settings';
import { SignInPage } from './pages/sign-in';
import { Empty, Skeleton } from './parts/basics';
import { StopBanner, StopButton } from './parts/emergency-stop';
import { HelpDialog, useGoKeys, useKeys } from './parts/help';
import { Icon, type IconName } from './parts/icons';
import { setQuery, usePlace, type Place } from './router';

const entries: readonly (readonly [path: string, name: IconName, label: string])[] = [
  ['/', 'home', 'Home'],
  ['/review', 'review', 'Review'],
  ['/cycles', 'cycles', 'Cycles'],
  ['/nights', 'nights', 'Nights'],
  ['/changes', 'changes', 'Changes'],
  ['/findings', 'findings', 'Findings'],
  ['/chat', 'chat', 'Chat'],
  ['/audit', 'audit', 'Audit'],
  ['/settings', 'settings', 'Settings'],
];

/** What every page is given. */
export interface PageProps {
  readonly place: Place;
  readonly me: SignedIn;
  readonly health: Resource<HealthView>;
  readonly repositories: readonly Repository[] | null;
  /** Reads the list of repositories anew. */
  readonly reload: () => void;
  /** Id of the repository that is looked at; null: all. */
  readonly repository: string | null;
}

function belongsTo(path: string, entry: string): boolean {
  if (entry === '/review' && path.startsWith('/proposals/')) return true;
  return entry === '/' ? path === '/' : path === entry || path.startsWith(`${entry}/`);
}

function Rail({ path, query }: { readonly path: string; readonly query: string }) {
  return (
    <nav class="rail" aria-label="Pages">
      {entries.map(([to, icon, label]) => (
        <a key={to} href={to + query} {...(belongsTo(path, to) ? { 'aria-current': 'page' as const } : {})}>
          <Icon name={icon} />
          <span>{label}</span>
        </a>
      ))}
    </nav>
  );
}

function HealthDot({ health }: { readonly health: Resource<HealthView> }) {
  const { data, fault } = health;
  const away = [
    ...(fault === null ? [] : ['API']),
    ...(data?.temporal === false ? ['Temporal'] : []),
    ...(data?.redis === false ? ['Redis'] : []),
  ];
  if (data === null && fault === null) return <span class="health" />;
  const words = away.length === 0 ? 'All servers answer' : `${away.join(', ')} away`;
  return (
    <span class={`health ${away.length === 0 ? 'good' : 'bad'}`} role="status" title={words}>
      <i aria-hidden="true">{away.length === 0 ? '●' : '▲'}</i>
      <span class={away.length === 0 ? 'hidden' : ''}>{words}</span>
    </span>
  );
}

function page(props: PageProps): ComponentChildren {
  const { path } = props.place;
  const id = path.split('/')[2];
  if (path === '/') return <HomePage {...props} />;
  if (path === '/review') return <ReviewPage {...props} />;
  if (path.startsWith('/proposals/') && id !== undefined) return <ProposalPage key={id} id={id} {...props} />;
  if (path === '/cycles') return <CyclesPage {...props} />;
  if (path.startsWith('/cycles/') && id !== undefined) return <CyclePage key={id} id={id} {...props} />;
  if (path === '/nights') return <NightsPage {...props} />;
  if (path === '/changes') return <ChangesPage {...props} />;
  if (path === '/findings') return <FindingsPage {...props} />;
  if (path === '/chat' || path.startsWith('/chat/')) return <ChatPage id={id ?? null} {...props} />;
  if (path === '/audit') return <AuditPage />;
  if (path === '/settings') return <SettingsPage {...props} />;
  return (
    <Empty title={`Nothing is at ${path}.`}>
      <a href="/">Home</a>
    </Empty>
  );
}

function Frame({ me, onSignOut }: { readonly me: SignedIn; readonly onSignOut: () => void }) {
  const place = usePlace();
  const health = useResource<HealthView>('/api/health', 5_000);
  const list = useResource<{ items: Repository[] }>('/api/repositories', 30_000);
  const repositories = list.data?.items ?? null;
  const repository = place.query.get('repository');
  // One that was registered a moment ago.
  useEffect(() => {
    if (repository !== null && repositories?.some(({ id }) => id === repository) === false) list.reload();
  }, [repository]);
  const [helping, setHelping] = useState(false);
  useGoKeys();
  useKeys({ '?': () => setHelping(true) });
  const stop = health.data?.stop ?? null;
  return (
    <div class="frame">
      <a class="skip" href="#content">
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="24" height="24" />
          <span>Ratchet</span>
        </a>
        <select
          aria-label="Repository"
          value={repository ?? ''}
          onChange={(event) => setQuery('repository', event.currentTarget.value)}
        >
          <option value="">All repositories</option>
          {(repositories ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <span class="space" />
        <HealthDot health={health} />
        <button type="button" class="quiet wide" onClick={() => setHelping(true)} aria-label="Keys and help">
          ?
        </button>
        <button type="button" class="quiet wide" onClick={onSignOut}>
          Sign out
        </button>
        <StopButton health={health} person={me.person} />
      </header>
      <Rail path={place.path} query={repository === null ? '' : `?repository=${repository}`} />
      <div class="body">
        <StopBanner stop={stop} />
        <main id="content">{page({ place, me, health, repositories, repository, reload: list.reload })}</main>
      </div>
      <HelpDialog open={helping} onClose={() => setHelping(false)} />
    </div>
  );
}

export function App() {
  const [me, setMe] = useState<SignedIn | null | 'unknown'>('unknown');
  useEffect(() => {
    const end = (): void => setMe(null);
    addEventListener(signedOut, end);
    get<SignedIn>('/api/sign-in').then(setMe, end);
    return () => removeEventListener(signedOut, end);
  }, []);
  const signOut = (): void => void call('DELETE', '/api/sign-in').finally(() => setMe(null));
  if (me === 'unknown') return <Skeleton lines={1} />;
  return me === null ? <SignInPage onSignedIn={setMe} /> : <Frame me={me} onSignOut={signOut} />;
}
