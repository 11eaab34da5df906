/** A place in the warehouse, such as "A-12". */
export type Slot = string;

/**
 * Gives each parcel the first free slot it asks for. A slot that was given away is taken for all parcels after it;
 * null where nothing is left.
 */
export function assignSlots(wishes: readonly (readonly Slot[])[], blocked: readonly Slot[]): (Slot | null)[] {
  const taken = [...blocked];
  const assigned: (Slot | null)[] = [];
  for (const wish of wishes) {
    const slot = wish.find((candidate) => !taken.includes(candidate)) ?? null;
    if (slot !== null) taken.push(slot);
    assigned.push(slot);
  }
  return assigned;
}
