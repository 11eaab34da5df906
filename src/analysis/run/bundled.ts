/** Where the build keeps the analysis child: few files that load fast, beside the files one by one. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The bundled form of a module of src/ or dist/; null when the build made none. */
export function bundled(url: string): string | null {
  const path = fileURLToPath(url).replace(
    /[\\/](?:src|dist)([\\/](?!.*[\\/](?:src|dist)[\\/]).*)\.[jt]s$/,
    '/dist/bundle$1.js',
  );
  return existsSync(path) ? path : null;
}
