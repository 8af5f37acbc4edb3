import type { AccountMoney, BudgetFigures, PayerView, View } from '../ledger/view.ts';
import { plus } from '../money/money.ts';
import { movedOf, newPosting, type Posting } from './posting.ts';
import { type ProcessSchedules, postAllDue } from './process.ts';

function budgetAfter(figures: BudgetFigures, posting: Posting): BudgetFigures {
  const { budget, award } = figures;
  const left = award && plus(award.left, movedOf(posting, `award ${award.award.awardId}`));
  return {
    ...figures,
    free: plus(figures.free, movedOf(posting, `free ${budget.budgetId}`)),
    award: award && left !== undefined ? { ...award, left } : undefined,
  };
}

function moneyAfter(money: AccountMoney, posting: Posting): AccountMoney {
  return { ...money, budgets: money.budgets.map((each) => budgetAfter(each, posting)) };
}

/**
 * Who pays, as it will be once the due allocations in the view are posted: for answers that write
 * nothing. Query: payer; schedules of its account and ancestors.
 */
export function payerAfterDue(view: View, ask: ProcessSchedules): PayerView | undefined {
  const { payer, schedules = [], nowUs, nowS } = view;
  const posting = newPosting(view.next.seq);
  postAllDue(schedules, ask, { posting, nowUs, nowS });
  return (
    payer && {
      ...payer,
      account: moneyAfter(payer.account, posting),
      ancestors: payer.ancestors.map((each) => moneyAfter(each, posting)),
    }
  );
}
