import { isRefused, type Refused } from '../errors.ts';
import { isZero } from '../money/money.ts';
import type { Decision } from './change.ts';
import {
  answerOf,
  ended,
  findHold,
  type HoldAnswer,
  isRunOf,
  ownerOf,
  type Run,
} from './hold-words.ts';
import { type Effective, holdTxn, releaseLines } from './postings.ts';
import type { HoldRow } from './rows.ts';
import type { View } from './view.ts';

/** The key that charge, release and expire share: one hold ends once. */
export function endKey(token: string): string {
  return `end:${token}`;
}

export interface ReleaseHold {
  readonly token: string;
  /** Shown with the transaction: `recovery`, `cancelled`, … */
  readonly cause?: string | undefined;
  readonly effective?: Effective | undefined;
  /** Only while it is bound to this run: the job may have been requeued since the listing. */
  readonly onlyRun?: Run | undefined;
}

function giveBack(
  view: View,
  hold: HoldRow,
  kind: 'release' | 'expire',
  ask: Pick<ReleaseHold, 'cause' | 'effective'>,
): Decision<HoldAnswer> {
  const state = kind === 'release' ? 'released' : 'expired';
  const row: HoldRow = { ...hold, state, endedSeq: view.next.seq };
  const { cause, effective } = ask;
  const payer = isZero(hold.fa) ? undefined : ownerOf(view, hold.budgetId).budget;
  const lines = releaseLines(hold, payer);
  const key = endKey(hold.token);
  return {
    changes: [
      { change: 'putHold', row },
      { change: 'post', txn: holdTxn(view, hold, { kind, cause, key, lines, ...effective }) },
    ],
    answer: answerOf(row),
  };
}

/**
 * Gives the whole hold back: its job never cost anything. A hold that was given back already is
 * answered unchanged, and so is one that follows another run than `onlyRun` (state open).
 * NOT_FOUND; ALREADY_RECONCILED when it was charged.
 */
export function releaseHold(view: View, ask: ReleaseHold): Decision<HoldAnswer> | Refused {
  const hold = findHold(view, ask.token);
  if (isRefused(hold)) {
    return hold;
  }
  if (hold.state === 'charged') {
    return ended(hold);
  }
  const isKept = ask.onlyRun !== undefined && !isRunOf(hold, ask.onlyRun);
  return hold.state !== 'open' || isKept
    ? { changes: [], answer: answerOf(hold) }
    : giveBack(view, hold, 'release', ask);
}

/**
 * The short life of an unbound hold is over, and complete listings did not show its token
 * (burst.md 7.9). One that was bound or touched meanwhile is answered unchanged (state open).
 * NOT_FOUND; ALREADY_RECONCILED when it was charged.
 */
export function expireHold(
  view: View,
  ask: { readonly token: string },
): Decision<HoldAnswer> | Refused {
  const hold = findHold(view, ask.token);
  if (isRefused(hold)) {
    return hold;
  }
  if (hold.state === 'charged') {
    return ended(hold);
  }
  const isKept = hold.jobId !== undefined || hold.expiresS >= view.nowS;
  return hold.state !== 'open' || isKept
    ? { changes: [], answer: answerOf(hold) }
    : giveBack(view, hold, 'expire', {});
}
