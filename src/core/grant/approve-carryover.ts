import { isRefused, type Refused, refused } from '../errors.ts';
import { firstOf, invalid } from '../ledger/account-words.ts';
import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { exceeds, greatest, type Money, minus, sum, toDollars, ZERO } from '../money/money.ts';
import { carryoverOf } from './details.ts';
import type { AwardFigures } from './view.ts';
import {
  type Amendment,
  type AwardAnswer,
  badAmendment,
  badSum,
  changeRow,
  findAward,
} from './words.ts';

export interface ApproveCarryover extends Amendment {
  /** The period whose unspent money may go on. */
  readonly period: number;
  readonly amount: Money;
  /** What of it waits for an approval (core/grant/carryover.ts), as read just before. */
  readonly pending: Money;
  /** What had been approved of the period then: an approval in between takes its part of `pending`. */
  readonly approved: Money;
}

/** What was approved of a period so far. */
export function approvedOf({ changes }: AwardFigures, period: number): Money {
  const approvals = changes.filter(({ kind }) => kind === 'CARRYOVER').map(carryoverOf);
  return sum(approvals.filter((each) => each.period === period).map(({ amount }) => amount));
}

/**
 * The agency lets unspent money of a period go on into the next (budget.md 8.5). Query: awards.numbers.
 * VALIDATION_ERROR (more than waits), NOT_FOUND, POLICY (the grant's policy is another).
 */
export function approveCarryover(
  view: View,
  ask: ApproveCarryover,
): Decision<AwardAnswer> | Refused {
  const bad = firstOf(badAmendment(ask), badSum('amount', ask.amount));
  const figures = bad ?? findAward(view, ask.number);
  if (isRefused(figures)) {
    return figures;
  }
  const { award } = figures;
  if (award.carryover !== 'prior_approval') {
    return refused('POLICY', `carryover of grant ${award.number} is ${award.carryover}`, {
      advice: 'only prior_approval waits for approvals',
      fields: { grant: award.number, carryover: award.carryover },
    });
  }
  const waits = minus(ask.pending, minus(approvedOf(figures, ask.period), ask.approved));
  if (exceeds(ask.amount, waits)) {
    return invalid(
      'amount',
      `${toDollars(greatest(ZERO, waits))} of period ${ask.period} wait for an approval`,
      `see asbb grant periods ${award.number}`,
    );
  }
  const detail = { period: ask.period, amount: ask.amount };
  const row = changeRow(view, award, ask, { kind: 'CARRYOVER', delta: ZERO, detail });
  return {
    changes: [{ change: 'insertAwardChange', row }],
    answer: { grant: award.number, warnings: [] },
  };
}
