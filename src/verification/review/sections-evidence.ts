/** The gates' answers, the speed and the memory as parts of a review page. Pure. */
import type { Evidence, GateResult, Verdict } from '../types.js';
import {
  bytes,
  count,
  digits,
  gateOf,
  membersOf,
  microseconds,
  numberOf,
  speedOf,
  type Speed,
} from './figures.js';
import { counterexampleText, gateWords, inputsInWords, questions, took } from './gate-words.js';
import { html, nothing, prose, type Html } from './html.js';
import { speedPlots } from './speed-plot.js';
import type { ReviewSubject } from './types.js';

const shapes: Readonly<Record<GateResult, string>> = {
  pass: '✔',
  fail: '✖',
  inconclusive: '~',
  notApplicable: '–',
};
/** A titled part of the page. */
export const section = (title: string, body: readonly Html[]): Html =>
  html`<section>
    <h2>${title}</h2>
    ${body}
  </section>`;

function counterexample(verdict: Verdict): Html {
  if (verdict.gate !== 'equivalence') return nothing;
  const found = counterexampleText(verdict);
  if (found !== null) {
    return html`<p>Counterexample, the smallest that was found:</p>
      <pre>${found}</pre>`;
  }
  if (numberOf(verdict.numbers['inputs']) === null) return nothing;
  return html`<p>Counterexample: none in ${inputsInWords(verdict.numbers)}.</p>`;
}

function gateRow(verdict: Verdict, evidence: Evidence): Html {
  const { gate, verdict: answer, reason, settle } = verdict;
  const said = gateWords(verdict, evidence).map((line) => html`<p>${prose(line)}</p>`);
  const time = took(verdict);
  return html`<div class="gate ${answer}">
    <div class="shape" title="${answer}">${shapes[answer]}</div>
    <h3>${gate}</h3>
    <div class="body">
      <p class="meta">${questions[gate]}${time === '' ? '' : ` · ${time}`}</p>
      <p class="answer">${prose(reason)}</p>
      ${counterexample(verdict)}
      <div class="meta">${said}</div>
      ${settle === undefined ? nothing : html`<p>To settle it: ${settle}</p>`}
    </div>
  </div>`;
}

export function gates({ evidence }: ReviewSubject): Html {
  const rows = evidence.gates
    .filter(({ gate }) => Object.hasOwn(questions, gate))
    .map((verdict) => gateRow(verdict, evidence));
  return section('What each gate says', [html`<div class="gates">${rows}</div>`]);
}

function speedTable({ rows, clock }: Speed): Html {
  const body = rows.map(
    ({ size, baseUs, candidateUs, ratio, lower, upper }) =>
      html`<tr>
        <td>${size === null ? 'as given' : count(size)}</td>
        <td>${microseconds(baseUs)}</td>
        <td>${microseconds(candidateUs)}</td>
        <td>${digits(ratio)}×</td>
        <td>[${digits(lower)}, ${digits(upper)}]</td>
      </tr>`,
  );
  return html`<div class="scroll">
    <table class="figures">
      <thead>
        <tr>
          <th>size</th>
          <th>${clock === 'cpu' ? 'CPU time' : 'wall time'} before</th>
          <th>after</th>
          <th>ratio</th>
          <th>interval</th>
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

function memoryTable(numbers: Verdict['numbers']): Html {
  const kinds = [
    ['heap', 'kept alive by the results, per call'],
    ['alive', 'alive after everything was dropped'],
    ['peak', 'peak of the process'],
  ] as const;
  const rows = kinds.flatMap(([name, words]) => {
    const { baseBytes, candidateBytes, worse } = membersOf(numbers[name]);
    const [before, after] = [numberOf(baseBytes), numberOf(candidateBytes)];
    if (before === null || after === null) return [];
    return [
      html`<tr>
        <td>${words}</td>
        <td>${bytes(before)}</td>
        <td>${bytes(after)}</td>
        <td>${worse === true ? 'worse' : 'not worse'}</td>
      </tr>`,
    ];
  });
  if (rows.length === 0) return nothing;
  return html`<div class="scroll">
    <table class="figures">
      <thead>
        <tr>
          <th>memory</th>
          <th>before</th>
          <th>after</th>
          <th>judged</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

export function speedAndMemory({ evidence }: ReviewSubject): Html {
  const verdict = gateOf(evidence, 'performance');
  const speed = speedOf(verdict);
  if (verdict === null || speed === null) return nothing;
  const control =
    speed.control === null
      ? ''
      : `The same code against itself, in the same session, gave ${digits(speed.control.lower)}× to ${digits(speed.control.upper)}×: only what lies above that band and above 1.05× (dashed) counts. `;
  return section('Speed and memory', [
    speedPlots(speed),
    html`<p class="meta">
      ${control}The largest size decides; it was chosen before the first measurement. Intervals per size leave
      1 % of error on each side; the deciding one spends the smaller part that its look is allowed.
    </p>`,
    speedTable(speed),
    memoryTable(verdict.numbers),
  ]);
}
