import { assert, isRefused, type Refused, refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import {
  compare,
  exceeds,
  greatest,
  type Money,
  minus,
  sum,
  toDollars,
  toMicrosText,
  ZERO,
} from '../money/money.ts';
import { adjustPost } from './adjust.ts';
import { bookCost } from './book-cost.ts';
import type { Change, Decision } from './change.ts';
import { endKey } from './end-hold.ts';
import { findHold, ownerOf } from './hold-words.ts';
import { lateKeyOf, latePost } from './late.ts';
import { chargeLines, type Effective, holdTxn, overFor } from './postings.ts';
import type { HoldRow } from './rows.ts';
import { type Cost, costAmount, settled } from './settle.ts';
import type { View } from './view.ts';

export interface ChargeHold {
  readonly token: string;
  readonly cost: Cost;
  /** Job end, in seconds, and its day. */
  readonly effective: Effective;
  /** Where the cost arose; absent: the hold's partition. */
  readonly partition?: string | undefined;
  /** A second, different amount corrects the first (files, bills, `--amend`). */
  readonly amend?: boolean | undefined;
}

/** The figures of budget.md 4.3; money in micro-dollars as text. */
export interface ChargeAnswer extends JsonObject {
  readonly token: string;
  readonly state: string;
  readonly originalHold: string;
  /** Charge with its corrections. */
  readonly actualCharge: string;
  readonly refund: string;
  readonly additional: string;
  readonly alreadyReconciled: boolean;
  /** Of the transaction that says so: charge, late or adjust. */
  readonly seq: number;
}

interface Told {
  readonly cost: Money;
  readonly seq: number;
  readonly already: boolean;
}

function answerOf(hold: HoldRow, { cost, seq, already }: Told): ChargeAnswer {
  // Of a cancelled hold nothing is left that could be given back.
  const isCancelled = hold.state === 'released' || hold.state === 'expired';
  const covered = isCancelled ? ZERO : hold.amount;
  return {
    token: hold.token,
    state: hold.state,
    originalHold: toMicrosText(hold.amount),
    actualCharge: toMicrosText(cost),
    refund: toMicrosText(greatest(ZERO, minus(covered, cost))),
    additional: toMicrosText(greatest(ZERO, minus(cost, covered))),
    alreadyReconciled: already,
    seq,
  };
}

function charge(view: View, hold: HoldRow, ask: ChargeHold): Decision<ChargeAnswer> {
  const { seq } = view.next;
  const cost = costAmount(ask.cost);
  const { budget, payer } = ownerOf(view, hold.budgetId);
  const row: HoldRow = { ...hold, state: 'charged', endedSeq: seq };
  const booked = bookCost(
    view,
    { budget, account: payer.account.account },
    { direct: cost, day: ask.effective.day, txnSeq: seq },
  );
  const { fa, cause } = booked;
  const partition = ask.partition ?? hold.partition;
  const txn = holdTxn(view, hold, {
    kind: 'charge',
    cause,
    over: overFor(budget, { direct: minus(hold.amount, cost), fa: minus(hold.fa, fa) }),
    key: endKey(hold.token),
    lines: chargeLines(hold, budget, { direct: cost, fa, partition }),
    ...ask.effective,
  });
  return {
    changes: [
      { change: 'putHold', row },
      { change: 'post', txn },
      ...booked.rows,
      ...settled(ask.cost, seq),
    ],
    answer: answerOf(row, { cost, seq, already: false }),
  };
}

function chargedSoFar(view: View, hold: HoldRow): Money {
  return sum(
    view.charges.filter(({ holdId }) => holdId === hold.holdId).map(({ amount }) => amount),
  );
}

function cannotCharge(hold: HoldRow): Refused | undefined {
  // I5: an array's hold is never charged, its tasks' holds are.
  return hold.tasks === 1
    ? undefined
    : refused('VALIDATION_ERROR', `the hold txn_${hold.token} belongs to an array of jobs`, {
        advice: 'name one task, as in 123_4',
        fields: { token: hold.token, tasks: String(hold.tasks) },
      });
}

/** The hold ended without a charge, or was charged segments before: these are late. */
function chargeLate(view: View, hold: HoldRow, ask: ChargeHold): Decision<ChargeAnswer> {
  const { seq } = view.next;
  const changes: readonly Change[] = latePost(view, {
    budgetId: hold.budgetId,
    hold,
    cost: ask.cost,
    partition: ask.partition ?? hold.partition,
    effective: ask.effective,
    key: lateKeyOf(hold.token, ask.cost),
  });
  const cost = chargedSoFar(view, hold);
  const total = sum([cost, costAmount(ask.cost)]);
  return { changes, answer: answerOf(hold, { cost: total, seq, already: false }) };
}

/** Brings what was charged to `wanted` by one adjust of the newest charge. */
function correct(
  view: View,
  hold: HoldRow,
  ask: ChargeHold,
  difference: Money,
): Decision<ChargeAnswer> | Refused {
  const parent = view.charges.findLast(({ holdId }) => holdId === hold.holdId);
  assert(
    parent !== undefined,
    `hold ${hold.token} has no charge to correct: ask for holds.charges`,
  );
  const changes = adjustPost(view, {
    parent,
    clusterId: hold.clusterId,
    difference,
    cause: 'amend',
    cost: ask.cost,
  });
  if (isRefused(changes)) {
    return changes;
  }
  const cost = sum([chargedSoFar(view, hold), difference]);
  return { changes, answer: answerOf(hold, { cost, seq: view.next.seq, already: false }) };
}

function chargeAgain(view: View, hold: HoldRow, ask: ChargeHold): Decision<ChargeAnswer> | Refused {
  const earlier = view.charges.filter(({ holdId }) => holdId === hold.holdId);
  const last = earlier.at(-1);
  if (last === undefined) {
    return chargeLate(view, hold, ask);
  }
  const sofar = chargedSoFar(view, hold);
  const wanted = costAmount(ask.cost);
  if (ask.cost.kind === 'shares') {
    // Segments after segments are late; after an amount by file they take its place.
    return earlier.some(({ hasShares }) => hasShares)
      ? chargeLate(view, hold, ask)
      : correct(view, hold, ask, minus(wanted, sofar));
  }
  if (compare(wanted, sofar) === 0) {
    return {
      changes: [],
      answer: answerOf(hold, { cost: sofar, seq: last.seq, already: true }),
    };
  }
  return ask.amend === true
    ? correct(view, hold, ask, minus(wanted, sofar))
    : refused('ALREADY_RECONCILED', `the hold txn_${hold.token} was charged a different amount`, {
        advice: `Charged: ${toDollars(sofar)}, requested: ${toDollars(wanted)}; use --amend to correct it`,
        fields: {
          token: hold.token,
          charged: toMicrosText(sofar),
          requested: toMicrosText(wanted),
        },
      });
}

/**
 * Books what a run really cost, whatever that does to the budget: the money is gone (budget.md 4.3).
 * An open hold ends `charged`; one that was given back is charged late; one that was charged is
 * answered, corrected (`amend`, or segments in place of a file's amount) or charged late (further
 * segments). Query: holds by token with owners and charges. NOT_FOUND, VALIDATION_ERROR (an array's),
 * ALREADY_RECONCILED (another amount).
 */
export function chargeHold(view: View, ask: ChargeHold): Decision<ChargeAnswer> | Refused {
  const hold = findHold(view, ask.token);
  if (isRefused(hold)) {
    return hold;
  }
  assert(!exceeds(ZERO, costAmount(ask.cost)), 'a cost is never negative');
  const obstacle = cannotCharge(hold);
  if (obstacle !== undefined) {
    return obstacle;
  }
  return hold.state === 'open' ? charge(view, hold, ask) : chargeAgain(view, hold, ask);
}
