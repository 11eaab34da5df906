/** The result of one file as the cache holds it: bytes until somebody wants to read it. */
import type { FileResult } from '../analyse-file.js';

export class StoredResult {
  #bytes: Buffer | null;
  #value: FileResult | null;

  private constructor(bytes: Buffer | null, value: FileResult | null) {
    this.#bytes = bytes;
    this.#value = value;
  }

  static of(value: FileResult): StoredResult {
    return new StoredResult(null, value);
  }

  static read(bytes: Buffer): StoredResult {
    return new StoredResult(bytes, null);
  }

  get value(): FileResult {
    this.#value ??= JSON.parse(this.bytes.toString('utf8')) as FileResult;
    return this.#value;
  }

  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(JSON.stringify(this.#value));
    return this.#bytes;
  }
}
