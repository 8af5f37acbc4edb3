import { isRefused, type Refused, refused } from '../errors.ts';
import { compare, exceeds, type Money, plus, ZERO } from '../money/money.ts';
import { type AccountAnswer, badPartition, belowCommitted, findAccount } from './account-words.ts';
import type { Change, Decision } from './change.ts';
import type { AccountFigures, PartitionFigures, View } from './view.ts';

export interface SetPartitionLimit {
  readonly name: string;
  readonly partition: string;
  readonly limit: Money;
  /** A limit below what is used and held there. */
  readonly force: boolean;
}

function rowFor(figures: AccountFigures, partition: string): PartitionFigures | undefined {
  return figures.partitions.find((row) => row.limit.partition === partition);
}

function cutsTooDeep(old: PartitionFigures | undefined, ask: SetPartitionLimit): boolean {
  const committed = old === undefined ? ZERO : plus(old.held, old.spent);
  return !ask.force && exceeds(committed, ask.limit);
}

/**
 * A ceiling for one partition; 0 closes it. What was used there before counts against it. Query:
 * accounts. VALIDATION_ERROR, NOT_FOUND, IN_USE (lowered below used + held) unless forced.
 */
export function setPartitionLimit(
  view: View,
  ask: SetPartitionLimit,
): Decision<AccountAnswer> | Refused {
  const figures = findAccount(view, ask.name);
  if (isRefused(figures)) {
    return figures;
  }
  const { partition, limit } = ask;
  const old = rowFor(figures, partition);
  const obstacle = badPartition(partition);
  if (obstacle !== undefined) {
    return obstacle;
  }
  if (old !== undefined && cutsTooDeep(old, ask)) {
    const where = `partition ${partition} of account ${ask.name}`;
    return belowCommitted(where, plus(old.held, old.spent), limit);
  }
  const row = { accountId: figures.account.accountId, partition, limit };
  const isSame = old !== undefined && compare(old.limit.limit, limit) === 0;
  const changes: readonly Change[] = isSame ? [] : [{ change: 'putPartitionLimit', row }];
  return { changes, answer: { account: ask.name } };
}

/** The partition has no ceiling any more. Query: accounts. NOT_FOUND (account, or no such limit). */
export function removePartitionLimit(
  view: View,
  ask: { readonly name: string; readonly partition: string },
): Decision<AccountAnswer> | Refused {
  const figures = findAccount(view, ask.name);
  if (isRefused(figures)) {
    return figures;
  }
  const { accountId } = figures.account;
  const { partition } = ask;
  const shown = partition.slice(0, 64);
  return rowFor(figures, partition) === undefined
    ? refused('NOT_FOUND', `account ${ask.name} has no limit for partition '${shown}'`, {
        advice: `see asbb account limit list ${ask.name}`,
        fields: { account: ask.name, partition: shown },
      })
    : {
        changes: [{ change: 'removePartitionLimit', accountId, partition }],
        answer: { account: ask.name },
      };
}
