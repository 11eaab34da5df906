/** Redaction of a text that is still being written: what may yet become a secret is held back until it is known. */

export interface HoldBack {
  /** Takes the next piece and answers what may be shown now. */
  push(piece: string): string;
  /** What is left at the end. */
  end(): string;
}

/** Beyond this a line is cut for looking at, so that an endless one costs no quadratic time. */
const lineMaximum = 4_000;
const blockMaximum = 16_000;
const blockBegin = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY/;
const blockEnd = /-----END [A-Z ]{0,40}PRIVATE KEY-----/;

/** How much at the end of a line may yet become part of a secret; without other knowledge, its last word. */
export type Unsettled = (line: string) => number;

function lastWord(line: string): number {
  let at = line.length;
  while (at > 0 && (line[at - 1] ?? ' ').trim() !== '') at -= 1;
  return line.length - at;
}

/** What both texts begin with. */
function sameLength(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return at;
}

/** @param redact of a whole text; it must leave what stands before a secret as it is */
export function createHoldBack(redact: (text: string) => string, unsettled: Unsettled = lastWord): HoldBack {
  /** The present line (or block) as written, and how much of its redacted form was given out. */
  let raw = '';
  let given = '';
  const upTo = (end: number): string => {
    const clean = redact(raw.slice(0, end));
    // A rule that looks back further than what was held may change what was given out: that stays as it is.
    const more = clean.slice(sameLength(clean, given));
    given = clean;
    return more;
  };
  const finish = (end: number): string => {
    const more = upTo(end);
    raw = raw.slice(end);
    given = '';
    return more;
  };
  return {
    push(piece) {
      raw += piece;
      let shown = '';
      for (;;) {
        const block = blockBegin.exec(raw);
        if (block !== null && block.index === 0 && raw.length < blockMaximum) {
          const end = blockEnd.exec(raw);
          if (end === null) return shown;
          shown += finish(end.index + end[0].length);
          continue;
        }
        const line = raw.indexOf('\n');
        const stop = block !== null && block.index > 0 ? block.index : line + 1;
        if (stop <= 0 && raw.length < lineMaximum) break;
        if (stop <= 0 && raw.length >= lineMaximum) {
          // Between two words, unless it is one that has no end.
          shown += finish(raw.length - lastWord(raw) || raw.length);
          break;
        }
        shown += finish(line >= 0 ? Math.min(stop, line + 1) : stop);
      }
      const settled = raw.length - unsettled(raw);
      return settled > 0 ? shown + upTo(settled) : shown;
    },
    end: () => finish(raw.length),
  };
}
