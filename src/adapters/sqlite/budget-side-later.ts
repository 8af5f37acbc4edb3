import { assert } from '../../core/errors.ts';
import type { Change } from '../../core/ledger/change.ts';
import type { Query } from '../../core/ledger/view.ts';

// A runtime reads all of a bundle before its first line runs, and slurmctld waits for submit: what it
// needs only when allocations are due is fetched then.

type BudgetSide = typeof import('./budget-side.ts');

const CHANGES: ReadonlySet<Change['change']> = new Set([
  ...(['putSchedule', 'insertScheduleRun', 'putProposal'] as const),
  ...(['putAlert', 'putDeadline', 'putMessage'] as const),
  ...(['putReconciliation', 'putSample', 'removeSample', 'putCostModel'] as const),
  'putPerformance',
]);

let loaded: BudgetSide | undefined;

export async function loadBudgetSide(): Promise<void> {
  loaded ??= await import('./budget-side.ts');
}

export function budgetSide(): BudgetSide {
  assert(loaded !== undefined, 'the budget side was not loaded');
  return loaded;
}

export function isOfBudgetSide({ change }: Change): boolean {
  return CHANGES.has(change);
}

export function asksBudgetSide(query: Query): boolean {
  const { schedules, txns, proposals, alerts, learning } = query;
  return [schedules, txns, proposals, alerts, learning].some((asked) => asked !== undefined);
}
