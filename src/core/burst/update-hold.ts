import { isRefused, type Refused, refused } from '../errors.ts';
import type { Decision } from '../ledger/change.ts';
import { resize, taskAmountOf } from '../ledger/extend-hold.ts';
import { answerOf, type HoldAnswer, type Run } from '../ledger/hold-words.ts';
import { moveHold } from '../ledger/move-hold.ts';
import { placeHold } from '../ledger/place-hold.ts';
import type { HoldRow } from '../ledger/rows.ts';
import { splitHold, taskToken } from '../ledger/split-hold.ts';
import type { View } from '../ledger/view.ts';
import { greatest } from '../money/money.ts';
import type { PricedJob } from './price-job.ts';
import { lookUp } from './runs/look-up.ts';

/** A job whose size, limit, partition or account is about to change. */
export interface UpdateHold {
  readonly run: Run;
  /** True: one call for all tasks of an array. */
  readonly isWholeArray: boolean;
  /** Of the job's admin_comment. */
  readonly token: string | undefined;
  /** The account that the job will have. */
  readonly slurmAccount: string;
  readonly userName: string;
  readonly priced: PricedJob;
  /** For a hold that is placed now. */
  readonly newToken: string;
  readonly expiresS: number;
  readonly allowNegative: boolean;
  readonly userOpenHoldsMax: number;
}

export interface UpdateAnswer extends HoldAnswer {
  /** nothing, kept, extended, moved, placed. */
  readonly did: string;
}

const NOTHING: Decision<UpdateAnswer> = {
  changes: [],
  answer: { token: '', holdId: 0, amount: '0', state: '', did: 'nothing' },
};

/** What the job's hold was priced on, to price the change on top of it. */
export function pricingOf(holds: readonly HoldRow[], run: Run, token: string | undefined): string {
  const look = lookUp(holds, run, token);
  return look.kind === 'none' ? '' : look.hold.pricing;
}

function did(
  what: string,
  decision: Decision<HoldAnswer> | Refused,
): Decision<UpdateAnswer> | Refused {
  return isRefused(decision)
    ? decision
    : { changes: decision.changes, answer: { ...decision.answer, did: what } };
}

/** Dearer: raised, or refused. Cheaper: nothing now; what SLURM really shows lowers it later. */
function change(view: View, hold: HoldRow, ask: UpdateHold): Decision<UpdateAnswer> | Refused {
  const { priced, slurmAccount, allowNegative } = ask;
  const before = taskAmountOf(hold);
  const taskAmount = greatest(before, priced.taskAmount);
  const isDearer = taskAmount !== before;
  const partition = priced.partitions.includes(hold.partition) ? undefined : priced.partitions[0];
  const pricing = isDearer ? priced.pricing : hold.pricing;
  const { token } = hold;
  return did(
    isDearer ? 'extended' : 'kept',
    moveHold(view, { token, partition, slurmAccount, taskAmount, pricing, allowNegative }),
  );
}

/** One task of an array that has no hold of its own yet: it gets one, and that is changed. */
function splitAndChange(
  view: View,
  array: HoldRow,
  ask: UpdateHold,
): Decision<UpdateAnswer> | Refused {
  const { priced, run, expiresS, allowNegative } = ask;
  const taskAmount = greatest(taskAmountOf(array), priced.taskAmount);
  if (taskAmount === taskAmountOf(array)) {
    return did('kept', { changes: [], answer: answerOf(array) });
  }
  const split = splitHold(view, { token: array.token, tasks: [{ ...run, expiresS }] });
  if (isRefused(split)) {
    return split;
  }
  const child = split.changes.flatMap((each) =>
    each.change === 'putHold' && each.row.token === taskToken(array.token, run.arrayTask)
      ? [each.row]
      : [],
  )[0];
  if (child === undefined) {
    return NOTHING; // split meanwhile: `maintain` compares the task with its hold
  }
  const { pricing } = priced;
  const resized = resize(view, child, { taskAmount, pricing, allowNegative });
  return isRefused(resized)
    ? resized
    : did('extended', {
        changes: [...split.changes, ...resized.changes],
        answer: answerOf(resized.row),
      });
}

/** A job that had no hold, and now may run on AWS nodes: bound at once, no token can be given to it. */
function place(view: View, ask: UpdateHold): Decision<UpdateAnswer> | Refused {
  if (ask.isWholeArray) {
    return refused('POLICY', 'an array cannot be moved to this partition', {
      advice: 'submit it there',
    });
  }
  const { priced, newToken, run, slurmAccount, userName, expiresS } = ask;
  return did(
    'placed',
    placeHold(view, {
      token: newToken,
      slurmAccount,
      partitions: priced.partitions,
      userName,
      amount: priced.taskAmount,
      tasks: 1,
      expiresS,
      pricing: priced.pricing,
      run,
      allowNegative: ask.allowNegative,
      userOpenHoldsMax: ask.userOpenHoldsMax,
    }),
  );
}

/**
 * The hold of a job follows its update (burst.md 7.8, Modify). Query: payer with the new account, holds
 * by token and job id with owners and children. A hold that has ended stays as it is: the next run's
 * is placed at resume. Refuses what extend, move and place refuse.
 */
export function updateHold(view: View, ask: UpdateHold): Decision<UpdateAnswer> | Refused {
  const look = lookUp(view.holds, ask.run, ask.token);
  switch (look.kind) {
    case 'none':
      return place(view, ask);
    case 'after':
      return NOTHING;
    case 'array':
      return splitAndChange(view, look.hold, ask);
    case 'exact':
    case 'follow':
    case 'token':
      return look.hold.state === 'open' ? change(view, look.hold, ask) : NOTHING;
  }
}
