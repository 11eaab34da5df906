/** Amounts of money are whole pence, so that sums are exact. */
export type Pence = number;

/** Rounds half up, also for refunds: -0.5 becomes -1. */
export function roundPence(amount: number): Pence {
  return amount < 0 ? -Math.round(-amount) : Math.round(amount);
}

/** Multiplies by a percentage such as 20 (for 20 %). */
export function percentOf(amount: Pence, percent: number): Pence {
  return roundPence((amount * percent) / 100);
}

/** Sums without a loop at each caller. */
export function sum(amounts: readonly Pence[]): Pence {
  let total = 0;
  for (const amount of amounts) total += amount;
  return total;
}

/**
 * Splits an amount over weights so that the parts add up to the whole; the odd pence go to the largest remainders,
 * and among equal remainders to the first.
 */
export function allocate(amount: Pence, weights: readonly number[]): Pence[] {
  const whole = weights.reduce((total, weight) => total + weight, 0);
  if (whole <= 0) return weights.map(() => 0);
  const shares = weights.map((weight, index) => {
    const exact = (amount * weight) / whole;
    return { index, floor: Math.floor(exact), rest: exact - Math.floor(exact) };
  });
  let left = amount - sum(shares.map((share) => share.floor));
  const parts = shares.map((share) => share.floor);
  for (const share of [...shares].sort((a, b) => b.rest - a.rest || a.index - b.index)) {
    if (left <= 0) break;
    parts[share.index] = share.floor + 1;
    left -= 1;
  }
  return parts;
}
