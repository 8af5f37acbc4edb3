import { assert, isRefused, type Refused, refused } from '../errors.ts';
import { heldIndirect } from '../grant/indirect.ts';
import { dividedExactly, isNegative, type Money } from '../money/money.ts';
import type { Decision } from './change.ts';
import { type Room, roomFor } from './fit.ts';
import { answerOf, type HoldAnswer, otherHoldOf, type Run, runTakenBy } from './hold-words.ts';
import { holdLines, holdTxn, payerIn } from './postings.ts';
import type { HoldRow } from './rows.ts';
import { payerOf } from './usable.ts';
import type { PayerView, View } from './view.ts';

export interface PlaceHold {
  /** 26 characters [0-9a-z]; of a further run `<token>.r<restart>`. */
  readonly token: string;
  /** The SLURM account of the query's payer: the refusal names it when there is none. */
  readonly slurmAccount: string;
  /** The first one is booked, each one with a limit must have room. May be empty (by hand). */
  readonly partitions: readonly string[];
  readonly userName: string;
  /** All tasks together. */
  readonly amount: Money;
  readonly tasks: number;
  readonly expiresS: number;
  /** JSON text of what it was priced on, '' when by hand. */
  readonly pricing: string;
  /** Bound at once: a further run, a job that came in past the hook. Query its job id too (I15). */
  readonly run?: Run | undefined;
  /** `budget.allow_negative_balance`, or the job had been admitted under `fail: open`. */
  readonly allowNegative?: boolean | undefined;
  /** `budget.user_open_holds_max`; absent: no limit (by hand, further runs). */
  readonly userOpenHoldsMax?: number | undefined;
}

function tooMany(payer: PayerView, ask: PlaceHold): Refused | undefined {
  const max = ask.userOpenHoldsMax;
  return max === undefined || payer.userOpenHoldCount < max
    ? undefined
    : refused(
        'FORBIDDEN',
        `you have ${payer.userOpenHoldCount} jobs with a budget hold, the limit is ${max}`,
        {
          advice: 'wait until some of them have ended',
          fields: { user: ask.userName, open_holds: String(payer.userOpenHoldCount) },
        },
      );
}

function rowOf(view: View, ask: PlaceHold, { budgetId, fa }: Room): HoldRow {
  return {
    holdId: view.next.holdId,
    clusterId: view.clusterId,
    budgetId,
    token: ask.token,
    tasks: ask.tasks,
    jobId: ask.run?.jobId,
    arrayTask: ask.run?.arrayTask ?? -1,
    submitS: ask.run?.submitS,
    restart: ask.run?.restart ?? 0,
    partition: ask.partitions[0] ?? '',
    userName: ask.userName,
    amount: ask.amount,
    fa,
    state: 'open',
    openedSeq: view.next.seq,
    expiresS: ask.expiresS,
    pricing: ask.pricing,
    moves: 0,
    createdUs: view.nowUs,
  };
}

/**
 * Sets money aside for a job (reliability.md 1.1, budget.md 4.2). Query: payer, and holds.jobIds with a
 * run. NOT_FOUND, FORBIDDEN, IN_USE, ACCOUNT_INACTIVE, ACCOUNT_EXPIRED, INSUFFICIENT_BUDGET,
 * PARTITION_LIMIT_EXCEEDED. Of equal codes the account comes first, then its ancestors upwards.
 */
export function placeHold(view: View, ask: PlaceHold): Decision<HoldAnswer> | Refused {
  assert(ask.tasks >= 1 && !isNegative(ask.amount), 'a hold has tasks and no negative amount');
  // Throws when the tasks would not get equal parts.
  const taskAmount = dividedExactly(ask.amount, ask.tasks);
  const payer = payerOf(view, ask.slurmAccount);
  if (isRefused(payer)) {
    return payer;
  }
  const taken = ask.run && otherHoldOf(view, ask.run, ask.token);
  const forbidden = tooMany(payer, ask);
  if (forbidden !== undefined) {
    return forbidden;
  }
  if (ask.run !== undefined && taken !== undefined) {
    return runTakenBy(taken, ask.run);
  }
  const { amount, tasks, partitions, allowNegative } = ask;
  const room = roomFor(payer, {
    amount,
    partitions,
    allowNegative,
    nowS: view.nowS,
    today: view.today,
    faOf: (figures) => heldIndirect(figures, { taskAmount, tasks }, view.today),
  });
  if (isRefused(room)) {
    return room;
  }
  const row = rowOf(view, ask, room);
  const lines = holdLines(row, payerIn(payer, room.budgetId), { direct: row.amount, fa: row.fa });
  const txn = holdTxn(view, row, { kind: 'hold', over: room.over, lines });
  return {
    changes: [
      { change: 'putHold', row },
      { change: 'post', txn },
    ],
    answer: answerOf(row),
  };
}
