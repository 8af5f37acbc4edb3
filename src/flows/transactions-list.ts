import { isRefused, type Refused } from '../core/errors.ts';
import type { TransactionRow } from '../core/ledger/transactions.ts';
import { unknownOwner } from './steps/ask-alert.ts';
import {
  isWanted,
  type TransactionFilter,
  type TransactionPorts,
  wantedOf,
} from './steps/transaction-filter.ts';
import { transactionRows } from './steps/transaction-rows.ts';

export interface TransactionQuery extends TransactionFilter {
  readonly limit: number;
  readonly offset: number;
}

const BATCH = 500;

/** `transactions list`: newest first, ties by id downwards. VALIDATION_ERROR, NOT_FOUND. */
export async function listTransactions(
  query: TransactionQuery,
  ports: TransactionPorts,
): Promise<readonly TransactionRow[] | Refused> {
  const wanted = wantedOf(query, ports);
  if (isRefused(wanted)) {
    return wanted;
  }
  const unknown = await unknownOwner({ account: query.account }, ports.reports);
  if (unknown !== undefined) {
    return unknown;
  }
  const rows: TransactionRow[] = [];
  const enough = query.offset + query.limit;
  let beforeSeq: number | undefined;
  while (rows.length < enough) {
    const txns = await ports.reports.txns({ ...wanted.filter, beforeSeq, limit: BATCH });
    for (const txn of txns) {
      const shown = transactionRows(txn).filter((row) => isWanted(row, query, wanted));
      rows.push(...shown.toSorted((a, b) => b.id - a.id));
    }
    beforeSeq = txns.at(-1)?.seq;
    if (txns.length < BATCH) {
      break;
    }
  }
  return rows.slice(query.offset, enough);
}
