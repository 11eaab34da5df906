/** Sends what alerts have in their outboxes: at least once, later again when it was not taken, until it is given up. */
import type { AlertBook } from './evaluate.js';
import type { Alert, AlertNotice } from './types.js';
import type { Webhook } from './webhook.js';

const attemptsMaximum = 8;
const backoffMs = 60_000;
const sentAtOnce = 10;

interface Delivered {
  readonly sent: number;
  readonly failed: readonly string[];
}

const message = (alert: Alert, { id, event, at }: AlertNotice) => ({
  ...{ schemaVersion: 1, id, event, at, alert: alert.id, title: alert.title, severity: alert.severity },
  ...{ metric: alert.metric, labels: alert.labels, value: alert.value, usual: alert.usual },
  ...{ since: alert.since, next: alert.next },
});

/** One attempt each for what is due; without a webhook the log and the dashboard are told alone. */
export async function deliverNotices(
  book: AlertBook,
  webhook: Pick<Webhook, 'send'> | null,
  log: (line: Readonly<Record<string, unknown>>) => void,
  now: number,
): Promise<Delivered> {
  const failed: string[] = [];
  let sent = 0;
  for (const alert of await book.list()) {
    for (const notice of alert.outbox) {
      if (Date.parse(notice.notBefore) > now || sent + failed.length >= sentAtOnce) continue;
      const said = { alert: alert.id, title: alert.title, severity: alert.severity };
      if (notice.attempts === 0) log({ level: 'warn', message: `alert ${notice.event}`, ...said });
      const fault =
        webhook === null ? null : await webhook.send(message(alert, notice)).then(() => null, String);
      if (fault === null) sent += 1;
      else failed.push(fault);
      const isOver = fault === null || notice.attempts + 1 >= attemptsMaximum;
      if (fault !== null && isOver)
        log({ level: 'error', message: `alert not delivered: ${fault}`, ...said });
      await book.update(alert.id, (current) =>
        current === null ? null : after(current, notice, isOver, now),
      );
    }
  }
  return { sent, failed };
}

function after(alert: Alert, { id, attempts }: AlertNotice, isOver: boolean, now: number): Alert {
  const later = new Date(now + backoffMs * 2 ** attempts).toISOString();
  const outbox = alert.outbox.flatMap((one) => {
    if (one.id !== id) return [one];
    return isOver ? [] : [{ ...one, attempts: attempts + 1, notBefore: later }];
  });
  return { ...alert, outbox };
}
