export type ShopErrorCode =
  'UNKNOWN_PRODUCT' | 'UNKNOWN_CUSTOMER' | 'INVALID_ORDER' | 'OUT_OF_STOCK' | 'BAD_IMPORT';

/** The only error that the shop throws on purpose. */
export class ShopError extends Error {
  readonly code: ShopErrorCode;
  readonly details: readonly string[];

  constructor(code: ShopErrorCode, message: string, details: readonly string[] = []) {
    super(message);
    this.name = 'ShopError';
    this.code = code;
    this.details = details;
  }
}
