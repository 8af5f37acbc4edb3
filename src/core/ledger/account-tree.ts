import { type Refused, refused } from '../errors.ts';
import { exceeds, isZero, type Money, minus, plus, sum, toMicrosText } from '../money/money.ts';
import { accountSums } from './sums.ts';
import type { AccountFigures, View } from './view.ts';

/** Accounts from the root to a leaf at most (reliability.md 1.1). */
const TREE_DEPTH_MAX = 8;

/** The account itself, its parent, and so on; ends at a cycle or at what the view does not have. */
function chainOf(view: View, accountId: number | undefined): readonly AccountFigures[] {
  const byId = new Map(view.accounts.map((figures) => [figures.account.accountId, figures]));
  const chain: AccountFigures[] = [];
  let next = accountId;
  while (next !== undefined && chain.length <= TREE_DEPTH_MAX) {
    const figures = byId.get(next);
    if (figures === undefined) {
      break;
    }
    chain.push(figures);
    next = figures.account.parentId;
  }
  return chain;
}

/** May an account of this height (levels below it) lie under the parent? */
export function cannotLieUnder(
  view: View,
  parent: AccountFigures,
  child: { readonly accountId: number | undefined; readonly height: number },
): Refused | undefined {
  const chain = chainOf(view, parent.account.accountId);
  const fields = { parent: parent.account.name };
  if (chain.some(({ account }) => account.accountId === child.accountId)) {
    return refused(
      'VALIDATION_ERROR',
      `${parent.account.name} lies below this account: an account cannot be its own ancestor`,
      { advice: 'choose another --parent', fields },
    );
  }
  const depth = chain.length + 1 + child.height;
  return depth > TREE_DEPTH_MAX
    ? refused(
        'VALIDATION_ERROR',
        `accounts would be ${depth} deep, at most ${TREE_DEPTH_MAX} are allowed`,
        { advice: 'choose a --parent nearer to the root', fields },
      )
    : undefined;
}

/** What an account and all below it have used and held: that moves into its ancestors' `below`. */
function committed(figures: AccountFigures): Money {
  const own = sum(figures.budgets.map(({ held, spent }) => plus(held, spent)));
  return plus(own, plus(figures.belowHeld, figures.belowSpent));
}

/** IN_USE when a new ancestor with a budget would have less than nothing left. */
export function tooMuchFor(
  view: View,
  parent: AccountFigures,
  moved: AccountFigures,
): Refused | undefined {
  const amount = committed(moved);
  const known = new Set(
    chainOf(view, moved.account.parentId).map(({ account }) => account.accountId),
  );
  const short = chainOf(view, parent.account.accountId).find(
    (figures) =>
      !(isZero(amount) || known.has(figures.account.accountId)) &&
      figures.budgets.length > 0 &&
      exceeds(amount, accountSums(figures).available),
  );
  return short === undefined
    ? undefined
    : refused(
        'IN_USE',
        `account ${short.account.name} has less available than ${moved.account.name} has used and held`,
        {
          advice: 'use --force to move it all the same',
          fields: {
            parent: short.account.name,
            missing: toMicrosText(minus(amount, accountSums(short).available)),
          },
        },
      );
}
