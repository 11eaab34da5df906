import type { Pence } from '../money.js';

const neighbours = ['IE', 'FR', 'NL'] as const;

const rates = { home: 395, near: 895, far: 1_695 } as const;

export type Zone = keyof typeof rates;

export function zoneOf(country: string): Zone {
  if (country === 'GB') return 'home';
  return neighbours.some((neighbour) => neighbour === country) ? 'near' : 'far';
}

export function shippingFor(country: string, weightGrams: number): Pence {
  const parcels = Math.max(1, Math.ceil(weightGrams / 20_000));
  return rates[zoneOf(country)] * parcels;
}

/** How many parcels go to the neighbours: they leave with the evening van. */
export function eveningVan(countries: readonly string[]): number {
  const van: readonly [string, string, string] = neighbours;
  let parcels = 0;
  for (const country of countries) {
    if (van.includes(country)) parcels += 1;
  }
  return parcels;
}
