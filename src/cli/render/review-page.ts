/** Writes the review page of one trial to a file, or to standard output for `-`. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RatchetError } from '../../errors.js';
import type { ReviewSubject } from '../../verification/review/index.js';
import type { CliContext } from '../context.js';

/** @throws RatchetError USAGE when the file cannot be written. */
export async function writeReviewPage(
  subject: ReviewSubject,
  file: string,
  { terminal }: CliContext,
): Promise<void> {
  const { renderReview } = await import('../../verification/review/index.js');
  const page = renderReview(subject);
  if (file === '-') return terminal.out(page);
  try {
    await writeFile(file, page);
  } catch (error) {
    throw new RatchetError('USAGE', `The page cannot be written to ${file}.`, {
      where: file,
      mend: 'Give a path in a directory that exists.',
      cause: error,
    });
  }
  terminal.out(resolve(file));
}
