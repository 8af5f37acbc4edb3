import type { Change, Line, Txn } from '../ledger/change.ts';
import type { BudgetRow } from '../ledger/rows.ts';
import { type Money, negate } from '../money/money.ts';

/** Where a budget's money comes from: its grant's award, or the source. */
function giver({ awardId }: Pick<BudgetRow, 'awardId'>): Pick<Line, 'kind' | 'ownerId'> {
  return awardId === undefined
    ? { kind: 'source', ownerId: 0 }
    : { kind: 'award', ownerId: awardId };
}

/** Of `allocate`, and of `lapse` with a negative amount (reliability.md 1.1). */
function allocateLines(
  budget: Pick<BudgetRow, 'budgetId' | 'awardId'>,
  amount: Money,
): readonly Line[] {
  return [
    { ...giver(budget), amount: negate(amount) },
    { kind: 'free', ownerId: budget.budgetId, amount },
  ];
}

export interface DuePost {
  readonly scheduleId: number;
  readonly budget: Pick<BudgetRow, 'budgetId' | 'awardId'>;
  /** The due date; the money belongs to its first second. */
  readonly day: number;
  readonly effectiveS: number;
  readonly amount: Money;
  /** `manual` of an allocation by hand. */
  readonly cause?: string;
}

/** `alloc:<schedule>:<YYYYMMDD>` (reliability.md 1.1, Keys). */
export function allocationKey(scheduleId: number, day: number): string {
  return `alloc:${scheduleId}:${day}`;
}

/** How people name it (budget.md 0.3). */
export function allocationId(scheduleId: number, day: number): string {
  return `alloc_${scheduleId}_${day}`;
}

export function allocatePost(ask: DuePost): Change {
  const { scheduleId, day, effectiveS, amount, budget, cause = '' } = ask;
  const txn: Txn = {
    kind: 'allocate',
    cause,
    effectiveS,
    day,
    key: allocationKey(scheduleId, day),
    scope: 'site',
    lines: allocateLines(budget, amount),
  };
  return { change: 'post', txn };
}

/** Takes off what is left of the last allocation, just before the one of `day`. */
export function lapsePost({ scheduleId, day, effectiveS, amount, budget }: DuePost): Change {
  const txn: Txn = {
    kind: 'lapse',
    effectiveS,
    day,
    key: `lapse:${scheduleId}:${day}`,
    scope: 'site',
    lines: allocateLines(budget, negate(amount)),
  };
  return { change: 'post', txn };
}
