import { isRefused, type Refused, refused } from '../errors.ts';
import { holdEstimate } from '../estimate/hold-estimate.ts';
import { fromMicrosText, type Money, minus, sum, toDecimal, toMicrosText } from '../money/money.ts';
import { type AmendStory, amendArgs } from './amend-story.ts';
import type { Decision } from './change.ts';
import { type ChargeAnswer, chargeHold } from './charge-hold.ts';
import { findHold, otherHoldOf, ownerOf, runTakenBy } from './hold-words.ts';
import { needsSecond, propose, type SecondPerson } from './proposals.ts';
import { type CostStory, recordsOf } from './reconcile-records.ts';
import type { HoldRow } from './rows.ts';
import { jobText } from './transactions.ts';
import type { View } from './view.ts';

/** The real cost of a job, told by a person, a file or a pass (budget.md 4.3). */
export interface ReconcileHold extends AmendStory, CostStory {
  /** Who corrects by hand; absent: the cost is told by a file or a pass. */
  readonly second?: SecondPerson | undefined;
}

export interface ReconcileAnswer extends ChargeAnswer {
  readonly account: string;
  readonly job: string;
  /** Micro-dollars; '' when nobody estimated it. */
  readonly estimate: string;
  /** `asbx_recon_<n>`; '' when nothing was written. */
  readonly reconciliationId: string;
  readonly modelUpdated: boolean;
  /** An earlier reconciliation was corrected. */
  readonly amended: boolean;
  /** Nothing was posted: another person must approve this proposal. */
  readonly proposal: number | null;
}

const MICROS = 1_000_000;
const NOT_TOLD = {
  ...{ reconciliationId: '', modelUpdated: false, amended: false },
  proposal: null,
} as const;

function otherJob(hold: HoldRow, { job }: ReconcileHold): Refused | undefined {
  const isSame =
    job === undefined ||
    hold.jobId === undefined ||
    (hold.jobId === job.jobId && hold.arrayTask === job.arrayTask);
  return isSame
    ? undefined
    : refused(
        'VALIDATION_ERROR',
        `the hold txn_${hold.token} belongs to job ${jobText(hold.jobId, hold.arrayTask)}`,
        {
          advice: 'name that job, or the hold of this one',
          fields: { field: 'job_id', token: hold.token },
        },
      );
}

/** A hold without a job is tied to the one that is named; its submit time is that of the hold. */
function bound(view: View, hold: HoldRow, { job }: ReconcileHold): HoldRow | Refused {
  if (job === undefined || hold.jobId !== undefined || hold.state !== 'open' || hold.tasks !== 1) {
    return hold;
  }
  const run = { ...job, submitS: Math.floor(hold.createdUs / MICROS), restart: 0 };
  const other = otherHoldOf(view, run, hold.token);
  return other === undefined ? { ...hold, ...run } : runTakenBy(other, run);
}

/** By how much a charge of before is corrected; undefined: it is the first one. */
export function amendedBy(
  view: View,
  { holdId }: HoldRow,
  answer: ChargeAnswer,
): Money | undefined {
  const earlier = view.charges.filter((charge) => charge.holdId === holdId);
  return earlier.length === 0
    ? undefined
    : minus(fromMicrosText(answer.actualCharge), sum(earlier.map(({ amount }) => amount)));
}

/** What a person says of a cost, kept until another one agrees. */
function proposed(
  view: View,
  { second, ...story }: ReconcileHold & { readonly second: SecondPerson },
  answer: ChargeAnswer & Pick<ReconcileAnswer, 'account' | 'job' | 'estimate'>,
  difference: Money,
): Decision<ReconcileAnswer> {
  const { changes, answer: made } = propose(view, second, {
    verb: 'reconcile',
    args: amendArgs(story, answer, difference),
    amount: toDecimal(difference),
  });
  const told = { ...NOT_TOLD, amended: true, proposal: made.proposal };
  return { changes, answer: { ...answer, seq: 0, ...told } };
}

/**
 * The table of budget.md 4.3 with its figures (4.11) and what is learned of it (4.12), in one
 * transaction. Query: the hold by token with owners and charges, holds of the job, learning with the
 * hold; with `second` proposals that wait: a large correction by hand is only proposed. NOT_FOUND;
 * VALIDATION_ERROR (another job's, an array's); IN_USE; ALREADY_RECONCILED.
 */
export function reconcileHold(view: View, ask: ReconcileHold): Decision<ReconcileAnswer> | Refused {
  const found = findHold(view, ask.token);
  if (isRefused(found)) {
    return found;
  }
  const hold = otherJob(found, ask) ?? bound(view, found, ask);
  if (isRefused(hold)) {
    return hold;
  }
  const holds = view.holds.map((each) => (each.holdId === hold.holdId ? hold : each));
  const { token, actual: amount, effective, partition, amend } = ask;
  const charged = chargeHold(
    { ...view, holds },
    { token, cost: { kind: 'amount', amount }, effective, partition, amend },
  );
  if (isRefused(charged)) {
    return charged;
  }
  const { estimate } = holdEstimate(hold);
  const chargeAnswer: ChargeAnswer = charged.answer;
  const answer = {
    ...chargeAnswer,
    account: ownerOf(view, hold.budgetId).payer.account.account.name,
    job: jobText(hold.jobId, hold.arrayTask) ?? '',
    estimate: estimate === undefined ? '' : toMicrosText(estimate),
  };
  if (charged.changes.length === 0) {
    return { changes: [], answer: { ...answer, ...NOT_TOLD } };
  }
  const difference = amendedBy(view, hold, chargeAnswer);
  const { second } = ask;
  if (second !== undefined && difference !== undefined && needsSecond(difference, second)) {
    return proposed(view, { ...ask, second }, answer, difference);
  }
  const { changes, reconId, modelUpdated } = recordsOf(view, hold, ask, chargeAnswer.seq);
  return {
    changes: [...charged.changes, ...changes],
    answer: {
      ...answer,
      reconciliationId: `asbx_recon_${reconId}`,
      modelUpdated,
      amended: difference !== undefined,
      proposal: null,
    },
  };
}
