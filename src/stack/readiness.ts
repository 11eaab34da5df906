/** Asks a server whether it is ready to serve. Each probe is bounded by its own time limit. */
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** True when something accepts a connection there. */
export function accepts(host: string, port: number, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: timeoutMs });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/** True when a Redis answers PING there (with TLS or a socket path only its port is tried). */
export function redisAnswers(url: string, timeoutMs = 1_000): Promise<boolean> {
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'redis:') return accepts(hostname, Number(port || 6379), timeoutMs);
  const word = decodeURIComponent;
  const login =
    password === '' ? '' : bulk('AUTH', ...(username === '' ? [] : [word(username)]), word(password));
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port: Number(port || 6379), timeout: timeoutMs });
    let answer = '';
    const end = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(`${login}${bulk('PING')}`));
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.includes('+PONG')) end(true);
      else if (answer.includes('-') || answer.length > 1_000) end(false); // -LOADING, -NOAUTH, something else
    });
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

const bulk = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** Repeats a probe until it says yes; false when aborted or out of time. */
export async function waitUntil(
  probe: () => Promise<boolean>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly everyMs?: number },
): Promise<boolean> {
  const deadline = Date.now() + options.timeoutMs;
  while (options.signal?.aborted !== true) {
    if (await probe()) return true;
    if (Date.now() > deadline) return false;
    await delay(options.everyMs ?? 100);
  }
  return false;
}
