/** The diff: unified or side by side, with who executed each changed line. Repository text is only ever text. */
import type { CoverageMark, DiffFile, DiffRow } from '../../../src/verification/review/diff-rows';
import { useMemo } from 'preact/hooks';
import { middlesOf, pairsOf, type Middle } from './diff-pairs';
import { SafeText, countUnseen } from './safe-text';
import { watchEvery, type Seen } from './seen';
import { counted } from './words';

export type DiffForm = 'unified' | 'split';

const markWords: Readonly<Record<Exclude<CoverageMark, null>, readonly [shape: string, words: string]>> = {
  suite: ['┃', 'executed by the suite'],
  partly: ['╏', 'not each branch by the suite'],
  equivalence: ['╎', 'only by the equivalence run'],
  nobody: ['┆', 'executed by nobody'],
};

function MarkCell({ mark }: { readonly mark: CoverageMark }) {
  if (mark === null) return <td class="m" />;
  const [shape, words] = markWords[mark];
  return (
    <td class={`m ${mark}`} title={words}>
      {shape}
    </td>
  );
}

function Code({ row, middle }: { readonly row: DiffRow; readonly middle: Middle | undefined }) {
  const { text } = row;
  if (middle === undefined || middle[0] === middle[1]) return <SafeText text={text} />;
  return (
    <>
      <SafeText text={text.slice(0, middle[0])} />
      <b>
        <SafeText text={text.slice(...middle)} />
      </b>
      <SafeText text={text.slice(middle[1])} />
    </>
  );
}

const signs: Readonly<Record<DiffRow['kind'], string>> = {
  added: '+',
  removed: '−',
  context: ' ',
  hunk: ' ',
  note: ' ',
};

type Watch = (index: number, count: number) => Readonly<Record<string, unknown>>;

/** Rows that are watched get their name and reference. */
const watchOf =
  (watch: Seen['watch'], path: string): Watch =>
  (index, all) => {
    if (index % watchEvery !== 0 && index !== all - 1) return {};
    const name = partName(path, index);
    return { ref: watch(name), 'data-part': name };
  };

const partName = (path: string, index: number): string => `${path} ${index}`;

const rowCount = (file: DiffFile, form: DiffForm): number =>
  form === 'split' ? pairsOf(file.rows).length : file.rows.length;

/** Names of everything that must have been on screen. */
export function partsOf(files: readonly DiffFile[], form: DiffForm): readonly string[] {
  return files.flatMap((file) => {
    const all = rowCount(file, form);
    return Array.from({ length: all }, (_, index) => index)
      .filter((index) => index % watchEvery === 0 || index === all - 1)
      .map((index) => partName(file.path, index));
  });
}

function Unified({ file, watch }: { readonly file: DiffFile; readonly watch: Watch }) {
  const middles = middlesOf(file.rows);
  return (
    <tbody>
      {file.rows.map((row, index) => (
        <tr key={index} class={row.kind} {...watch(index, file.rows.length)}>
          <td class="n">{row.oldLine ?? ''}</td>
          <td class="n">{row.newLine ?? ''}</td>
          <MarkCell mark={row.mark} />
          <td class="s">{signs[row.kind]}</td>
          <td class="t">
            <Code row={row} middle={middles.get(row)} />
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function Side(props: {
  readonly row: DiffRow | null;
  readonly side: 'left' | 'right';
  readonly middle: Middle | undefined;
}) {
  const { row, side, middle } = props;
  const kind = row?.kind ?? 'void';
  return (
    <>
      <td class={`n ${kind}`}>{(side === 'left' ? row?.oldLine : row?.newLine) ?? ''}</td>
      {side === 'right' ? <MarkCell mark={row?.mark ?? null} /> : null}
      <td class={`s ${kind}`}>{row === null ? '' : signs[row.kind]}</td>
      <td class={`t ${kind}`}>{row === null ? null : <Code row={row} middle={middle} />}</td>
    </>
  );
}

function Split({ file, watch }: { readonly file: DiffFile; readonly watch: Watch }) {
  const middles = middlesOf(file.rows);
  const pairs = pairsOf(file.rows);
  return (
    <tbody>
      {pairs.map(({ left, right, across }, index) =>
        across === null ? (
          <tr key={index} {...watch(index, pairs.length)}>
            <Side row={left} side="left" middle={left === null ? undefined : middles.get(left)} />
            <Side row={right} side="right" middle={right === null ? undefined : middles.get(right)} />
          </tr>
        ) : (
          <tr key={index} class={across.kind} {...watch(index, pairs.length)}>
            <td class="n" />
            <td class="t" colSpan={6}>
              <SafeText text={across.text} />
            </td>
          </tr>
        ),
      )}
    </tbody>
  );
}

function FileDiff(props: {
  readonly file: DiffFile;
  readonly form: DiffForm;
  readonly watch: Seen['watch'];
}) {
  const { file, form } = props;
  const invisible = file.rows.reduce((sum, { text }) => sum + countUnseen(text), countUnseen(file.path));
  const watch = watchOf(props.watch, file.path);
  return (
    <section class={`diff ${form}`} aria-label={file.path}>
      <header>
        <code>
          <SafeText text={file.path} />
        </code>
        {invisible > 0 ? (
          <strong class="warning">{counted(invisible, 'character')} that cannot be seen</strong>
        ) : null}
        <span class="meta">
          {file.change === 'changed' ? '' : `${file.change} · `}
          <span class="plus">+{file.added}</span> <span class="minus">−{file.removed}</span>
        </span>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Diff of ${file.path}`}>
        <table>
          {form === 'split' ? (
            <colgroup>
              <col class="n" />
              <col class="s" />
              <col />
              <col class="n" />
              <col class="m" />
              <col class="s" />
              <col />
            </colgroup>
          ) : null}
          {form === 'split' ? <Split file={file} watch={watch} /> : <Unified file={file} watch={watch} />}
        </table>
      </div>
    </section>
  );
}

function Legend({ files }: { readonly files: readonly DiffFile[] }) {
  const used = new Set(files.flatMap(({ rows }) => rows.map(({ mark }) => mark)));
  const marks = Object.entries(markWords).filter(([mark]) => used.has(mark as CoverageMark));
  if (marks.length === 0) return null;
  return (
    <p class="meta legend">
      {marks.map(([mark, [shape, words]]) => (
        <span key={mark}>
          <span class={`m ${mark}`} aria-hidden="true">
            {shape}
          </span>{' '}
          {words}
        </span>
      ))}
    </p>
  );
}

/** All files of a patch. */
export function Diff(props: {
  readonly files: readonly DiffFile[];
  readonly form: DiffForm;
  readonly watch: Seen['watch'];
}) {
  const { files, form, watch } = props;
  // Drawn once: what was seen changes with every turn of the wheel, and thousands of rows do not.
  return useMemo(
    () => (
      <>
        {files.map((file) => (
          <FileDiff key={file.path} file={file} form={form} watch={watch} />
        ))}
        <Legend files={files} />
      </>
    ),
    [files, form, watch],
  );
}
