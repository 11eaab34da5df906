/** One proposal as a line of a list. */
import type { ProposalStatus } from '../../../src/activities/types';
import { Mark, Risk, Stage, Time } from './basics';
import { SafeText } from './safe-text';
import { toneOf } from './words';

/** The gates as one line of marks; each says its name and reason on hover. */
export function GateMarks({ gates }: { readonly gates: ProposalStatus['gates'] }) {
  return (
    <span class="gate-marks">
      {gates.map(({ gate, verdict, reason }) => (
        <Mark key={gate} tone={toneOf(verdict)} label={`${gate}: ${verdict}. ${reason}`} />
      ))}
    </span>
  );
}

export function ProposalRow({ one }: { readonly one: ProposalStatus }) {
  return (
    <li class="row proposal-row">
      <div class="what">
        <a class="row-link" href={`/proposals/${one.id}`}>
          <SafeText text={one.title} />
        </a>
        <p class="meta">
          <code>
            <SafeText text={`${one.file}:${one.line}`} />
          </code>
          <span>{one.rule}</span>
          <span>{one.repositoryName}</span>
        </p>
      </div>
      <div class="gain" title="measured">
        <strong>{one.measured === null ? 'not measured' : (one.measured.split(' ')[0] ?? '')}</strong>
        <small>{one.measured === null ? '' : one.measured.split(' ').slice(1).join(' ')}</small>
      </div>
      <div class="side">
        <GateMarks gates={one.gates} />
        <Risk risk={one.risk} />
      </div>
      <div class="when">
        <Stage stage={one.stage} />
        <small class="meta">
          <Time at={one.updatedAt} />
        </small>
      </div>
    </li>
  );
}
