/** The parts of a review page, in the order in which a sceptic asks. Pure. */
import type { TrialVerdict } from '../types.js';
import { diffFiles, type CoverageMark, type DiffFile } from './diff-rows.js';
import { bytes, count, digits, gateOf, membersOf, numberOf, speedOf } from './figures.js';
import { suiteCalls } from './gate-words.js';
import { html, join, nothing, prose, type Html } from './html.js';
import { limitsOf, risksOf } from './risks.js';
import { section } from './sections-evidence.js';
import type { ReviewSubject } from './types.js';

const verdictShapes: Readonly<Record<TrialVerdict, string>> = {
  accepted: '✔',
  refused: '✖',
  inconclusive: '~',
};

/** Rows of a page stay bounded, whatever a patch holds. */
const rowsShown = 3_000;

const items = (lines: readonly string[]): Html =>
  html`<ul>
    ${lines.map((line) => html`<li>${prose(line)}</li>`)}
  </ul>`;

/** The heading of a page and the title of its document. */
export function titleOf({ evidence, proposal }: ReviewSubject): string {
  if (proposal !== null) return proposal.title;
  const [first] = evidence.patch.files;
  const more = evidence.patch.files.length - 1;
  return `Patch${first === undefined ? '' : ` of ${first.path}`}${more > 0 ? ` and ${more} more` : ''}`;
}

export function heading(subject: ReviewSubject): Html {
  const { evidence, proposal } = subject;
  const by =
    proposal === null
      ? 'a patch from outside'
      : `${proposal.rule}, ${proposal.tier}, by ${proposal.proposer}`;
  const { verdict, reason, settle } = evidence;
  return html`<header>
      <h1>${prose(titleOf(subject))}</h1>
      <p class="meta">
        ${subject.repositoryName ?? evidence.repositoryId} · base <code>${evidence.base.slice(0, 12)}</code> ·
        ${by}${proposal === null ? '' : ` · risk ${proposal.risk}`} ·
        ${evidence.finishedAt.slice(0, 16).replace('T', ' ')} UTC
      </p>
    </header>
    <div class="verdict ${verdict}">
      <strong>${verdictShapes[verdict]} ${verdict}</strong>
      <div>
        <p>${reason}</p>
        ${settle === null ? nothing : html`<p>To settle it: ${settle}</p>`}
      </div>
    </div>`;
}

function tile(name: string, value: string | null, note: string): Html {
  return value === null
    ? nothing
    : html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
        <small>${note}</small>
      </div>`;
}

/** The figures that decide, on one line. */
export function glance({ evidence }: ReviewSubject): Html {
  const performance = gateOf(evidence, 'performance');
  const speed = speedOf(performance);
  const row = speed?.rows.at(-1);
  const equivalence = gateOf(evidence, 'equivalence');
  const { own, derived } = suiteCalls(equivalence?.numbers ?? {});
  const asked = numberOf(equivalence?.numbers['inputs']);
  const inputs = asked === null ? null : asked + own + derived;
  const tests = gateOf(evidence, 'tests');
  const coverage = gateOf(evidence, 'coverage');
  const hit = ['statements', 'branches'].map((kind) => membersOf(coverage?.numbers[kind]));
  const [executed, total] = ['executed', 'total'].map((key) =>
    hit.reduce((sum, one) => sum + (numberOf(one[key]) ?? 0), 0),
  );
  const differs = equivalence?.verdict === 'fail';
  const headline = performance?.numbers['headline'];
  return html`<dl class="glance">
    ${[
      tile(
        'Speed',
        row === undefined ? null : `${digits(numberOf(performance?.numbers['ratio']) ?? row.ratio)}× as fast`,
        typeof headline === 'string' ? headline.replace(/^\S+ /, '') : '',
      ),
      tile(
        'Differences',
        inputs === null
          ? null
          : differs
            ? 'found'
            : equivalence?.verdict === 'pass'
              ? 'none found'
              : 'not settled',
        inputs === null ? '' : `in ${count(inputs)} inputs`,
      ),
      tile(
        'Suite',
        tests?.verdict === 'pass' ? 'as before' : tests?.verdict === 'fail' ? 'worse' : null,
        `${count(evidence.baseline.tests)} tests`,
      ),
      tile(
        'Executed by the suite',
        total === undefined || total === 0 ? null : `${executed ?? 0} of ${total}`,
        'changed statements and branches',
      ),
    ]}
  </dl>`;
}

export function reasons({ proposal }: ReviewSubject): Html {
  if (proposal === null) {
    return section('Why', [
      html`<p class="meta">The patch came without a reason: judge it by what it does.</p>`,
    ]);
  }
  const { reason, impact, complexity, preconditions, assumptions, tier } = proposal;
  const growth = complexity === null ? '' : ` (${complexity.before} → ${complexity.after})`;
  return join([
    section('Why', [
      html`<p>${prose(reason)}</p>
        <p class="meta">Expected: ${prose(impact)}${impact.includes('→') ? '' : growth}.</p>`,
    ]),
    section('What was checked before it was proposed', [
      preconditions.length === 0
        ? html`<p class="meta">No precondition is on record.</p>`
        : items(preconditions),
    ]),
    section('What is assumed', [
      assumptions.length === 0
        ? html`<p>
            Nothing:
            ${tier === 'T1' ? 'every precondition is proved by code (tier T1)' : `no assumption is named (tier ${tier})`}.
          </p>`
        : items(assumptions),
    ]),
  ]);
}

const markText: Readonly<Record<Exclude<CoverageMark, null>, readonly [shape: string, words: string]>> = {
  suite: ['●', 'executed by the suite'],
  partly: ['◐', 'executed by the suite, but not each branch'],
  equivalence: ['○', 'executed by the equivalence run only'],
  nobody: ['✖', 'executed by nobody'],
};

function fileTable(file: DiffFile, limit: number): Html {
  const rows = file.rows.slice(0, limit).map(({ kind, oldLine, newLine, text, mark }) => {
    const sign = kind === 'added' ? '+' : kind === 'removed' ? '-' : ' ';
    const cell =
      mark === null
        ? html`<td class="m"></td>`
        : html`<td class="m ${mark}" title="${markText[mark][1]}">${markText[mark][0]}</td>`;
    return html`<tr class="${kind}">
      <td class="n">${oldLine ?? ''}</td>
      <td class="n">${newLine ?? ''}</td>
      ${cell}
      <td class="t">${kind === 'hunk' || kind === 'note' ? text : `${sign}${text}`}</td>
    </tr>`;
  });
  const left = file.rows.length - rows.length;
  return html`<div class="diff">
    <header>
      <span>${file.path}</span><span class="meta">${file.change}, +${file.added} −${file.removed}</span>
    </header>
    <div class="scroll">
      <table>
        ${rows}
      </table>
    </div>
    ${left > 0 ? html`<header class="meta">${count(left)} more lines are in the bundle.</header>` : nothing}
  </div>`;
}

export function change({ evidence }: ReviewSubject): Html {
  const files = diffFiles(evidence).slice(0, 200);
  const used = new Set(
    files.flatMap((file) => file.rows.flatMap(({ mark }) => (mark === null ? [] : [mark]))),
  );
  const legend = [...used].map(
    (mark) => html`<span><span class="m ${mark}">${markText[mark][0]}</span> ${markText[mark][1]}</span>`,
  );
  const note =
    legend.length === 0
      ? html`<p class="meta">Nobody counted which of these lines run.</p>`
      : html`<p class="meta legend">${legend}<span>no mark: nothing there to execute</span></p>`;
  return section('What changes', [
    note,
    ...files.map((file) => fileTable(file, Math.ceil(rowsShown / files.length))),
  ]);
}

export function risks(subject: ReviewSubject): Html {
  const found = risksOf(subject);
  return section('What speaks for caution', [
    found.length === 0
      ? html`<p>Nothing in this evidence, beyond the limits of any trial:</p>`
      : items(found),
    html`<div class="meta">${items(limitsOf(subject))}</div>`,
  ]);
}

export function origin({ evidence, digest, proposal }: ReviewSubject): Html {
  const { environment, plan, seed, limits, attachments } = evidence;
  const short = digest.slice(0, 12);
  const facts: readonly (readonly [string, string])[] = [
    ['evidence', digest],
    ['deterministic part', evidence.deterministicDigest],
    ['patch', evidence.patch.digest],
    ['base', evidence.base],
    ...(proposal === null ? [] : [['proposal', proposal.id] as const]),
    [
      'suite',
      `${plan.command}${plan.directory === '' ? '' : ` in ${plan.directory}`} (${plan.runner}, from ${plan.origin})`,
    ],
    ['seed', String(seed)],
    [
      'machine',
      `${environment.platform}, ${environment.cpu}, ${environment.cores} cores, ${bytes(environment.memoryBytes)}, node ${environment.node}`,
    ],
    [
      'sandbox',
      `${environment.sandbox}; each process at most ${count(limits.wallMs / 1_000)} s, ${bytes(limits.memoryBytes)}, ${limits.processes} processes, no network`,
    ],
    ['harness', `${environment.harness}, ratchet ${environment.ratchet}`],
    ...(Object.keys(attachments).length === 0
      ? []
      : [['attached', Object.keys(attachments).join(', ')] as const]),
  ];
  const commands = [
    `ratchet evidence verify ${short}            # every byte is as it was written`,
    `ratchet evidence export ${short}            # one self-contained file to carry away`,
    `ratchet evidence replay ${short} --repo .   # again, on your own clone: same verdicts, new times`,
  ];
  return section('Where it comes from, and how to do it again', [
    html`<dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd><code>${value}</code></dd>`,
        )}
      </dl>
      <pre>${commands.join('\n')}</pre>`,
  ]);
}
