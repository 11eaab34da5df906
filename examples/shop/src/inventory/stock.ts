import type { Sku } from '../catalogue/product.js';
import { ShopError } from '../errors.js';

/** What is on the shelves. */
export class Stock {
  readonly #levels = new Map<Sku, number>();

  receive(sku: Sku, quantity: number): void {
    this.#levels.set(sku, this.level(sku) + quantity);
  }

  level(sku: Sku): number {
    return this.#levels.get(sku) ?? 0;
  }

  /**
   * Takes all lines or none.
   * @throws ShopError OUT_OF_STOCK naming every short product.
   */
  take(lines: readonly { readonly sku: Sku; readonly quantity: number }[]): void {
    const wanted = new Map<Sku, number>();
    for (const line of lines) wanted.set(line.sku, (wanted.get(line.sku) ?? 0) + line.quantity);
    const short = [...wanted].filter(([sku, quantity]) => this.level(sku) < quantity).map(([sku]) => sku);
    if (short.length > 0) throw new ShopError('OUT_OF_STOCK', `Too few of ${short.join(', ')}.`, short);
    for (const [sku, quantity] of wanted) this.#levels.set(sku, this.level(sku) - quantity);
  }
}
