import { isRefused, type Refused } from '../core/errors.ts';
import type { TransactionRow } from '../core/ledger/transactions.ts';
import type { TxnReport } from '../ports/reports.ts';
import { unknownOwner } from './steps/ask-alert.ts';
import {
  isWanted,
  type TransactionFilter,
  type TransactionPorts,
  type Wanted,
  wantedOf,
} from './steps/transaction-filter.ts';
import { transactionRows } from './steps/transaction-rows.ts';

export interface ExportQuery extends TransactionFilter {
  /** Whole transactions with all their lines, also of kinds that show no rows. */
  readonly isWhole: boolean;
  /** The rows that the format has; limit and offset count only these. Absent: every one. */
  readonly hasRow?: ((txn: TxnReport, row: TransactionRow) => boolean) | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export interface ExportedTxn {
  readonly txn: TxnReport;
  /** Those of its rows that were asked for. */
  readonly rows: readonly TransactionRow[];
}

export interface Export {
  /** Oldest first, a batch at a time: memory does not grow with their number. */
  readonly batches: AsyncIterable<readonly ExportedTxn[]>;
  /** Numbers of all awards by their id. */
  readonly grantNumbers: ReadonlyMap<number, string>;
}

const BATCH = 100;

/** Was anything asked of rows? Whole transactions without a row are left out then. */
function asksForRows({ type, status }: TransactionFilter): boolean {
  return type !== undefined || status !== undefined;
}

/** A limit and an offset over rows, or over transactions where they are exported whole. */
function paged(
  batch: readonly ExportedTxn[],
  page: { skip: number; left: number },
  isWhole: boolean,
): readonly ExportedTxn[] {
  const result: ExportedTxn[] = [];
  for (const { txn, rows } of batch) {
    const count = isWhole ? 1 : rows.length;
    const skipped = Math.min(page.skip, count);
    const taken = Math.min(page.left, count - skipped);
    page.skip -= skipped;
    page.left -= taken;
    if (taken > 0) {
      result.push({ txn, rows: isWhole ? rows : rows.slice(skipped, skipped + taken) });
    }
  }
  return result;
}

async function* batchesOf(
  query: ExportQuery,
  wanted: Wanted,
  { reports }: TransactionPorts,
): AsyncGenerator<readonly ExportedTxn[]> {
  const [newest] = await reports.txns({ limit: 1 });
  const end = (newest?.seq ?? 0) + 1; // what is written meanwhile is left out
  const { kinds, ...others } = wanted.filter;
  const isByRow = asksForRows(query);
  const filter = query.isWhole && !isByRow ? others : { ...others, kinds };
  const page = { skip: query.offset ?? 0, left: query.limit ?? Number.MAX_SAFE_INTEGER };
  let afterSeq = 0;
  while (page.left > 0) {
    const txns = await reports.txns({ ...filter, afterSeq, beforeSeq: end, limit: BATCH });
    const all = txns.map((txn) => ({
      txn,
      rows: transactionRows(txn).filter(
        (row) => isWanted(row, query, wanted) && query.hasRow?.(txn, row) !== false,
      ),
    }));
    const shown = query.isWhole && !isByRow ? all : all.filter(({ rows }) => rows.length > 0);
    yield paged(shown, page, query.isWhole);
    afterSeq = txns.at(-1)?.seq ?? end;
    if (txns.length < BATCH) {
      return;
    }
  }
}

/** `transactions export`: the books as they stand when it begins. VALIDATION_ERROR, NOT_FOUND. */
export async function exportTransactions(
  query: ExportQuery,
  ports: TransactionPorts,
): Promise<Export | Refused> {
  const wanted = wantedOf(query, ports);
  if (isRefused(wanted)) {
    return wanted;
  }
  const unknown = await unknownOwner({ account: query.account }, ports.reports);
  if (unknown !== undefined) {
    return unknown;
  }
  const grants = await ports.reports.grants({});
  return {
    batches: batchesOf(query, wanted, ports),
    grantNumbers: new Map(grants.map(({ figures: { award } }) => [award.awardId, award.number])),
  };
}
