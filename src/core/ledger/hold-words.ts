import { assert, isRefused, type Refused, refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { toMicrosText } from '../money/money.ts';
import { budgetOf } from './postings.ts';
import type { HoldRow } from './rows.ts';
import type { BudgetFigures, PayerView, View } from './view.ts';

/** What every decision about one hold answers; amount in micro-dollars as text. */
export interface HoldAnswer extends JsonObject {
  readonly token: string;
  readonly holdId: number;
  readonly amount: string;
  readonly state: string;
}

export function answerOf(hold: HoldRow): HoldAnswer {
  const { token, holdId, amount, state } = hold;
  return { token, holdId, amount: toMicrosText(amount), state };
}

/** The run of a job that a hold pays for (reliability.md I15). */
export interface Run {
  readonly jobId: number;
  /** -1: not an array task. */
  readonly arrayTask: number;
  readonly submitS: number;
  readonly restart: number;
}

export function isRunOf(hold: HoldRow, run: Run): boolean {
  return (
    hold.jobId === run.jobId &&
    hold.arrayTask === run.arrayTask &&
    hold.submitS === run.submitS &&
    hold.restart === run.restart
  );
}

/** Another hold of this cluster, open or ended, that is bound to this very run (I15). */
export function otherHoldOf(view: View, run: Run, token: string): HoldRow | undefined {
  return view.holds.find(
    (hold) => hold.clusterId === view.clusterId && hold.token !== token && isRunOf(hold, run),
  );
}

export function runTakenBy(hold: HoldRow, run: Run): Refused {
  const job = run.arrayTask < 0 ? String(run.jobId) : `${run.jobId}_${run.arrayTask}`;
  return refused('IN_USE', `job ${job} has another hold for this run`, {
    advice: `see asbb transactions show txn_${hold.token}`,
    fields: { token: hold.token, job, state: hold.state },
  });
}

/** The hold of this token; NOT_FOUND without. */
export function findHold(view: View, token: string): HoldRow | Refused {
  return (
    view.holds.find((hold) => hold.token === token) ??
    refused('NOT_FOUND', `Transaction txn_${token} not found`, {
      advice: 'see asbb transactions list --type hold',
      fields: { token },
    })
  );
}

/** The hold, when it is open; ALREADY_RECONCILED when it has ended. */
export function openHold(view: View, token: string): HoldRow | Refused {
  const hold = findHold(view, token);
  return isRefused(hold) || hold.state === 'open' ? hold : ended(hold);
}

export function ended(hold: HoldRow): Refused {
  return refused('ALREADY_RECONCILED', `the hold txn_${hold.token} has ended: ${hold.state}`, {
    advice: `see asbb transactions show txn_${hold.token}`,
    fields: { token: hold.token, state: hold.state },
  });
}

export interface Owner {
  readonly payer: PayerView;
  readonly budget: BudgetFigures;
}

/** Who pays for the hold; the query must have asked for owners. */
export function ownerOf(view: View, budgetId: number): Owner {
  for (const payer of view.owners) {
    const budget = budgetOf(payer, budgetId);
    if (budget !== undefined) {
      return { payer, budget };
    }
  }
  assert(false, `the view has no owner of budget ${budgetId}: ask for holds.owners`);
}
