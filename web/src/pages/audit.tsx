/** The audit log: who did what, and whether the chain is whole. */
import { useState } from 'preact/hooks';
import type { AuditEntry, AuditVerification } from '../../../src/safety/types';
import { asFault, get, useResource, type Fault } from '../api';
import { Digest, Empty, FaultBox, Loaded, Mark, PageHead, Time } from '../parts/basics';
import { SafeText } from '../parts/safe-text';
import { counted } from '../parts/words';

function Verified({ result }: { readonly result: AuditVerification }) {
  return result.kind === 'intact' ? (
    <p class="notice good" role="status">
      <Mark tone="good" label="intact" /> {counted(result.entries, 'entry', 'entries')}, none changed, dropped
      or moved. Head <Digest value={result.head} />.
    </p>
  ) : (
    <p class="notice bad" role="alert">
      <Mark tone="bad" label="broken" /> Broken at line {result.line}: {result.reason}
    </p>
  );
}

function Entries({ items }: { readonly items: readonly AuditEntry[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Audit entries">
      <table class="table">
        <thead>
          <tr>
            <th class="number">#</th>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            <th>Subject</th>
            <th>Reason</th>
            <th>Hash</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.hash}>
              <td class="number">{one.sequence}</td>
              <td>
                <Time at={one.time} />
              </td>
              <td>
                <SafeText text={one.actor} />
              </td>
              <td>{one.action}</td>
              <td>
                <code>
                  <SafeText text={one.subject} />
                </code>
              </td>
              <td>
                <SafeText text={one.reason ?? ''} />
              </td>
              <td>
                <Digest value={one.hash} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function AuditPage() {
  const entries = useResource<{ items: AuditEntry[] }>('/api/audit', 15_000);
  const [result, setResult] = useState<AuditVerification | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const verify = async (): Promise<void> => {
    try {
      setResult(await get<AuditVerification>('/api/audit/verify'));
      setFault(null);
    } catch (error) {
      setFault(asFault(error));
    }
  };
  return (
    <div class="page">
      <PageHead title="Audit" lead="Each entry holds the hash of the one before it.">
        <button type="button" class="primary" onClick={() => void verify()}>
          Verify the chain
        </button>
      </PageHead>
      {fault === null ? null : <FaultBox fault={fault} />}
      {result === null ? null : <Verified result={result} />}
      <Loaded from={entries} lines={10}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing was written down yet.">
              <p>Registrations, decisions, landings, rollbacks and stops are.</p>
            </Empty>
          ) : (
            <Entries items={items} />
          )
        }
      </Loaded>
    </div>
  );
}
