/** Settings: what a repository's owner allows, and what this installation is. */
import { useState } from 'preact/hooks';
import type { Repository } from '../../../src/versioning/types';
import type { PageProps } from '../app';
import { asFault, call, type Fault } from '../api';
import { Command, Empty, FaultBox, PageHead } from '../parts/basics';
import { RegisterButton } from '../parts/register';
import { SafeText } from '../parts/safe-text';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** What the form holds: texts, as they are typed. */
interface Draft {
  readonly name: string;
  readonly baseBranch: string;
  readonly testCommand: string;
  readonly maxFiles: string;
  readonly maxLines: string;
  readonly maxOpenProposals: string;
  readonly coverage: string;
  readonly decisionHours: string;
  readonly suiteMinutes: string;
  readonly protectedPaths: string;
  readonly allowedPaths: string;
}

const draftOf = ({ name, baseBranch, policy }: Repository): Draft => ({
  name,
  baseBranch: baseBranch ?? '',
  testCommand: policy.testCommand ?? '',
  maxFiles: String(policy.maxFiles),
  maxLines: String(policy.maxLines),
  maxOpenProposals: String(policy.maxOpenProposals),
  coverage: String(Math.round(policy.coverageMinimum * 100)),
  decisionHours: String(policy.decisionTimeoutMs / hourMs),
  suiteMinutes: String(policy.suiteTimeoutMs / minuteMs),
  protectedPaths: policy.protectedPaths.join('\n'),
  allowedPaths: policy.allowedPaths.join('\n'),
});

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const orderOf = (draft: Draft): object => ({
  name: draft.name.trim(),
  baseBranch: draft.baseBranch.trim() === '' ? null : draft.baseBranch.trim(),
  policy: {
    testCommand: draft.testCommand.trim() === '' ? null : draft.testCommand.trim(),
    maxFiles: Number(draft.maxFiles),
    maxLines: Number(draft.maxLines),
    maxOpenProposals: Number(draft.maxOpenProposals),
    coverageMinimum: Number(draft.coverage) / 100,
    decisionTimeoutMs: Math.round(Number(draft.decisionHours) * hourMs),
    suiteTimeoutMs: Math.round(Number(draft.suiteMinutes) * minuteMs),
    protectedPaths: linesOf(draft.protectedPaths),
    allowedPaths: linesOf(draft.allowedPaths),
  },
});

type Field = readonly [key: keyof Draft, label: string, hint: string, kind: 'text' | 'number' | 'lines'];
const groups: readonly (readonly [title: string, fields: readonly Field[]])[] = [
  [
    'Repository',
    [
      ['name', 'Name', 'As it is called here.', 'text'],
      ['baseBranch', 'Base branch', 'Empty: what is checked out.', 'text'],
      ['testCommand', 'Test command', 'Empty: found from package.json.', 'text'],
    ],
  ],
  [
    'A proposal may change',
    [
      ['maxFiles', 'Files at most', '', 'number'],
      ['maxLines', 'Lines at most', '', 'number'],
      [
        'allowedPaths',
        'Only these paths',
        'Globs, one a line. Empty: everything that is not protected.',
        'lines',
      ],
      ['protectedPaths', 'Never these paths', 'Besides tests, lockfiles, CI and settings.', 'lines'],
    ],
  ],
  [
    'Waiting and proof',
    [
      ['maxOpenProposals', 'Proposals that may wait at once', '', 'number'],
      ['decisionHours', 'Hours until a waiting one is rejected', '', 'number'],
      ['coverage', 'Changed lines that tests must run, %', 'Below it a trial is inconclusive.', 'number'],
      ['suiteMinutes', 'Minutes that the suite may take', '', 'number'],
    ],
  ],
];

function FieldInput(props: {
  readonly field: Field;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const { field, value, onChange } = props;
  const [key, label, hint, kind] = field;
  const change = (event: { readonly currentTarget: { readonly value: string } }): void =>
    onChange(event.currentTarget.value);
  return (
    <label>
      <span>{label}</span>
      {kind === 'lines' ? (
        <textarea name={key} rows={3} value={value} onInput={change} />
      ) : (
        <input
          name={key}
          value={value}
          onInput={change}
          {...(kind === 'number' ? { type: 'number', min: 0, step: 'any', required: true } : {})}
        />
      )}
      {hint === '' ? null : <small class="meta">{hint}</small>}
    </label>
  );
}

function Form({ repository, onSaved }: { readonly repository: Repository; readonly onSaved: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(repository));
  const [fault, setFault] = useState<Fault | null>(null);
  const [told, setTold] = useState('');
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(repository));
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await call('PATCH', `/api/repositories/${repository.id}`, orderOf(draft));
      setFault(null);
      setTold('Saved. It holds from the next cycle on.');
      onSaved();
    } catch (error) {
      setFault(asFault(error));
      setTold('');
    }
  };
  return (
    <form class="settings" onSubmit={(event) => void save(event)}>
      {groups.map(([title, fields]) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {fields.map((field) => (
            <FieldInput
              key={field[0]}
              field={field}
              value={draft[field[0]]}
              onChange={(value) => setDraft({ ...draft, [field[0]]: value })}
            />
          ))}
        </fieldset>
      ))}
      {fault === null ? null : <FaultBox fault={fault} />}
      <div class="buttons">
        <span class="meta" role="status">
          {changed ? 'Not saved yet.' : told}
        </span>
        <button type="button" disabled={!changed} onClick={() => setDraft(draftOf(repository))}>
          Undo
        </button>
        <button type="submit" class="primary" disabled={!changed}>
          Save
        </button>
      </div>
    </form>
  );
}

export function SettingsPage({ me, health, repositories, repository, reload }: PageProps) {
  const chosen =
    repositories?.find(({ id }) => id === repository) ??
    (repositories?.length === 1 ? repositories[0] : undefined);
  return (
    <div class="page">
      <PageHead
        title="Settings"
        lead={
          chosen === undefined ? (
            'Of one repository, and of this installation.'
          ) : (
            <SafeText text={chosen.source} />
          )
        }
      >
        <RegisterButton />
      </PageHead>
      {chosen !== undefined ? (
        <Form key={chosen.id} repository={chosen} onSaved={reload} />
      ) : repositories?.length === 0 ? (
        <Empty title="No repository is registered." />
      ) : (
        <Empty title="Choose a repository above: its settings are its own." />
      )}
      <section aria-labelledby="installation">
        <h2 id="installation">This installation</h2>
        <dl class="facts">
          <dt>Version</dt>
          <dd>{me.version}</dd>
          <dt>You decide as</dt>
          <dd>{me.person}</dd>
          <dt>Servers</dt>
          <dd>
            Temporal {health.data?.temporal === false ? 'is away' : 'answers'}, Redis{' '}
            {health.data?.redis === null
              ? 'is not used'
              : health.data?.redis === false
                ? 'is away'
                : 'answers'}
          </dd>
          <dt>HTTP API</dt>
          <dd>
            <a href="/docs">Reference</a>, <a href="/openapi.json">OpenAPI 3.1</a>
          </dd>
        </dl>
        <p class="meta">A token for a script, with only the rights that it needs, is made in a terminal:</p>
        <Command text="ratchet token create ci --scope read improve" />
      </section>
    </div>
  );
}
