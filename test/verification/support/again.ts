/** A loaded machine and the gates that measure. */
import type { Verdict } from '../../../src/verification/types.js';

/**
 * Asks once more when the answer is "inconclusive". The gates' own limits of time and certainty end so where other
 * programs take the processor; that is their promise, and no wrong answer. A pass or a fail is never asked again.
 */
export async function settled(ask: () => Promise<Verdict>): Promise<Verdict> {
  const first = await ask();
  if (first.verdict !== 'inconclusive') return first;
  console.info(`asked again after: ${first.reason}`);
  return ask();
}
