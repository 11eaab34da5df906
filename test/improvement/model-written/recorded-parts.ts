/** What recorded answers are made of: the example's `assignSlots` as it is and as it should be. */
import type { AttemptEnd } from '../../../src/improvement/types.js';
import type { PlaceName } from './sources.js';

export interface Recorded {
  readonly name: string;
  readonly at: PlaceName;
  /** `gates`: nothing against it by shape, so the gates were asked. */
  readonly end: AttemptEnd | 'gates';
  /** The code of a structured answer … */
  readonly code?: string;
  /** … or all that the model said. */
  readonly raw?: string;
  /** Words of the outcome's sentence. */
  readonly says?: RegExp;
  /** Words of what was put right. */
  readonly mended?: RegExp;
  /** The new body in the file, where that is the point. */
  readonly writes?: string;
}

export const head =
  'export function assignSlots(wishes: readonly (readonly Slot[])[], blocked: readonly Slot[]): (Slot | null)[] {';
export const good = `  const taken = new Set(blocked);
  const assigned: (Slot | null)[] = [];
  for (const wish of wishes) {
    const slot = wish.find((candidate) => !taken.has(candidate)) ?? null;
    if (slot !== null) taken.add(slot);
    assigned.push(slot);
  }
  return assigned;
}`;
export const asIs = `  const taken = [...blocked];
  const assigned: (Slot | null)[] = [];
  for (const wish of wishes) {
    const slot = wish.find((candidate) => !taken.includes(candidate)) ?? null;
    if (slot !== null) taken.push(slot);
    assigned.push(slot);
  }
  return assigned;
}`;
export const slots = (body: string): string => `${head}\n${body}`;
/** The good one with a line more. */
export const before = (line: string): string =>
  slots(good.replace('  const assigned', () => `  ${line}\n  const assigned`));
export const fence = '```';

const evening = 'export function eveningVan(countries: readonly string[]): number {';
const prices =
  'export async function pricesOf(names: string[], ask: (name: string) => Promise<number>): Promise<number[]> {';
export { evening, prices };
