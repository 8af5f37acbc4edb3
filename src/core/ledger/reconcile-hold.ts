import { isRefused, type Refused, refused } from '../errors.ts';
import { holdEstimate } from '../estimate/hold-estimate.ts';
import { toMicrosText } from '../money/money.ts';
import type { Decision } from './change.ts';
import { type ChargeAnswer, chargeHold } from './charge-hold.ts';
import { findHold, otherHoldOf, ownerOf, runTakenBy } from './hold-words.ts';
import { type CostStory, recordsOf } from './reconcile-records.ts';
import type { HoldRow } from './rows.ts';
import { jobText } from './transactions.ts';
import type { View } from './view.ts';

/** The real cost of a job, told by a person, a file or a pass (budget.md 4.3). */
export interface ReconcileHold extends CostStory {
  readonly token: string;
  readonly job?: { readonly jobId: number; readonly arrayTask: number } | undefined;
  readonly amend: boolean;
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
}

const MICROS = 1_000_000;
const NOT_TOLD = { reconciliationId: '', modelUpdated: false, amended: false } as const;

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

/**
 * The table of budget.md 4.3 with its figures (4.11) and what is learned of it (4.12), in one
 * transaction. Query: the hold by token with owners and charges, holds of the job, learning with the
 * hold. NOT_FOUND; VALIDATION_ERROR (another job's, an array's); IN_USE; ALREADY_RECONCILED.
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
  const { changes, reconId, modelUpdated } = recordsOf(view, hold, ask, chargeAnswer.seq);
  return {
    changes: [...charged.changes, ...changes],
    answer: {
      ...answer,
      reconciliationId: `asbx_recon_${reconId}`,
      modelUpdated,
      amended: view.charges.some(({ holdId }) => holdId === hold.holdId),
    },
  };
}
