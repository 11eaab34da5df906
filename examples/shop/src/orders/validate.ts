import type { Product, Sku } from '../catalogue/product.js';
import type { OrderLine } from './order.js';

export interface Problem {
  readonly line: number;
  readonly message: string;
}

/** The SKUs of an order that are not on sale, in the order of the lines, repeats included. */
export function unknownSkus(lines: readonly OrderLine[], products: readonly Product[]): Sku[] {
  const onSale = products.map((product) => product.sku);
  const unknown: Sku[] = [];
  for (const line of lines) {
    if (!onSale.includes(line.sku)) unknown.push(line.sku);
  }
  return unknown;
}

function problemOf(line: OrderLine): string | null {
  if (!Number.isInteger(line.quantity)) return 'the quantity is not a whole number';
  if (line.quantity < 1) return 'the quantity is below 1';
  if (line.quantity > 999) return 'the quantity is above 999';
  if (line.unitPrice < 0) return 'the price is negative';
  return null;
}

/** Everything that is wrong with the lines; lines are counted from 1. */
export function validateLines(lines: readonly OrderLine[], products: readonly Product[]): Problem[] {
  const unknown = new Set(unknownSkus(lines, products));
  return lines.flatMap((line, index) => {
    const message = unknown.has(line.sku) ? `${line.sku} is not on sale` : problemOf(line);
    return message === null ? [] : [{ line: index + 1, message }];
  });
}
