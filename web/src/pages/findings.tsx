/** Findings of the newest analysis, and where the code is hardest to read. */
import { useEffect, useState } from 'preact/hooks';
import type { Finding, FunctionMetrics } from '../../../src/analysis/types';
import type { FindingsView } from '../../../src/api/routes/findings';
import type { PageProps } from '../app';
import { asFault, post, useResource, type Fault } from '../api';
import { Command, Empty, FaultBox, Loaded, PageHead, Time } from '../parts/basics';
import { Choice } from '../parts/list';
import { SafeText } from '../parts/safe-text';
import { baseName, count, counted } from '../parts/words';
import { setQuery } from '../router';

const severities = [
  ['', 'All'],
  ['critical', 'Critical'],
  ['high', 'High'],
  ['medium', 'Medium'],
  ['low', 'Low'],
] as const;

function FindingRow({ one }: { readonly one: Finding }) {
  return (
    <li class="row finding-row">
      <span class={`severity ${one.severity}`}>{one.severity}</span>
      <div class="what">
        <p>
          <SafeText text={one.title} />
        </p>
        <p class="meta">
          <code>
            <SafeText text={`${one.file}:${one.span.start.line}`} />
          </code>
          <span>{one.rule}</span>
          {one.declaration === null ? null : <SafeText text={one.declaration} />}
        </p>
      </div>
      <div class="effect meta">
        <SafeText text={one.effect} />
        <br />
        {one.tier === null ? '' : `fix ${one.tier}`}
      </div>
    </li>
  );
}

function Hotspots({ functions }: { readonly functions: readonly FunctionMetrics[] }) {
  const most = Math.max(1, ...functions.map(({ cognitive }) => cognitive));
  if (functions.length === 0) return null;
  return (
    <section aria-labelledby="hotspots">
      <h2 id="hotspots">Hardest to read</h2>
      <ol class="bars">
        {functions.slice(0, 10).map((one) => (
          <li key={`${one.file}:${one.line}:${one.column}`}>
            <span class="what">
              <code>
                <SafeText text={one.name} />
              </code>
              <small class="meta" title={one.file}>
                <SafeText text={`${baseName(one.file)}:${one.line}`} />
              </small>
            </span>
            <span class="bar" aria-hidden="true">
              <i class={`w${Math.max(1, Math.round((one.cognitive / most) * 20))}`} />
            </span>
            <span class="number">
              {one.cognitive}
              <span class="hidden"> cognitive complexity</span>
            </span>
          </li>
        ))}
      </ol>
      <p class="meta">Cognitive complexity of each function.</p>
    </section>
  );
}

function Filters({
  place,
  view,
}: {
  readonly place: PageProps['place'];
  readonly view: FindingsView | null;
}) {
  const [text, setText] = useState(place.query.get('text') ?? '');
  useEffect(() => {
    // Each letter asks anew only after a pause.
    const timer = setTimeout(() => {
      if (text !== (place.query.get('text') ?? '')) setQuery('text', text);
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="filters">
      <Choice
        label="Severity"
        value={place.query.get('severity') ?? ''}
        options={severities.map(([value, words]) => [value as string, words] as const)}
        onChange={(value) => setQuery('severity', value)}
      />
      <select
        aria-label="Rule"
        value={place.query.get('rule') ?? ''}
        onChange={(event) => setQuery('rule', event.currentTarget.value)}
      >
        <option value="">All rules</option>
        {(view?.rules ?? []).map(({ rule, count: found }) => (
          <option key={rule} value={rule}>
            {rule} ({found})
          </option>
        ))}
      </select>
      <label class="check">
        <input
          type="checkbox"
          checked={place.query.get('fixable') === 'true'}
          onChange={(event) => setQuery('fixable', event.currentTarget.checked ? 'true' : null)}
        />
        with a fix
      </label>
      <input
        type="search"
        aria-label="Search in findings"
        placeholder="file, title or rule"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
}

function addressOf(place: PageProps['place'], repository: string): string {
  const query = new URLSearchParams({ repository, limit: '100' });
  for (const name of ['severity', 'rule', 'fixable', 'text']) {
    const value = place.query.get(name);
    if (value !== null && value !== '') query.set(name, value);
  }
  return `/api/findings?${query.toString()}`;
}

function FindingList({ view }: { readonly view: FindingsView }) {
  return (
    <section aria-label="Findings">
      {view.source === null ? (
        <Empty title="Nothing was analysed yet.">
          <p>Analyse now, or run a cycle.</p>
        </Empty>
      ) : view.items.length === 0 ? (
        <Empty title="No finding fits the filters." />
      ) : (
        <>
          <p class="meta" role="status">
            {counted(view.total, 'finding')}
            {view.total > view.items.length ? `, the first ${count(view.items.length)} shown` : ''}
          </p>
          <ul class="rows">
            {view.items.map((one) => (
              <FindingRow key={`${one.fingerprint}${one.range[0]}`} one={one} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

export function FindingsPage({ place, repository, repositories }: PageProps) {
  const chosen = repository ?? repositories?.[0]?.id ?? null;
  const findings = useResource<FindingsView>(chosen === null ? null : addressOf(place, chosen), 15_000);
  const [fault, setFault] = useState<Fault | null>(null);
  const [asked, setAsked] = useState(false);
  const analyse = async (): Promise<void> => {
    try {
      await post('/api/analyses', { repository: chosen });
      setAsked(true);
      setTimeout(findings.reload, 4_000);
    } catch (error) {
      setFault(asFault(error));
    }
  };
  const name = repositories?.find(({ id }) => id === chosen)?.name ?? '';
  const source = findings.data?.source ?? null;
  if (repositories !== null && chosen === null)
    return (
      <div class="page">
        <PageHead title="Findings" />
        <Empty title="No repository is registered.">
          <Command text="ratchet improve PATH" />
        </Empty>
      </div>
    );
  return (
    <div class="page">
      <PageHead
        title="Findings"
        lead={
          source === null ? (
            name
          ) : (
            <>
              {name}, analysed <Time at={source.at} />
            </>
          )
        }
      >
        <button type="button" onClick={() => void analyse()} disabled={asked}>
          {asked ? 'Analysing …' : 'Analyse now'}
        </button>
      </PageHead>
      {fault === null ? null : <FaultBox fault={fault} />}
      <Filters place={place} view={findings.data} />
      <Loaded from={findings} lines={12}>
        {(view) => (
          <div class="columns uneven">
            <FindingList view={view} />
            <Hotspots functions={view.hotspots} />
          </div>
        )}
      </Loaded>
    </div>
  );
}
