import { momentText } from '../grant/calendar.ts';
import type { Json } from '../json.ts';
import { canonical } from '../json.ts';
import type { Owner } from './facts.ts';
import { gravity } from './grade.ts';
import type { AlertEvent, AlertRow, Channel, MessageRow, Severity } from './rows.ts';

/** Who is told, and of what: from `notifications` of the configuration. */
export interface Receiver {
  readonly channel: Channel;
  /** Of smtp one address, so that a refused one does not repeat the mail to the others. */
  readonly target: string;
  /** Nothing milder is told. */
  readonly least: Severity;
  /** Also when an alert is over. */
  readonly isToldOfEnd: boolean;
}

/** What a message tells: the alert as it was when the message was written. */
export interface Told {
  readonly event: AlertEvent;
  readonly alert_id: number;
  readonly cluster: string;
  readonly account: string;
  readonly grant: string;
  readonly alert_type: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly threshold_value: string;
  readonly actual_value: string;
  readonly triggered_at: string;
  readonly at: string;
}

interface Occasion {
  readonly event: AlertEvent;
  readonly row: AlertRow;
  readonly owner: Owner;
  readonly nowUs: number;
  readonly cluster: string;
}

function toldOf({ event, row, owner, nowUs, cluster }: Occasion): Json {
  const told: Told = {
    event,
    alert_id: row.alertId,
    cluster,
    account: owner.kind === 'account' ? owner.name : '',
    grant: owner.kind === 'grant' ? owner.name : '',
    alert_type: row.type,
    rule: row.rule,
    severity: row.severity,
    message: row.message,
    threshold_value: row.threshold,
    actual_value: row.actual,
    triggered_at: momentText(row.triggeredUs),
    at: momentText(nowUs),
  };
  return { ...told };
}

function isTold({ event, row }: Occasion, receiver: Receiver): boolean {
  const isEnd = event === 'resolved';
  return gravity(row.severity) >= gravity(receiver.least) && (!isEnd || receiver.isToldOfEnd);
}

/** One message a receiver. `seed`: random, so that a key is never used by another ledger. */
export function messagesOf(
  occasion: Occasion,
  receivers: readonly Receiver[],
  { messageId, seed }: { readonly messageId: number; readonly seed: string },
): readonly MessageRow[] {
  const body = canonical(toldOf(occasion));
  return receivers
    .filter((receiver) => isTold(occasion, receiver))
    .map(({ channel, target }, at) => ({
      messageId: messageId + at,
      alertId: occasion.row.alertId,
      messageKey: `${seed}.${messageId + at}`,
      channel,
      target,
      event: occasion.event,
      body,
      state: 'waiting',
      attempts: 0,
      createdUs: occasion.nowUs,
      nextUs: occasion.nowUs,
      error: '',
    }));
}

const CONTROLS = /\p{Cc}+/gu;
const EVENTS: Readonly<Record<AlertEvent, string>> = {
  triggered: '',
  escalated: 'now ',
  reminder: 'still ',
  resolved: 'over: ',
};
const SUBJECT_LENGTH = 200;

/** One line for a header or a chat: no control characters, whatever names were put into it. */
export function subjectLine(told: Told): string {
  const text = `[asbb ${told.cluster}] ${EVENTS[told.event]}${told.severity}: ${told.message}`;
  return text.toWellFormed().replaceAll(CONTROLS, ' ').slice(0, SUBJECT_LENGTH);
}

/** The mail's text. */
export function mailText(told: Told): string {
  const lines = [
    told.message,
    '',
    `Severity:  ${told.severity}`,
    `Type:      ${told.alert_type} (${told.rule})`,
    ...(told.account === '' ? [] : [`Account:   ${told.account}`]),
    ...(told.grant === '' ? [] : [`Grant:     ${told.grant}`]),
    `Value:     ${told.actual_value} (limit ${told.threshold_value})`,
    `Since:     ${told.triggered_at}`,
    `Cluster:   ${told.cluster}`,
    '',
    `asbb alerts acknowledge ${told.alert_id} --user NAME    stops reminders`,
    `asbb alerts dismiss ${told.alert_id}                    until it has been over once`,
    `asbb alerts snooze ${told.alert_id} --for 7d            reminds you later`,
  ];
  return `${lines.join('\n').toWellFormed()}\n`;
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const MARKUP = /[&<>]/gu;

/** Slack's `text`: `&`, `<` and `>` are its only markup that can name people or links. */
export function slackDocument(told: Told): Json {
  const line = subjectLine(told).replaceAll(MARKUP, (sign) => ESCAPED[sign] ?? sign);
  return { text: line };
}

/** Body of the generic webhook: the fields of Told, and the key as `id`. */
export function webhookDocument(told: Told, key: string): Json {
  return { ...told, id: key };
}

/** What a receiver signs and checks: `<timestamp>.<body>` (commands/alerts/README.md). */
export function signedText(timestampS: number, body: string): string {
  return `${timestampS}.${body}`;
}
