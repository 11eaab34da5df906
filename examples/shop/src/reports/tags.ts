import type { Product } from '../catalogue/product.js';

/**
 * The number of products per tag. Tags are whatever the supplier wrote, also words that mean something to
 * JavaScript ("constructor", "__proto__"): each is an own key of the result.
 */
export function countTags(products: readonly Product[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const product of products) {
    for (const tag of product.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts].reduce<Record<string, number>>(
    (table, [tag, count]) => ({ ...table, [tag]: count }),
    {},
  );
}

/** Tags from the most to the least used, ties by name. */
export function rankTags(products: readonly Product[]): string[] {
  return Object.entries(countTags(products))
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([tag]) => tag);
}
