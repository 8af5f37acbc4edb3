import { isPositive, type Money, sum, ZERO } from '../money/money.ts';
import type { Change } from './change.ts';

/** A share row (reliability.md 1.1) that a transaction pays. */
export interface ShareToSettle {
  readonly usageId: number;
  readonly n: number;
  readonly amount: Money;
  /** What the volumes cost meanwhile; absent: nothing. */
  readonly volume?: Money | undefined;
  /** Of its segment: they name a late posting. */
  readonly instanceId: string;
  readonly fromS: number;
}

/** Segments of instances, or an amount from a person, a file or a bill. */
export type Cost =
  | { readonly kind: 'shares'; readonly shares: readonly ShareToSettle[] }
  /** The volumes of such segments: a transaction of its own (reliability.md I14). */
  | { readonly kind: 'volumes'; readonly shares: readonly ShareToSettle[] }
  | { readonly kind: 'amount'; readonly amount: Money };

export function costAmount(cost: Cost): Money {
  switch (cost.kind) {
    case 'amount':
      return cost.amount;
    case 'shares':
      return sum(cost.shares.map(({ amount }) => amount));
    case 'volumes':
      return sum(cost.shares.map(({ volume }) => volume ?? ZERO));
  }
}

/** Marks the shares as paid by this transaction; their rows are inserted before the post. */
export function settled(cost: Cost, txnSeq: number): readonly Change[] {
  switch (cost.kind) {
    case 'amount':
      return [];
    case 'shares':
      return cost.shares.map(({ usageId, n }) => ({ change: 'settleShare', usageId, n, txnSeq }));
    case 'volumes':
      return cost.shares.map(({ usageId, n }) => ({ change: 'settleVolumes', usageId, n, txnSeq }));
  }
}

/** The volumes that come with these shares; undefined: they have none. */
export function volumesIn(shares: readonly ShareToSettle[]): Cost | undefined {
  const own = shares.filter(({ volume }) => volume !== undefined && isPositive(volume));
  return own.length === 0 ? undefined : { kind: 'volumes', shares: own };
}
