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

/** @param redact of a whole text; it must leave what stands before a secret as it is */
export function createHoldBack(redact: (text: string) => string): HoldBack {
  /** The present line (or block) as written, and how much of its redacted form was given out. */
  let raw = '';
  let given = '';
  const upTo = (end: number): string => {
    const clean = redact(raw.slice(0, end));
    // A rule that looks back further than a word may change what was given out already: that stays as it is.
    const more = clean.startsWith(given) ? clean.slice(given.length) : '';
    given += more;
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
          shown += finish(raw.length);
          break;
        }
        shown += finish(line >= 0 ? Math.min(stop, line + 1) : stop);
      }
      const word = raw.search(/\S+$/);
      const settled = word < 0 ? raw.length : word;
      return settled > 0 ? shown + upTo(settled) : shown;
    },
    end: () => finish(raw.length),
  };
}
