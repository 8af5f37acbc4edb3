import { assert } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import type { Channel, MessageRow } from './rows.ts';

// A message is claimed, sent, recorded: three steps, so that a crash between any two loses nothing. One
// that was sent and not recorded is sent again when its claim is over, under the same key, by which the
// receiver knows that it has it.

const MICROS = 1_000_000;
const MINUTE_US = 60 * MICROS;
const HOUR_US = 60 * MINUTE_US;
/** Beyond the time that one delivery may take. */
const LEASE_SPARE_US = 30 * MICROS;
const DOUBLINGS_MAX = 10;
const ERROR_LENGTH = 300;
const CONTROLS = /\p{Cc}+/gu;

export interface Claim {
  /** Milliseconds that one delivery may take. */
  readonly timeoutMs: number;
  /** Channels that failed in this run: their messages wait for the next. */
  readonly without: readonly Channel[];
}

/** The message that is ours now; none: nothing is due. */
export interface Claimed {
  readonly [name: string]: Json;
  readonly messageId: number;
}

/** Takes the oldest due message. Query: `alerts: {messagesDueUs: now}`. */
export function claimMessage(view: View, { timeoutMs, without }: Claim): Decision<Claimed | null> {
  const row = view.alerts?.messages.find(({ channel }) => !without.includes(channel));
  if (row === undefined) {
    return { changes: [], answer: null };
  }
  const claimed: MessageRow = {
    ...row,
    state: 'sending',
    attempts: row.attempts + 1,
    leaseUs: view.nowUs + timeoutMs * 1000 + LEASE_SPARE_US,
  };
  return {
    changes: [{ change: 'putMessage', row: claimed }],
    answer: { messageId: row.messageId },
  };
}

export type Delivery =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'failed';
      /** Another attempt cannot do better. */
      readonly isFinal: boolean;
      /** Nobody answered: no other message of the channel need be tried now. */
      readonly isUnreachable: boolean;
      /** What the receiver asked for. */
      readonly retryAfterS?: number | undefined;
      /** For people; never a secret. */
      readonly reason: string;
    };

export interface Recording {
  readonly messageId: number;
  /** Of the claim: a later one has taken the message over. */
  readonly attempt: number;
  readonly delivery: Delivery;
  /** Milliseconds after which a message is given up. */
  readonly giveUpMs: number;
}

/** 1, 2, 4 … minutes, at most an hour; or what the receiver asked for, at most an hour. */
function pauseUs(attempts: number, retryAfterS: number | undefined): number {
  const own = MINUTE_US * 2 ** Math.min(attempts - 1, DOUBLINGS_MAX);
  return Math.min(HOUR_US, Math.max(own, (retryAfterS ?? 0) * MICROS));
}

/** What became of a message: sent, waiting for its next attempt, or given up. Query: alerts.messageIds. */
export function recordDelivery(view: View, recording: Recording): Decision<string> {
  const { messageId, attempt, delivery, giveUpMs } = recording;
  const row = view.alerts?.messages.find((each) => each.messageId === messageId);
  assert(row !== undefined, `message ${messageId} is gone`);
  if (row.state !== 'sending' || row.attempts !== attempt) {
    return { changes: [], answer: 'taken over' };
  }
  const done = { ...row, leaseUs: undefined };
  const { nowUs } = view;
  if (delivery.kind === 'sent') {
    const sent: MessageRow = { ...done, state: 'sent', doneUs: nowUs, error: '' };
    return { changes: [{ change: 'putMessage', row: sent }], answer: 'sent' };
  }
  const error = delivery.reason.toWellFormed().replaceAll(CONTROLS, ' ').slice(0, ERROR_LENGTH);
  const nextUs = nowUs + pauseUs(row.attempts, delivery.retryAfterS);
  const isOver = delivery.isFinal || nextUs - row.createdUs > giveUpMs * 1000;
  const after: MessageRow = isOver
    ? { ...done, state: 'failed', doneUs: nowUs, error }
    : { ...done, state: 'waiting', nextUs, error };
  return {
    changes: [{ change: 'putMessage', row: after }],
    answer: isOver ? 'given up' : 'waiting',
  };
}
