import type { Transaction, TransactionDetails } from '../../schema/output/transaction.ts';
import { instantText, momentText } from '../core/grant/calendar.ts';
import type { TransactionRow } from '../core/ledger/transactions.ts';
import { toDollars } from '../core/money/money.ts';
import { blockText, type Column, tableText } from './table.ts';
import { dateIn, timeIn } from './times.ts';

export function transactionJson(row: TransactionRow): Transaction {
  return {
    id: row.id,
    account_id: row.accountId,
    account: row.accountName,
    job_id: row.jobId,
    transaction_id: row.transactionId,
    type: row.type,
    amount: row.amount,
    description: row.description,
    metadata: row.metadata,
    status: row.status,
    parent_transaction_id: row.parentTransactionId,
    partition: row.partition,
    effective_at: instantText(row.effectiveS),
    created_at: momentText(row.createdUs),
    completed_at: row.completedUs === undefined ? undefined : momentText(row.completedUs),
  };
}

interface Family {
  readonly row: TransactionRow;
  readonly parent: TransactionRow | undefined;
  readonly children: readonly TransactionRow[];
}

export function familyJson({ row, parent, children }: Family): TransactionDetails {
  return {
    ...transactionJson(row),
    parent: parent && transactionJson(parent),
    children: children.map(transactionJson),
  };
}

const COLUMNS: readonly Column<TransactionRow>[] = [
  { title: 'TRANSACTION_ID', cell: ({ transactionId }) => transactionId, least: 16 },
  { title: 'ACCOUNT', cell: ({ accountName }) => accountName, isKey: true, least: 16 },
  { title: 'JOB', cell: ({ jobId }) => jobId ?? '-', align: 'right' },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'AMOUNT', cell: ({ amount }) => toDollars(amount), align: 'right' },
  { title: 'STATUS', cell: ({ status }) => status },
];

/** The day is that of the site zone. */
export function transactionColumns(zone: string): readonly Column<TransactionRow>[] {
  return [...COLUMNS, { title: 'CREATED', cell: ({ createdUs }) => dateIn(createdUs, zone) }];
}

/** `transactions show`: all fields, then parent and children. */
export function familyText(
  { row, parent, children }: Family,
  { zone, width }: { readonly zone: string; readonly width: number },
): string {
  const columns = transactionColumns(zone);
  const block = blockText('Transaction Details', {
    'Transaction ID': row.transactionId,
    ID: String(row.id),
    Account: row.accountName,
    Job: row.jobId,
    Type: row.type,
    Amount: toDollars(row.amount),
    Status: row.status,
    Description: row.description,
    Partition: row.partition,
    Effective: timeIn(row.effectiveS * 1_000_000, zone),
    Created: timeIn(row.createdUs, zone),
    Completed: row.completedUs === undefined ? undefined : timeIn(row.completedUs, zone),
    Metadata: row.metadata,
  });
  const relatives = [
    ...(parent === undefined ? [] : [`Parent:\n${tableText(columns, [parent], width)}`]),
    ...(children.length === 0 ? [] : [`Children:\n${tableText(columns, children, width)}`]),
  ];
  return [block, ...relatives].join('\n\n');
}
