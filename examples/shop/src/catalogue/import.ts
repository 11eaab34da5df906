import { ShopError } from '../errors.js';
import type { Product } from './product.js';

export interface ImportResult {
  readonly products: Product[];
  readonly rejected: string[];
}

function taxRateOf(text: string): Product['taxRate'] {
  if (text === '0') return 0;
  if (text === '5') return 5;
  return 20;
}

function parsePrice(text: string): number {
  const [pounds = '0', pence = ''] = text.split('.');
  return Number(pounds) * 100 + Number(pence.padEnd(2, '0').slice(0, 2));
}

/** Keeps the rows of a supplier's file that have a well-formed SKU and a price; the others are reported. */
export function selectRows(rows: readonly string[]): { accepted: string[][]; rejected: string[] } {
  const accepted: string[][] = [];
  const rejected: string[] = [];
  for (const row of rows) {
    const cells = row.split(';');
    const wellFormed = new RegExp('^[A-Z]{2,5}-[0-9]{4}$').test(cells[0] ?? '');
    const priced = new RegExp('^[0-9]+([.][0-9]{1,2})?$').test(cells[2] ?? '');
    if (wellFormed && priced) accepted.push(cells);
    else rejected.push(row);
  }
  return { accepted, rejected };
}

/**
 * Reads a supplier's list: one product a line, `sku;name;price;tax;grams;tag,tag`, with a header.
 * @throws ShopError BAD_IMPORT when there is no header.
 */
export function importProducts(text: string): ImportResult {
  const [header, ...rows] = text.split('\n').filter((line) => line.trim() !== '');
  if (header === undefined || !header.startsWith('sku;')) {
    throw new ShopError('BAD_IMPORT', 'The list has no header line that starts with "sku;".');
  }
  const { accepted, rejected } = selectRows(rows);
  const products = accepted.map(([sku = '', name = '', price = '', tax = '', grams = '', tags = '']) => ({
    sku,
    name: name.trim(),
    price: parsePrice(price),
    taxRate: taxRateOf(tax),
    weightGrams: Number(grams) || 0,
    tags: tags.split(',').filter((tag) => tag !== ''),
  }));
  return { products, rejected };
}
