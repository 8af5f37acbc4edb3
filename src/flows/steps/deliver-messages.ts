import {
  type Claimed,
  claimMessage,
  type Delivery,
  recordDelivery,
} from '../../core/alerts/deliver.ts';
import {
  mailText,
  slackDocument,
  subjectLine,
  type Told,
  webhookDocument,
} from '../../core/alerts/message.ts';
import type { Channel, MessageRow } from '../../core/alerts/rows.ts';
import type { Settings } from '../../core/config/settings.ts';
import { assert, isRefused } from '../../core/errors.ts';
import { canonical, type Json } from '../../core/json.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Notifier } from '../../ports/notify.ts';
import type { Clock, Log } from '../../ports/system.ts';

export interface DeliverPorts {
  readonly ledger: Ledger;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Settings;
}

export interface Delivered {
  readonly sent: number;
  /** Failed, to be tried again. */
  readonly waiting: number;
  readonly givenUp: number;
}

const MICROS = 1_000_000;
/** What one run may take: cron comes again in a minute. */
const RUN_MS = 45_000;
const MESSAGES_MAX = 1000;
const REQUEST = { scope: 'site', verb: 'deliver', args: {} } as const;

async function claim(
  without: readonly Channel[],
  { ledger, clock, settings }: DeliverPorts,
): Promise<MessageRow | undefined> {
  const timeoutMs = settings.notifications.timeout;
  const claimed = await ledger.decide<Claimed | null>(
    REQUEST,
    { alerts: { messagesDueUs: clock.nowUs() } },
    (view) => claimMessage(view, { timeoutMs, without }),
  );
  assert(!isRefused(claimed), 'nothing refuses a claim');
  if (claimed.answer === null) {
    return;
  }
  const { messageId } = claimed.answer;
  const { alerts } = await ledger.read({ alerts: { messageIds: [messageId] } });
  return alerts?.messages[0];
}

function documentOf(told: Told, { channel, messageKey }: MessageRow): Json {
  return channel === 'slack' ? slackDocument(told) : webhookDocument(told, messageKey);
}

async function send(row: MessageRow, { notifier, clock }: DeliverPorts): Promise<Delivery> {
  const told = JSON.parse(row.body) as Told; // written by core/alerts/message.ts
  return await notifier.send({
    key: row.messageKey,
    channel: row.channel,
    target: row.target,
    subject: subjectLine(told),
    text: mailText(told),
    document: canonical(documentOf(told, row)),
    atS: Math.floor(clock.nowUs() / MICROS),
  });
}

async function record(
  row: MessageRow,
  delivery: Delivery,
  { ledger, log, settings }: DeliverPorts,
): Promise<string> {
  const giveUpMs = settings.notifications.give_up_after;
  const { messageId, attempts: attempt, channel, alertId } = row;
  const recorded = await ledger.decide(REQUEST, { alerts: { messageIds: [messageId] } }, (view) =>
    recordDelivery(view, { messageId, attempt, delivery, giveUpMs }),
  );
  assert(!isRefused(recorded), 'nothing refuses a record');
  const fields = { message: messageId, alert: alertId, channel, attempt };
  if (delivery.kind === 'sent') {
    log.write('info', 'alert_sent', fields);
  } else {
    const level = recorded.answer === 'given up' ? 'error' : 'warn';
    log.write(level, 'alert_not_sent', { ...fields, msg: delivery.reason });
  }
  return recorded.answer;
}

/**
 * Sends what is due, oldest first, one at a time: claimed in the ledger before it goes, recorded
 * after. A channel that nobody answers on is left alone until the next run.
 */
export async function deliverMessages(ports: DeliverPorts): Promise<Delivered> {
  const begin = ports.clock.monotonicMs();
  const without: Channel[] = [];
  const counts = new Map<string, number>();
  for (let n = 0; n < MESSAGES_MAX; n += 1) {
    const isLate = ports.clock.monotonicMs() - begin > RUN_MS;
    const row = isLate ? undefined : await claim(without, ports);
    if (row === undefined) {
      break;
    }
    const delivery = await send(row, ports);
    const outcome = await record(row, delivery, ports);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (delivery.kind === 'failed' && delivery.isUnreachable) {
      without.push(row.channel);
    }
  }
  function count(outcome: string): number {
    return counts.get(outcome) ?? 0;
  }
  return { sent: count('sent'), waiting: count('waiting'), givenUp: count('given up') };
}
