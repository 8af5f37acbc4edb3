import { isRefused, type Refused } from '../errors.ts';
import { invalid } from '../ledger/account-words.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { AccountRow } from '../ledger/rows.ts';
import type { View } from '../ledger/view.ts';
import { ZERO } from '../money/money.ts';
import { addDays, addMonths, dayText } from './calendar.ts';
import { standing } from './indirect.ts';
import type { AwardBudget, AwardFigures } from './view.ts';
import {
  type Amendment,
  type AwardAnswer,
  badAmendment,
  changeRow,
  closedAward,
  findAward,
} from './words.ts';

export interface ExtendAward extends Amendment {
  readonly newEndS: number;
  /** YYYYMMDD of the new and the old end in the site zone. */
  readonly newEndDay: number;
  readonly oldEndDay: number;
}

export interface ExtendAnswer extends AwardAnswer {
  /** Their end was the grant's: it has moved with it. */
  readonly movedAccounts: readonly string[];
  /** Linked too, with an end of their own. */
  readonly otherAccounts: readonly string[];
}

const LONG_MONTHS = 12;
/** Recipient-approved extensions need notice that long before the end (2 CFR 200.308(e)(2)). */
const NOTICE_DAYS = 10;

/** Things that an agency would ask about; none of them stops the extension. */
function warningsOf(view: View, figures: AwardFigures, ask: ExtendAward): readonly string[] {
  const { oldEndDay, newEndDay } = ask;
  const hasEnded = view.nowS > figures.award.endS;
  const isLong = newEndDay > addMonths(oldEndDay, LONG_MONTHS);
  const isSecond = figures.changes.some(({ kind }) => kind === 'NCE');
  const isLate = !hasEnded && view.today > addDays(oldEndDay, -NOTICE_DAYS);
  return [
    ...(isLong ? [`the extension is longer than ${LONG_MONTHS} months`] : []),
    ...(isSecond ? ['the grant was extended before'] : []),
    ...(isLate
      ? [`recorded less than ${NOTICE_DAYS} days before the old end ${dayText(oldEndDay)}`]
      : []),
    ...(hasEnded
      ? [`the grant had ended on ${dayText(oldEndDay)}; charges since then stay on it`]
      : []),
  ];
}

function accountsOf(budgets: readonly AwardBudget[]): readonly AccountRow[] {
  const open = budgets.filter(({ budget }) => !budget.closed);
  return [...new Map(open.map(({ account }) => [account.accountId, account])).values()];
}

function movedAccount(view: View, account: AccountRow, endS: number): AccountRow {
  const isBack = account.status === 'expired' && endS >= view.nowS;
  return {
    ...account,
    endS,
    status: isBack ? 'active' : account.status,
    updatedUs: view.nowUs,
  };
}

/**
 * A no-cost extension (budget.md 8.4): a later end with the same money. The last rate row and the linked
 * accounts that ended with the grant go on with it. Query: awards.numbers. VALIDATION_ERROR (not later),
 * NOT_FOUND, POLICY (closed).
 */
export function extendAward(view: View, ask: ExtendAward): Decision<ExtendAnswer> | Refused {
  const figures = badAmendment(ask) ?? findAward(view, ask.number);
  if (isRefused(figures)) {
    return figures;
  }
  const { award } = figures;
  const closed = closedAward(award);
  if (closed !== undefined) {
    return closed;
  }
  if (ask.newEndS <= award.endS) {
    return invalid('end', `grant ${award.number} ends on ${dayText(ask.oldEndDay)} already`);
  }
  const { newEndS, newEndDay, oldEndDay } = ask;
  const last = standing(figures.rates).at(-1);
  const accounts = accountsOf(figures.budgets);
  const moved = accounts.filter(({ endS }) => endS === award.endS);
  const detail = { oldEndS: award.endS, newEndS, oldEndDay, newEndDay };
  const amendment = changeRow(view, award, ask, { kind: 'NCE', delta: ZERO, detail });
  return {
    changes: [
      { change: 'putAward', row: { ...award, endS: newEndS, updatedUs: view.nowUs } },
      { change: 'insertAwardChange', row: amendment },
      ...(last === undefined
        ? []
        : [{ change: 'putFaRate', row: { ...last, toDay: newEndDay } } as const]),
      ...moved.map(
        (account): Change => ({
          change: 'putAccount',
          row: movedAccount(view, account, newEndS),
        }),
      ),
    ],
    answer: {
      grant: award.number,
      warnings: warningsOf(view, figures, ask),
      movedAccounts: moved.map(({ name }) => name),
      otherAccounts: accounts.filter((each) => !moved.includes(each)).map(({ name }) => name),
    },
  };
}
