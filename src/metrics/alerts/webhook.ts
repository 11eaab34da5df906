/**
 * Tells a webhook of an alert. The address is looked up here and connected to as it was checked: never a private, local
 * or metadata one unless that is allowed; redirects are not followed; the body is signed; five seconds, one attempt.
 */
import { createHmac } from 'node:crypto';
import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { RatchetError } from '../../errors.js';

const timeoutMs = 5_000;
const answerBytesMaximum = 64 * 1024;

const inner = new BlockList();
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
  ] as const),
  ...([
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
  ] as const),
] as const)
  inner.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ...([
    ['::', 96],
    ['::1', 128],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['100::', 64],
    ['2001::', 23],
  ] as const),
  ...([
    ['2001:db8::', 32],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ] as const),
] as const)
  inner.addSubnet(net, bits, 'ipv6');

/** An address that only this machine or its network has; also in its IPv6 clothes. */
export function isInnerAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  // BlockList looks through ::ffff:a.b.c.d by itself.
  return inner.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function refusal(host: string): RatchetError {
  return new RatchetError('FORBIDDEN', `The webhook ${host} is on this machine or its own network.`, {
    where: 'RATCHET_WEBHOOK_URL',
    mend: 'Use a public address, or allow it: RATCHET_WEBHOOK_PRIVATE=allow.',
  });
}

/** What `net.connect` asks: the address that is checked is the one that is used. */
function checkedLookup(allowInner: boolean): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const addresses = (found ?? []) as readonly LookupAddress[];
      const bad = addresses.some(({ address }) => !allowInner && isInnerAddress(address));
      const fault = error ?? (bad || addresses.length === 0 ? refusal(host) : null);
      if (fault !== null) return done(fault, '', 4);
      const [first] = addresses;
      if (options.all === true) return done(null, [...addresses]);
      return done(null, first?.address ?? '', first?.family ?? 4);
    });
  };
}

export interface WebhookSettings {
  readonly url: string;
  /** Signs the body; null: not signed. */
  readonly secret: string | null;
  readonly allowInner: boolean;
  readonly timeoutMs?: number;
}

export interface Webhook {
  /** @throws RatchetError FORBIDDEN (address), TIMEOUT, INTERNAL when it was not taken */
  send(message: { readonly id: string; readonly event: string; readonly at: string }): Promise<void>;
  close(): Promise<void>;
}

/** `t=<seconds>,v1=<hex>` over `<seconds>.<body>`: a receiver refuses what is old or changed. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

/** Opens no connection before the first message. */
export function createWebhook({ url, secret, allowInner, ...bound }: WebhookSettings): Webhook {
  const limitMs = bound.timeoutMs ?? timeoutMs;
  const agent = new Agent({
    connect: { lookup: checkedLookup(allowInner), timeout: limitMs },
    ...{ headersTimeout: limitMs, bodyTimeout: limitMs, maxResponseSize: answerBytesMaximum },
  });
  const target = new URL(url);
  return {
    async send(message) {
      const host = target.hostname.replace(/^\[|\]$/g, '');
      if (!/^https?:$/.test(target.protocol)) throw refusal(target.protocol);
      // A literal address is never looked up.
      if (!allowInner && isIP(host) !== 0 && isInnerAddress(host)) throw refusal(host);
      const body = JSON.stringify(message);
      const seconds = Math.floor(Date.now() / 1_000);
      const answer = await request(target, {
        ...{ method: 'POST', dispatcher: agent, body, signal: AbortSignal.timeout(limitMs) },
        headers: {
          ...{
            'content-type': 'application/json',
            'user-agent': 'ratchet',
            'x-ratchet-event-id': message.id,
          },
          ...(secret === null ? {} : { 'x-ratchet-signature': signatureOf(secret, seconds, body) }),
        },
      });
      await answer.body.dump({ limit: answerBytesMaximum });
      if (answer.statusCode >= 200 && answer.statusCode < 300) return;
      // 3xx too: whoever redirects may lead anywhere.
      throw new RatchetError('INTERNAL', `The webhook answered ${answer.statusCode}.`, {
        where: target.host,
      });
    },
    close: () => agent.close(),
  };
}
