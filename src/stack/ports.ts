/** Free ports on loopback. */
import { createServer } from 'node:net';
import { RatchetError } from '../errors.js';

/** True when nobody listens on that port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then((got) => got !== null);
}

/**
 * The preferred port when it is free, else one that the system gives; `taken` are ports promised to others.
 * @throws RatchetError PORT_TAKEN when the system has none to give.
 */
export async function choosePort(preferred: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  if (preferred !== 0 && !taken.has(preferred) && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const port = await listenOnce(0);
    if (port !== null && !taken.has(port)) return port;
  }
  throw new RatchetError('PORT_TAKEN', 'No free port was found on 127.0.0.1.', {
    where: '127.0.0.1',
    mend: 'End some programs that listen on loopback and repeat.',
  });
}

function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const got = address !== null && typeof address === 'object' ? address.port : null;
      server.close(() => resolve(got));
    });
  });
}
