import type { Account } from '../../schema/output/account.ts';
import type { BudgetFigures } from '../core/ledger/view.ts';
import { isZero, type Money, plus, toDollars } from '../core/money/money.ts';
import type { AccountReport } from '../ports/reports.ts';
import type { Column } from './table.ts';

/** What no grant gave. */
const OWN = '(own)';

/** A budget of an account, on a grant or its own. */
export interface Drawn {
  readonly number: string;
  readonly figures: BudgetFigures;
}

/** Open budgets on grants, in order of draw. */
export function drawnOn({ figures }: AccountReport): readonly Drawn[] {
  return figures.budgets.flatMap((each) =>
    each.award === undefined || each.budget.closed
      ? []
      : [{ number: each.award.award.number, figures: each }],
  );
}

function limitOf({ figures: { free, held, spent } }: Drawn): Money {
  return plus(free, plus(held, spent));
}

export function drawnJson(drawn: Drawn): NonNullable<Account['grants']>[number] {
  const { number, figures } = drawn;
  return {
    grant_number: number,
    order: figures.budget.rank + 1,
    budget_basis: figures.budget.basis,
    limit: limitOf(drawn),
    used: figures.spent,
    held: figures.held,
    available: figures.free,
  };
}

function isEmpty({ free, held, spent }: BudgetFigures): boolean {
  return isZero(free) && isZero(held) && isZero(spent);
}

/**
 * The budgets that the account's figures are the sums of, its own and closed ones too, in order of
 * draw; none when all it ever had is its own.
 */
export function budgetsOf({ figures }: AccountReport): readonly Drawn[] {
  const budgets = figures.budgets.filter(
    (each) => !isEmpty(each) || (each.award !== undefined && !each.budget.closed),
  );
  return budgets.every(({ award }) => award === undefined)
    ? []
    : budgets.map((each) => ({ number: each.award?.award.number ?? OWN, figures: each }));
}

export const BUDGET_COLUMNS: readonly Column<Drawn>[] = [
  { title: 'GRANT', cell: ({ number }) => number, isKey: true },
  { title: 'ORDER', cell: ({ figures }) => String(figures.budget.rank + 1), align: 'right' },
  { title: 'BASIS', cell: ({ figures: { budget } }) => (budget.closed ? 'closed' : budget.basis) },
  { title: 'LIMIT', cell: (drawn) => toDollars(limitOf(drawn)), align: 'right' },
  { title: 'USED', cell: ({ figures }) => toDollars(figures.spent), align: 'right' },
  { title: 'HELD', cell: ({ figures }) => toDollars(figures.held), align: 'right' },
  { title: 'AVAILABLE', cell: ({ figures }) => toDollars(figures.free), align: 'right' },
];

const WHOLE_E4 = 10_000;

/** 0.8 of 8000; undefined: wholly federal. */
export function sharedPart(shareE4: number | undefined): number | undefined {
  return shareE4 === undefined || shareE4 === WHOLE_E4 ? undefined : shareE4 / WHOLE_E4;
}
