import { type Refused, refused } from '../errors.ts';
import type { PeriodFigures } from '../grant/carryover.ts';
import { currentPeriod } from '../grant/plan.ts';
import {
  exceeds,
  greatest,
  isPositive,
  type Money,
  minus,
  plus,
  toDollarsDown,
  toDollarsUp,
  toMicrosText,
  ZERO,
} from '../money/money.ts';
import { accountSums, partitionSums, type Sums } from './sums.ts';
import { isRunning, notRunning } from './usable.ts';
import type { AccountMoney, BudgetFigures, PayerView } from './view.ts';

/** Money that is about to be held. */
export interface Need {
  /** Direct: without F&A. */
  readonly amount: Money;
  /** What F&A comes on top if that budget pays; absent: none. */
  readonly faOf?: ((budget: BudgetFigures) => Money) | undefined;
  readonly partitions: readonly string[];
  /** Only this budget may pay: a hold that grows stays where it is. */
  readonly budgetId?: number | undefined;
  /** Accounts that hold this much of the amount already (a hold that moves below them). */
  readonly heldAlready?: ReadonlyMap<number, Money> | undefined;
  /** YYYYMMDD of a new hold: the grant's period of that day must have room where the view has periods. */
  readonly today?: number | undefined;
  /** A new hold: awards must run then. Absent: a hold that grows where it is. */
  readonly nowS?: number | undefined;
  /** `budget.allow_negative_balance`, or admitted under `fail: open`: never refused for money. */
  readonly allowNegative?: boolean | undefined;
}

export interface Room {
  readonly budgetId: number;
  readonly fa: Money;
  /** 2: a ceiling was passed by choice. */
  readonly over: 0 | 2;
}

/** A budget that might pay, with what it and its award would have to bear. */
interface Candidate {
  readonly figures: BudgetFigures;
  readonly fa: Money;
  /** Out of `free`: with basis total F&A is in it. */
  readonly own: Money;
  /** Out of the award's balance. */
  readonly ofAward: Money;
  /** What the grant's current period has left; absent: not to be looked at. */
  readonly period?: PeriodFigures | undefined;
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

function periodOf({ award }: BudgetFigures, { today }: Need): PeriodFigures | undefined {
  return award?.period === undefined || today === undefined
    ? undefined
    : currentPeriod(award, award.period, today);
}

function candidateOf(figures: BudgetFigures, need: Need): Candidate {
  const fa = need.faOf?.(figures) ?? ZERO;
  const isOwn = figures.budget.basis === 'total' || figures.award === undefined;
  return {
    figures,
    fa,
    own: isOwn ? plus(need.amount, fa) : need.amount,
    ofAward: isOwn ? ZERO : fa,
    period: periodOf(figures, need),
  };
}

/** Open budgets in order of draw; a hold that grows stays on its own. */
function candidatesOf(payer: AccountMoney, need: Need): readonly Candidate[] {
  return payer.budgets
    .filter(
      ({ budget, award }) =>
        !budget.closed &&
        (need.budgetId === undefined
          ? award === undefined || need.nowS === undefined || isRunning(award.award, need.nowS)
          : budget.budgetId === need.budgetId),
    )
    .map((figures) => candidateOf(figures, need));
}

/** F&A has its own purse: what it lacks no choice can overdraw (budget.md 4.2). */
function awardHas({ figures, ofAward }: Candidate): boolean {
  return figures.award === undefined || !exceeds(ofAward, greatest(ZERO, figures.award.left));
}

/** `enforce_period_budget`: direct and F&A alike come out of the period. */
function periodHas({ own, ofAward, period }: Candidate): boolean {
  return period === undefined || !exceeds(plus(own, ofAward), greatest(ZERO, period.remaining));
}

function paying(candidates: readonly Candidate[], need: Need): Candidate | undefined {
  const funded = candidates.filter((each) => awardHas(each) && periodHas(each));
  const rich = funded.find(({ figures, own }) => !exceeds(own, figures.free));
  return rich ?? (need.allowNegative === true ? funded[0] : undefined);
}

function lacks(figures: AccountMoney, need: Need, amount: Money): boolean {
  const already = need.heldAlready?.get(figures.account.accountId) ?? ZERO;
  const more = minus(amount, already);
  return (
    figures.budgets.length > 0 && isPositive(more) && exceeds(more, accountSums(figures).available)
  );
}

function shortAncestor(payer: PayerView, need: Need, amount: Money): Refused | undefined {
  const above = payer.ancestors.find((figures) => lacks(figures, need, amount));
  return above === undefined
    ? undefined
    : shortOf(
        `${above.account.name}, which account ${payer.account.account.name} belongs to,`,
        amount,
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

/** A grant of the account would have the money, but may not pay now: why not. */
function idleGrant(payer: AccountMoney, need: Need): Refused | undefined {
  const { nowS } = need;
  const idle = payer.budgets.find(
    (figures) =>
      !figures.budget.closed &&
      figures.award !== undefined &&
      nowS !== undefined &&
      !isRunning(figures.award.award, nowS) &&
      !exceeds(candidateOf(figures, need).own, figures.free),
  );
  return idle?.award === undefined || nowS === undefined
    ? undefined
    : notRunning(idle.award.award, nowS);
}

/** Money enough on a budget, but its award cannot bear the F&A. */
function awardShort(account: AccountMoney, candidate: Candidate): Refused {
  const { figures, ofAward } = candidate;
  const left = figures.award?.left ?? ZERO;
  const number = figures.award?.award.number ?? '';
  return refused(
    'INSUFFICIENT_BUDGET',
    `this job needs up to ${toDollarsUp(ofAward)} for indirect costs, grant ${number} of account ${account.account.name} has ${toDollarsDown(left)} left`,
    {
      advice: 'ask the owner of the grant or shorten --time',
      fields: {
        grant: number,
        required: toMicrosText(ofAward),
        available: toMicrosText(left),
      },
    },
  );
}

/** The award could bear it, but its current period has too little left. */
function periodShort({ figures, own, ofAward, period }: Candidate): Refused {
  const number = figures.award?.award.number ?? '';
  const need = plus(own, ofAward);
  const left = period?.remaining ?? ZERO;
  return refused(
    'INSUFFICIENT_BUDGET',
    `this job needs up to ${toDollarsUp(need)}, budget period ${period?.period.number} of grant ${number} has ${toDollarsDown(left)} left`,
    {
      advice: `see asbb grant periods ${number}`,
      fields: {
        grant: number,
        period: String(period?.period.number ?? ''),
        required: toMicrosText(need),
        available: toMicrosText(left),
      },
    },
  );
}

/** Why nobody pays: the account first, then its ancestors, then the award (budget.md 4.2). */
function nobodyPays(payer: PayerView, need: Need, candidates: readonly Candidate[]): Refused {
  const { account } = payer;
  const rich = candidates.find(({ figures, own }) => !exceeds(own, figures.free));
  const poor = need.allowNegative === true ? candidates[0] : rich;
  if (poor === undefined) {
    return idleGrant(account, need) ?? accountShort(account, candidates[0]?.own ?? need.amount);
  }
  const isChosen = need.allowNegative === true;
  if (!isChosen && lacks(account, need, poor.own)) {
    return accountShort(account, poor.own);
  }
  const ancestor = isChosen ? undefined : shortAncestor(payer, need, poor.own);
  return ancestor ?? (awardHas(poor) ? periodShort(poor) : awardShort(account, poor));
}

/**
 * Reliability.md 1.1, "a new hold must fit": one budget by rank whose award runs now, the account and
 * every ancestor with a budget, the award's balance for F&A, each listed partition. Equality passes.
 * INSUFFICIENT_BUDGET or PARTITION_LIMIT_EXCEEDED; ACCOUNT_INACTIVE or ACCOUNT_EXPIRED of a grant.
 */
export function roomFor(payer: PayerView, need: Need): Room | Refused {
  const own = payer.account;
  const candidates = candidatesOf(own, need);
  const candidate = paying(candidates, need);
  if (candidate === undefined) {
    return nobodyPays(payer, need, candidates);
  }
  const amount = candidate.own;
  const isChosen = need.allowNegative === true;
  const isLacking = lacks(own, need, amount);
  if (!isChosen && isLacking) {
    return accountShort(own, amount);
  }
  const ancestor = shortAncestor(payer, need, amount);
  if (ancestor !== undefined && !isChosen) {
    return ancestor;
  }
  const partition = shortPartition(own, need.partitions, amount);
  if (partition !== undefined) {
    return partition;
  }
  const { budget, free } = candidate.figures;
  const isOver = ancestor !== undefined || isLacking || exceeds(amount, free);
  return { budgetId: budget.budgetId, fa: candidate.fa, over: isOver ? 2 : 0 };
}
