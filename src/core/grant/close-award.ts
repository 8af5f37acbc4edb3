import { isRefused, type Refused, refused } from '../errors.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { isPositive, negate, sum, toMicrosText } from '../money/money.ts';
import { type AwardAnswer, allotLines, closedAward, findAward, moneyPost } from './words.ts';

export interface CloseAward {
  readonly number: string;
  readonly status: 'completed' | 'cancelled';
  /** Although holds are open on it. */
  readonly force: boolean;
}

export interface CloseAnswer extends AwardAnswer {
  /** Given back to the award by its budgets; micro-dollars as text. */
  readonly returned: string;
}

/**
 * Ends a grant: its budgets give back what they have free and are closed; what was spent stays, and costs
 * of earlier work are booked still. Query: awards.numbers. NOT_FOUND, POLICY (closed already), IN_USE
 * (open holds) unless forced.
 */
export function closeAward(view: View, ask: CloseAward): Decision<CloseAnswer> | Refused {
  const figures = findAward(view, ask.number);
  if (isRefused(figures)) {
    return figures;
  }
  const { award, budgets } = figures;
  const closed = closedAward(award);
  if (closed !== undefined) {
    return closed;
  }
  const holds = budgets.reduce((count, { openHoldCount }) => count + openHoldCount, 0);
  if (holds > 0 && !ask.force) {
    return refused('IN_USE', `grant ${award.number} has ${holds} open holds`, {
      advice: 'wait until their jobs have ended, or use --force',
      fields: { grant: award.number, open_holds: String(holds) },
    });
  }
  const open = budgets.filter(({ budget }) => !budget.closed);
  const rich = budgets.filter(({ free }) => isPositive(free));
  return {
    changes: [
      {
        change: 'putAward',
        row: { ...award, status: ask.status, closedUs: view.nowUs, updatedUs: view.nowUs },
      },
      ...open.map(
        ({ budget }): Change => ({ change: 'putBudget', row: { ...budget, closed: true } }),
      ),
      ...rich.map(({ budget, free }) =>
        moneyPost(view, {
          kind: 'allocate',
          cause: 'close',
          lines: allotLines(award.awardId, budget.budgetId, negate(free)),
        }),
      ),
    ],
    answer: {
      grant: award.number,
      warnings: holds > 0 ? [`${holds} open holds stay on it until their jobs end`] : [],
      returned: toMicrosText(sum(rich.map(({ free }) => free))),
    },
  };
}
