import fc from 'fast-check';
import { applyEdits, findOverlap, invertEdits, overlaps } from '../../src/improvement/edits.js';

/** Texts with astral characters, CRLF and a byte order mark. */
const texts = fc
  .array(fc.constantFrom('a', 'bc', '\r\n', '\n', '😀', '\t', '\uFEFF', ';'), { minLength: 1, maxLength: 30 })
  .map((parts) => parts.join(''));

/** Edits that do not overlap, in random order. */
const cases = texts.chain((text) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(6), fc.constantFrom('', 'X', 'long 😀\r\n')), {
      maxLength: 6,
    })
    .map((raw) => {
      const edits: { file: string; start: number; end: number; oldText: string; newText: string }[] = [];
      let free = 0;
      for (const [at, length, newText] of raw.toSorted((left, right) => left[0] - right[0])) {
        const start = Math.max(at, free);
        const end = Math.min(start + length, text.length);
        if (start > text.length || (start === end && newText === '')) continue;
        edits.push({ file: 'a.ts', start, end, oldText: text.slice(start, end), newText });
        free = end + 1;
      }
      return { text, edits };
    }),
);

describe('edit engine', () => {
  it('undoes every change exactly, whatever the order of the edits', () => {
    fc.assert(
      fc.property(cases, ({ text, edits }) => {
        const after = applyEdits(text, edits);
        expect(applyEdits(text, edits.toReversed())).toBe(after);
        expect(applyEdits(after, invertEdits(edits))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same whether disjoint changes are applied together or one after the other', () => {
    fc.assert(
      fc.property(cases, ({ text, edits }) => {
        let step = text;
        for (const edit of edits.toReversed()) step = applyEdits(step, [edit]);
        expect(step).toBe(applyEdits(text, edits));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps every byte outside the edits', () => {
    fc.assert(
      fc.property(cases, ({ text, edits }) => {
        const after = applyEdits(text, edits);
        const inverse = invertEdits(edits);
        const outside = (whole: string, spans: readonly { start: number; end: number }[]): string => {
          let at = 0;
          let kept = '';
          for (const { start, end } of spans.toSorted((left, right) => left.start - right.start)) {
            kept += whole.slice(at, start);
            at = end;
          }
          return kept + whole.slice(at);
        };
        expect(outside(after, inverse)).toBe(outside(text, edits));
      }),
      { numRuns: 300 },
    );
  });

  it('finds an overlap exactly when two spans share text or insert at one place', () => {
    const span = fc.tuple(fc.nat(12), fc.nat(4)).map(([start, length]) => ({ start, end: start + length }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 7 }), (spans) => {
        const some = spans.some((one, index) => spans.slice(index + 1).some((other) => overlaps(one, other)));
        expect(findOverlap(spans) !== null).toBe(some);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a stale edit and an overlapping one', () => {
    const edit = { start: 0, end: 1, oldText: 'b', newText: 'c' };
    expect(() => applyEdits('a', [edit])).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    const twice = [
      { start: 1, end: 1, oldText: '', newText: 'x' },
      { start: 1, end: 1, oldText: '', newText: 'y' },
    ];
    expect(() => applyEdits('abc', twice)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });

  it('puts an insertion before a replacement that starts at the same place', () => {
    const edits = [
      { start: 1, end: 2, oldText: 'b', newText: 'B' },
      { start: 1, end: 1, oldText: '', newText: '-' },
    ];
    expect(applyEdits('abc', edits)).toBe('a-Bc');
  });
});
