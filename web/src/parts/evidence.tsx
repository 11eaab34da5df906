/** What a verdict rests on: each gate in words, the measurement with its intervals, caution, provenance. */
import { speedPlots } from '../../../src/verification/review/speed-plot';
import type { GateView, ReviewData } from '../../../src/verification/review/data';
import type { Speed } from '../../../src/verification/review/figures';
import { Digest, Mark, Time } from './basics';
import { SafeText } from './safe-text';
import { count, shapes, toneOf } from './words';

/** The line of gates under the title: each leads to its evidence. */
export function GateLine({ gates }: { readonly gates: readonly GateView[] }) {
  return (
    <ul class="gate-line" aria-label="Gates">
      {gates.map(({ gate, verdict, reason }) => (
        <li key={gate}>
          <a class={`gate-chip ${toneOf(verdict)}`} href={`#gate-${gate}`} title={reason}>
            <span aria-hidden="true">{shapes[toneOf(verdict)]}</span> {gate}
            <span class="hidden">: {verdict === 'notApplicable' ? 'not applicable' : verdict}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function GateRow({ one }: { readonly one: GateView }) {
  return (
    <li class="gate" id={`gate-${one.gate}`}>
      <Mark
        tone={toneOf(one.verdict)}
        label={one.verdict === 'notApplicable' ? 'not applicable' : one.verdict}
      />
      <div>
        <h3>{one.gate}</h3>
        <p class="meta">{one.took}</p>
      </div>
      <div class="gate-body">
        <p>
          <SafeText text={one.reason} />
        </p>
        {one.counterexample === null ? null : (
          <pre aria-label="Counterexample, the smallest that was found">
            <SafeText text={one.counterexample} />
          </pre>
        )}
        {one.words.map((line) => (
          <p key={line} class="meta">
            <SafeText text={line} />
          </p>
        ))}
        {one.settle === null ? null : (
          <p>
            To settle it: <SafeText text={one.settle} />
          </p>
        )}
      </div>
    </li>
  );
}

export function Gates({ gates }: { readonly gates: readonly GateView[] }) {
  return (
    <ul class="gates">
      {gates.map((one) => (
        <GateRow key={one.gate} one={one} />
      ))}
    </ul>
  );
}

const digits = (value: number): string => (value >= 100 ? count(Math.round(value)) : value.toPrecision(3));

function time(us: number): string {
  if (us >= 1_000_000) return `${digits(us / 1_000_000)} s`;
  return us >= 1_000 ? `${digits(us / 1_000)} ms` : `${digits(us)} µs`;
}

/** Ratio per size with its interval, beside the band of the same code against itself. */
export function SpeedSection({ speed }: { readonly speed: Speed }) {
  // Drawn by the same function as the printed review page; its template escapes every value.
  const markup = { __html: speedPlots(speed).toString() };
  return (
    <>
      <div dangerouslySetInnerHTML={markup} />
      <p class="meta">
        {speed.control === null
          ? ''
          : `The same code against itself gave ${digits(speed.control.lower)}× to ${digits(speed.control.upper)}×: only what lies above that band and above 1.05× (dashed) counts. `}
        The largest size decides; it was chosen before the first measurement. {speed.pairs} pairs of
        processes.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Measurements">
        <table class="table figures">
          <thead>
            <tr>
              <th>size</th>
              <th>{speed.clock === 'cpu' ? 'CPU' : 'wall'} time before</th>
              <th>after</th>
              <th>ratio</th>
              <th>interval</th>
            </tr>
          </thead>
          <tbody>
            {speed.rows.map((row) => (
              <tr key={row.size}>
                <td>{row.size === null ? 'as given' : count(row.size)}</td>
                <td>{time(row.baseUs)}</td>
                <td>{time(row.candidateUs)}</td>
                <td>{digits(row.ratio)}×</td>
                <td>
                  [{digits(row.lower)}, {digits(row.upper)}]
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function Provenance(props: {
  readonly from: NonNullable<ReviewData['provenance']>;
  readonly by: string;
  readonly evidence: string;
}) {
  const { base, plan, seed, environment, finishedAt, deterministicDigest } = props.from;
  return (
    <dl class="facts">
      <dt>written by</dt>
      <dd>{props.by}</dd>
      <dt>tried on</dt>
      <dd>
        <Digest value={base} />, <Time at={finishedAt} />
      </dd>
      <dt>suite</dt>
      <dd>
        <code>
          <SafeText text={plan.command} />
        </code>{' '}
        ({plan.runner})
      </dd>
      <dt>machine</dt>
      <dd>
        {environment.cpu}, {environment.cores} cores, Node {environment.node}, {environment.platform}
      </dd>
      <dt>sandbox</dt>
      <dd>{environment.sandbox}</dd>
      <dt>seed</dt>
      <dd>{seed}</dd>
      <dt>evidence</dt>
      <dd>
        <code class="whole">{props.evidence}</code>
      </dd>
      <dt>replay gives</dt>
      <dd>
        <Digest value={deterministicDigest} />
      </dd>
    </dl>
  );
}
