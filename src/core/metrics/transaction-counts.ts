import type { TxnKind } from '../ledger/rows.ts';
import type { TransactionStatus, TransactionType } from '../ledger/transactions.ts';

/** Transactions that show alike, by kind, cause and the line that they show. */
export interface TransactionCount {
  readonly kind: TxnKind;
  readonly isRefund: boolean;
  readonly line: 'free' | 'spent';
  readonly sign: -1 | 0 | 1;
  readonly hasHold: boolean;
  /** The other side of it is the source or an award. */
  readonly isOutside: boolean;
  readonly count: number;
}

/** `charge completed`: how many; the rows of budget.md 1.3. */
export type RowCounts = Readonly<Partial<Record<TransactionType, number>>>;

const LIMITS: Readonly<Partial<Record<TxnKind, TransactionType>>> = {
  fund: 'fund',
  allocate: 'allocation',
  lapse: 'lapse',
  transfer: 'transfer',
};
const ENDS: ReadonlySet<TxnKind> = new Set(['charge', 'release', 'expire']);

function typeOfSpent({ kind, sign, isRefund }: TransactionCount): TransactionType | undefined {
  if (kind === 'charge' || kind === 'late') {
    return 'charge';
  }
  if (kind !== 'adjust' || sign === 0) {
    return undefined;
  }
  return isRefund && sign < 0 ? 'refund' : 'adjustment';
}

function typeOfFree(seen: TransactionCount): TransactionType | undefined {
  const { kind, sign, hasHold, isOutside } = seen;
  if (ENDS.has(kind)) {
    return hasHold && sign > 0 ? 'refund' : undefined;
  }
  if (sign === 0) {
    return undefined;
  }
  const reversed = isOutside ? 'fund' : 'transfer';
  return kind === 'reverse' ? reversed : LIMITS[kind];
}

/** The rows that these transactions show, holds apart. Undefined: none. */
function typeOf(seen: TransactionCount): TransactionType | undefined {
  return seen.line === 'spent' ? typeOfSpent(seen) : typeOfFree(seen);
}

/** What was counted before, and what came after it. */
export function addRows(before: RowCounts, seen: readonly TransactionCount[]): RowCounts {
  const rows: Partial<Record<TransactionType, number>> = { ...before };
  for (const each of seen) {
    const type = typeOf(each);
    if (type !== undefined) {
      rows[type] = (rows[type] ?? 0) + each.count;
    }
  }
  return rows;
}

/** Holds by their status: pending ones are open, cancelled ones were given back. */
export function holdCounts(
  holds: number,
  open: number,
  cancelled: number,
): Readonly<Partial<Record<TransactionStatus, number>>> {
  return { pending: open, completed: holds - open - cancelled, cancelled };
}
