/** Bytes and text without loss: UTF-8 with its byte order mark, or not text at all. Pure. */

/** Decodes UTF-8 keeping a BOM; undefined when the bytes are not UTF-8 or hold a NUL. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // not UTF-8: the caller says so
  }
}
