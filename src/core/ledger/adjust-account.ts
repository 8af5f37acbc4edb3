import { isRefused, type Refused, refused } from '../errors.ts';
import { leavesNoBase } from '../grant/indirect.ts';
import { lateCost } from '../grant/liquidation.ts';
import {
  exceeds,
  isNegative,
  isZero,
  type Money,
  negate,
  plus,
  toDecimal,
  toDollars,
  ZERO,
} from '../money/money.ts';
import { badPartition, findAccount, invalid } from './account-words.ts';
import { noBaseLeft } from './adjust.ts';
import { bookCost } from './book-cost.ts';
import type { Decision } from './change.ts';
import { costLines, overFor } from './postings.ts';
import {
  type CorrectionAnswer,
  carriedOut,
  needsSecond,
  propose,
  type SecondPerson,
} from './proposals.ts';
import type { AccountFigures, BudgetFigures, View } from './view.ts';

export interface AdjustAccount {
  readonly name: string;
  /** Signed: what is added to what the account has used. */
  readonly amount: Money;
  /** '' for none. */
  readonly partition: string;
  readonly reason: string;
  readonly second: SecondPerson;
  /** Although the liquidation period of the grant that pays is over: costs that are added need it. */
  readonly force: boolean;
}

/** The first open budget in the order of draw that can bear it; money goes back where it was spent. */
function corrected(figures: AccountFigures, amount: Money, today: number): BudgetFigures | Refused {
  const { name } = figures.account;
  const open = figures.budgets.filter(({ budget }) => !budget.closed);
  const [first] = open;
  if (first === undefined) {
    return refused('ACCOUNT_INACTIVE', `account ${name} has no open budget`, {
      advice: 'correct the charge itself with asbb transactions adjust',
      fields: { account: name },
    });
  }
  const enough = open.filter(({ spent }) => !isNegative(plus(spent, amount)));
  const possible = enough.filter(({ award }) => !leavesNoBase(award, { base: amount, day: today }));
  const found = possible.find(({ free }) => !exceeds(amount, free)) ?? possible[0];
  const [based] = enough;
  return (
    found ??
    (based === undefined
      ? invalid(
          'amount',
          `account ${name} has used ${toDollars(first.spent)}, so much cannot be taken back`,
          `see asbb account show ${name}`,
        )
      : withChargeAdvice(noBaseLeft(based.award?.award.number, { field: 'amount', account: name })))
  );
}

/** A charge that is corrected bears the rate of its own day. */
function withChargeAdvice(refusal: Refused): Refused {
  return {
    ...refusal,
    advice: 'correct the charge itself with asbb transactions refund: it bears the rate of its day',
  };
}

function badPart({ spentInPartition = ZERO }: View, ask: AdjustAccount): Refused | undefined {
  if (ask.partition === '') {
    return;
  }
  const isBelow = isNegative(ask.amount) && isNegative(plus(spentInPartition, ask.amount));
  return (
    badPartition(ask.partition) ??
    (isBelow
      ? invalid('partition', `${toDollars(spentInPartition)} was used on ${ask.partition}, no more`)
      : undefined)
  );
}

/**
 * `account adjust`: an adjustment without a charge. Query: accounts, partitionUse, proposals that wait. NOT_FOUND, VALIDATION_ERROR,
 * ACCOUNT_INACTIVE, POLICY (after the liquidation period, unless forced); above the site's threshold a proposal.
 */
export function adjustAccount(
  view: View,
  ask: AdjustAccount,
): Decision<CorrectionAnswer> | Refused {
  const figures = findAccount(view, ask.name);
  if (isRefused(figures)) {
    return figures;
  }
  if (isZero(ask.amount)) {
    return invalid('amount', '--amount must not be 0');
  }
  const bad = badPart(view, ask);
  const budget = bad ?? corrected(figures, ask.amount, view.today);
  if (isRefused(budget)) {
    return budget;
  }
  const late = lateCost(view, { award: budget.award?.award, amount: ask.amount }, ask.force);
  if (late !== undefined) {
    return late;
  }
  const amount = toDecimal(ask.amount);
  const { partition, reason } = ask;
  if (needsSecond(ask.amount, ask.second)) {
    const args = { account: ask.name, amount, partition, reason };
    return propose(view, ask.second, { verb: 'account adjust', args, amount });
  }
  const cost = { direct: ask.amount, day: view.today, txnSeq: view.next.seq };
  const { fa, rows, cause = 'manual' } = bookCost(view, { budget, account: figures.account }, cost);
  const over = overFor(budget, { direct: negate(ask.amount), fa: negate(fa) });
  const txn = {
    kind: 'adjust',
    cause,
    over,
    effectiveS: view.nowS,
    day: view.today,
    lines: costLines(budget.budget.budgetId, budget, { direct: ask.amount, fa, partition }),
  } as const;
  const overdrawn = over === 0 ? {} : { overdrawn: ask.name };
  const answer = { seq: view.next.seq, proposal: null, amount, ...overdrawn };
  return carriedOut(view, { changes: [{ change: 'post', txn }, ...rows], answer }, ask.second);
}
