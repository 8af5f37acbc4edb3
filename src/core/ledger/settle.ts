import { type Money, sum } from '../money/money.ts';
import type { Change } from './change.ts';

/** A share row (reliability.md 1.1) that a transaction pays. */
export interface ShareToSettle {
  readonly usageId: number;
  readonly n: number;
  readonly amount: Money;
  /** Of its segment: they name a late posting. */
  readonly instanceId: string;
  readonly fromS: number;
}

/** Segments of instances, or an amount from a person, a file or a bill. */
export type Cost =
  | { readonly kind: 'shares'; readonly shares: readonly ShareToSettle[] }
  | { readonly kind: 'amount'; readonly amount: Money };

export function costAmount(cost: Cost): Money {
  return cost.kind === 'amount' ? cost.amount : sum(cost.shares.map(({ amount }) => amount));
}

/** Marks the shares as paid by this transaction; their rows are inserted before the post. */
export function settled(cost: Cost, txnSeq: number): readonly Change[] {
  return cost.kind === 'amount'
    ? []
    : cost.shares.map(({ usageId, n }) => ({ change: 'settleShare', usageId, n, txnSeq }) as const);
}
