import { type Refused, refused } from '../errors.ts';
import {
  exceeds,
  isPositive,
  type Money,
  minus,
  toDollarsDown,
  toDollarsUp,
  toMicrosText,
  ZERO,
} from '../money/money.ts';
import { accountSums, partitionSums, type Sums } from './sums.ts';
import type { AccountMoney, BudgetFigures, PayerView } from './view.ts';

/** Money that is about to be held. */
export interface Need {
  readonly amount: Money;
  readonly partitions: readonly string[];
  /** Only this budget may pay: a hold that grows stays where it is. */
  readonly budgetId?: number | undefined;
  /** Accounts that hold this much of the amount already (a hold that moves below them). */
  readonly heldAlready?: ReadonlyMap<number, Money> | undefined;
  /** `budget.allow_negative_balance`, or admitted under `fail: open`: never refused for money. */
  readonly allowNegative?: boolean | undefined;
}

export interface Room {
  readonly budgetId: number;
  /** 2: a ceiling was passed by choice. */
  readonly over: 0 | 2;
}

function shortOf(text: string, need: Money, sums: Sums): Refused {
  const { limit, used, held, available } = sums;
  const figures = `${toDollarsDown(available)} free (${toDollarsDown(limit)} granted, ${toDollarsUp(used)} spent, ${toDollarsUp(held)} held)`;
  return refused(
    'INSUFFICIENT_BUDGET',
    `this job needs up to ${toDollarsUp(need)}, ${text} has ${figures}`,
    {
      advice: 'ask its owner or shorten --time',
      fields: {
        required: toMicrosText(need),
        available: toMicrosText(available),
        limit: toMicrosText(limit),
        used: toMicrosText(used),
        held: toMicrosText(held),
      },
    },
  );
}

function accountShort(payer: AccountMoney, need: Money): Refused {
  const { name } = payer.account;
  const sums = accountSums(payer);
  if (exceeds(need, sums.available)) {
    return shortOf(`account ${name}`, need, sums);
  }
  // Enough together, but a job is never spread over two grants.
  return refused(
    'INSUFFICIENT_BUDGET',
    `this job needs up to ${toDollarsUp(need)}, and no single budget of account ${name} has that much free`,
    {
      advice: 'ask its owner or shorten --time',
      fields: { required: toMicrosText(need), available: toMicrosText(sums.available) },
    },
  );
}

function paying(payer: AccountMoney, need: Need): BudgetFigures | undefined {
  const open = payer.budgets.filter(
    ({ budget }) =>
      !budget.closed && (need.budgetId === undefined || budget.budgetId === need.budgetId),
  );
  const rich = open.find(({ free }) => !exceeds(need.amount, free));
  return rich ?? (need.allowNegative === true ? open[0] : undefined);
}

function lacks(figures: AccountMoney, need: Need): boolean {
  const already = need.heldAlready?.get(figures.account.accountId) ?? ZERO;
  const more = minus(need.amount, already);
  return (
    figures.budgets.length > 0 && isPositive(more) && exceeds(more, accountSums(figures).available)
  );
}

function shortAncestor(payer: PayerView, need: Need): Refused | undefined {
  const above = payer.ancestors.find((figures) => lacks(figures, need));
  return above === undefined
    ? undefined
    : shortOf(
        `${above.account.name}, which account ${payer.account.account.name} belongs to,`,
        need.amount,
        accountSums(above),
      );
}

/** PARTITION_LIMIT_EXCEEDED for the first listed partition without room (budget.md 4.4). */
export function shortPartition(
  account: AccountMoney,
  partitions: readonly string[],
  amount: Money,
): Refused | undefined {
  const short = account.partitions.find(
    (row) =>
      partitions.includes(row.limit.partition) && exceeds(amount, partitionSums(row).available),
  );
  if (short === undefined) {
    return undefined;
  }
  const { limit, used, held, available } = partitionSums(short);
  const where = `partition ${short.limit.partition} of account ${account.account.name}`;
  const figures = `${toDollarsDown(available)} free (limit ${toDollarsDown(limit)}, ${toDollarsUp(used)} spent, ${toDollarsUp(held)} held)`;
  return refused(
    'PARTITION_LIMIT_EXCEEDED',
    `this job needs up to ${toDollarsUp(amount)}, ${where} has ${figures}`,
    {
      advice: 'use another partition, ask its owner or shorten --time',
      fields: {
        required: toMicrosText(amount),
        available: toMicrosText(available),
        partition: short.limit.partition,
        partition_limit: toMicrosText(limit),
        used: toMicrosText(used),
        held: toMicrosText(held),
      },
    },
  );
}

/**
 * Reliability.md 1.1, "a new hold must fit": one budget by rank, the account and every ancestor with
 * a budget, each listed partition. Equality passes. INSUFFICIENT_BUDGET or PARTITION_LIMIT_EXCEEDED.
 */
export function roomFor(payer: PayerView, need: Need): Room | Refused {
  const own = payer.account;
  const budget = paying(own, need);
  const isChosen = need.allowNegative === true;
  if (budget === undefined || (!isChosen && lacks(own, need))) {
    return accountShort(own, need.amount);
  }
  const ancestor = shortAncestor(payer, need);
  if (ancestor !== undefined && !isChosen) {
    return ancestor;
  }
  const partition = shortPartition(own, need.partitions, need.amount);
  if (partition !== undefined) {
    return partition;
  }
  const isOver = ancestor !== undefined || lacks(own, need) || exceeds(need.amount, budget.free);
  return { budgetId: budget.budget.budgetId, over: isOver ? 2 : 0 };
}
