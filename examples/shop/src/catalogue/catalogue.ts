import { ShopError } from '../errors.js';
import { familyOf, type Product, type Sku } from './product.js';

/** The products on sale, looked up by SKU. */
export class Catalogue {
  readonly #products = new Map<Sku, Product>();

  constructor(products: Iterable<Product> = []) {
    for (const product of products) this.#products.set(product.sku, product);
  }

  get size(): number {
    return this.#products.size;
  }

  has(sku: Sku): boolean {
    return this.#products.has(sku);
  }

  /** @throws ShopError UNKNOWN_PRODUCT */
  get(sku: Sku): Product {
    const product = this.#products.get(sku);
    if (product === undefined) throw new ShopError('UNKNOWN_PRODUCT', `There is no product ${sku}.`, [sku]);
    return product;
  }

  all(): Product[] {
    return [...this.#products.values()];
  }

  family(name: string): Product[] {
    return this.all().filter((product) => familyOf(product.sku) === name);
  }

  /** Products whose name holds every word of the query, cheapest first. */
  search(query: string): Product[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return this.all()
      .filter((product) => words.every((word) => product.name.toLowerCase().includes(word)))
      .sort((a, b) => a.price - b.price);
  }
}
