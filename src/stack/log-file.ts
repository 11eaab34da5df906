/** A log file with a bound: when it is full it becomes `<name>.log.1`, and the one before that is dropped. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes of one log file; two are kept per process. */
const maxLogBytes = 5_000_000;

/** Returns a writer. Writes are synchronous: the last words of a dying process are the ones that matter. */
export function createLog(path: string, maxBytes: number = maxLogBytes): (text: string | Uint8Array) => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return (text) => {
    try {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      if (size > 0 && size + bytes.length > maxBytes) {
        renameSync(path, `${path}.1`);
        size = 0;
      }
      appendFileSync(path, bytes, { mode: 0o600 });
      size += bytes.length;
    } catch {
      // A full or vanished disk must not take the supervisor down: the servers keep running, only their log is lost.
    }
  };
}
