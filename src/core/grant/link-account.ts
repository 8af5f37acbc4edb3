import { isRefused, type Refused, refused } from '../errors.ts';
import { findAccount, invalid } from '../ledger/account-words.ts';
import type { Change, Decision, Line } from '../ledger/change.ts';
import type { BudgetRow } from '../ledger/rows.ts';
import type { AccountFigures, BudgetFigures, View } from '../ledger/view.ts';
import {
  exceeds,
  greatest,
  isNegative,
  isPositive,
  isZero,
  type Money,
  minus,
  negate,
  toMicrosText,
  ZERO,
} from '../money/money.ts';
import type { AwardBudget, AwardFigures } from './view.ts';
import {
  type AwardAnswer,
  allotLines,
  awardTooSmall,
  closedAward,
  findAward,
  moneyPost,
} from './words.ts';

export interface LinkAccount {
  /** Grant number. */
  readonly number: string;
  /** Our name of the account. */
  readonly account: string;
  /** Absent: what the plain budget has available. 0 links without money. */
  readonly amount?: Money | undefined;
  /** Its place in the order of draw among the account's open budgets, from 1; absent: last. */
  readonly order?: number | undefined;
  /** Absent: as at an earlier link, else direct. */
  readonly basis?: BudgetRow['basis'] | undefined;
}

export interface LinkAnswer extends AwardAnswer {
  readonly account: string;
  readonly budgetId: number;
  /** From or back to the plain budget; micro-dollars as text. */
  readonly moved: string;
  /** From or back to the award, above what was moved. */
  readonly allotted: string;
}

function lesser(a: Money, b: Money): Money {
  return exceeds(a, b) ? b : a;
}

function plainOf(figures: AccountFigures): BudgetFigures | undefined {
  return figures.budgets.find(({ budget }) => budget.awardId === undefined && !budget.closed);
}

/** free(plain) −x, source +x, award −x, free(grant's) +x; of `unlink` x is negative. */
function linkLines(
  plainId: number,
  { awardId, budgetId }: { readonly awardId: number; readonly budgetId: number },
  amount: Money,
): readonly Line[] {
  return [
    { kind: 'free', ownerId: plainId, amount: negate(amount) },
    { kind: 'source', ownerId: 0, amount },
    ...allotLines(awardId, budgetId, amount),
  ];
}

/** Where the new budget stands, and those that make room, the last first: ranks never meet. */
function placed(
  figures: AccountFigures,
  row: BudgetRow,
  order: number | undefined,
): readonly BudgetRow[] {
  const others = figures.budgets
    .map(({ budget }) => budget)
    .filter((b) => b.budgetId !== row.budgetId);
  const open = others.filter(({ closed }) => !closed);
  const last = Math.max(-1, ...figures.budgets.map(({ budget }) => budget.rank)) + 1;
  const next = order === undefined ? undefined : open[order - 1];
  if (next === undefined) {
    return [{ ...row, rank: last }];
  }
  // The row itself may stand at its old rank: out of the way first.
  const isKnown = figures.budgets.some(({ budget }) => budget.budgetId === row.budgetId);
  const shifted = others
    .filter(({ rank }) => rank >= next.rank)
    .toSorted((a, b) => b.rank - a.rank)
    .map((other) => ({ ...other, rank: other.rank + 1 }));
  const aside = isKnown ? [{ ...row, rank: last + 1 }] : [];
  return [...aside, ...shifted, { ...row, rank: next.rank }];
}

function duplicate(figures: AwardFigures, account: string): Refused {
  const { number } = figures.award;
  return refused('DUPLICATE', `account ${account} is linked to grant ${number} already`, {
    advice: `see asbb account show ${account}`,
    fields: { grant: number, account },
  });
}

function cannotRun(view: View, { award }: AwardFigures): Refused | undefined {
  const closed = closedAward(award);
  return closed === undefined && view.nowS > award.endS
    ? refused('POLICY', `grant ${award.number} has ended`, {
        advice: `extend it with asbb grant extend ${award.number}`,
        fields: { grant: award.number },
      })
    : closed;
}

interface Both {
  readonly award: AwardFigures;
  readonly account: AccountFigures;
}

function both(view: View, ask: Pick<LinkAccount, 'number' | 'account'>): Both | Refused {
  const award = findAward(view, ask.number);
  if (isRefused(award)) {
    return award;
  }
  const account = findAccount(view, ask.account);
  return isRefused(account) ? account : { award, account };
}

function badAsk(view: View, { award, account }: Both, ask: LinkAccount): Refused | undefined {
  const { amount = ZERO, order = 1 } = ask;
  if (isNegative(amount)) {
    return invalid('amount', '--amount is not negative');
  }
  if (!Number.isInteger(order) || order < 1) {
    return invalid('order', '--order is a whole number from 1');
  }
  const obstacle = cannotRun(view, award);
  const { awardId } = award.award;
  const isLinked = account.budgets.some(
    ({ budget }) => budget.awardId === awardId && !budget.closed,
  );
  return obstacle ?? (isLinked ? duplicate(award, ask.account) : undefined);
}

/** Who has borne the F&A of what is in the books goes on bearing it. */
function otherBasis({ award, account }: Both, ask: LinkAccount): Refused | undefined {
  const old = award.budgets.find(({ budget }) => budget.accountId === account.account.accountId);
  const hasIndirect = old !== undefined && !(isZero(old.faHeld) && isZero(old.faSpent));
  return hasIndirect && ask.basis !== undefined && ask.basis !== old.budget.basis
    ? refused(
        'POLICY',
        `account ${ask.account} was linked to grant ${ask.number} with basis ${old.budget.basis}, and F&A is booked so`,
        { advice: `link it with --basis ${old.budget.basis}`, fields: { basis: old.budget.basis } },
      )
    : undefined;
}

/** The budget of an earlier link is opened again: its books go on. */
function budgetRow(view: View, { award, account }: Both, ask: LinkAccount): BudgetRow {
  const { awardId } = award.award;
  const old = account.budgets.find(({ budget }) => budget.awardId === awardId)?.budget;
  return old === undefined
    ? {
        budgetId: view.next.budgetId,
        accountId: account.account.accountId,
        awardId,
        rank: 0,
        basis: ask.basis ?? 'direct',
        closed: false,
      }
    : { ...old, basis: ask.basis ?? old.basis, closed: false };
}

/**
 * Opens a budget of the account on the grant and moves money there: what the plain budget has covers the
 * amount first (`transfer`, cause link), the rest is given by the award (`allocate`). Open holds stay
 * where they are. Query: awards.numbers, accounts. VALIDATION_ERROR, NOT_FOUND, DUPLICATE, POLICY (the
 * grant has ended), INSUFFICIENT_BUDGET (the award has less left).
 */
export function linkAccount(view: View, ask: LinkAccount): Decision<LinkAnswer> | Refused {
  const found = both(view, ask);
  if (isRefused(found)) {
    return found;
  }
  const bad = badAsk(view, found, ask) ?? otherBasis(found, ask);
  if (bad !== undefined) {
    return bad;
  }
  const { award, account } = found;
  const plain = plainOf(account);
  const available = greatest(ZERO, plain?.free ?? ZERO);
  const amount = ask.amount ?? available;
  if (exceeds(amount, award.left)) {
    return awardTooSmall(award, amount);
  }
  const moved = lesser(amount, available);
  const allotted = minus(amount, moved);
  const row = budgetRow(view, found, ask);
  const { budgetId } = row;
  const { awardId } = award.award;
  return {
    changes: [
      ...placed(account, row, ask.order).map(
        (each): Change => ({ change: 'putBudget', row: each }),
      ),
      ...(plain !== undefined && isPositive(moved)
        ? [
            moneyPost(view, {
              kind: 'transfer',
              cause: 'link',
              lines: linkLines(plain.budget.budgetId, { awardId, budgetId }, moved),
            }),
          ]
        : []),
      ...(isPositive(allotted)
        ? [
            moneyPost(view, {
              kind: 'allocate',
              cause: 'link',
              lines: allotLines(awardId, budgetId, allotted),
            }),
          ]
        : []),
    ],
    answer: {
      grant: ask.number,
      account: ask.account,
      budgetId,
      moved: toMicrosText(moved),
      allotted: toMicrosText(allotted),
      warnings: [],
    },
  };
}

export interface UnlinkAnswer extends LinkAnswer {
  /** Still held there; their release comes back to that budget: unlink again then. */
  readonly openHolds: number;
}

function notLinked(ask: Pick<LinkAccount, 'number' | 'account'>): Refused {
  return refused('NOT_FOUND', `account ${ask.account} is not linked to grant ${ask.number}`, {
    advice: `see asbb grant show ${ask.number}`,
    fields: { grant: ask.number, account: ask.account, link: 'none' },
  });
}

function holdsWarning(budget: AwardBudget): readonly string[] {
  return budget.openHoldCount === 0
    ? []
    : [
        `${budget.openHoldCount} open holds stay on the grant; unlink again when they have ended to move back what is left of them`,
      ];
}

/**
 * Moves what is left back and closes the account's budget on the grant; what was spent stays on the
 * grant. As much as links brought goes to the plain budget, the rest to the award. A budget that is closed
 * already gives back what came in since. Query: awards with numbers and links, accounts. NOT_FOUND.
 */
export function unlinkAccount(
  view: View,
  ask: Pick<LinkAccount, 'number' | 'account'>,
): Decision<UnlinkAnswer> | Refused {
  const found = both(view, ask);
  if (isRefused(found)) {
    return found;
  }
  const { award, account } = found;
  const own = award.budgets.find(({ budget }) => budget.accountId === account.account.accountId);
  if (own === undefined) {
    return notLinked(ask);
  }
  const plain = plainOf(account);
  const left = greatest(ZERO, own.free);
  const moved = plain === undefined ? ZERO : lesser(left, greatest(ZERO, own.linked));
  const back = minus(left, moved);
  const { budget } = own;
  const ids = { awardId: award.award.awardId, budgetId: budget.budgetId };
  return {
    changes: [
      ...(budget.closed
        ? []
        : [{ change: 'putBudget', row: { ...budget, closed: true } } as const]),
      ...(plain !== undefined && isPositive(moved)
        ? [
            moneyPost(view, {
              kind: 'transfer',
              cause: 'unlink',
              lines: linkLines(plain.budget.budgetId, ids, negate(moved)),
            }),
          ]
        : []),
      ...(isPositive(back)
        ? [
            moneyPost(view, {
              kind: 'allocate',
              cause: 'unlink',
              lines: allotLines(ids.awardId, ids.budgetId, negate(back)),
            }),
          ]
        : []),
    ],
    answer: {
      grant: ask.number,
      account: ask.account,
      budgetId: budget.budgetId,
      moved: toMicrosText(moved),
      allotted: toMicrosText(back),
      openHolds: own.openHoldCount,
      warnings: holdsWarning(own),
    },
  };
}
