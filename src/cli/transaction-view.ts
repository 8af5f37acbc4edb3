import type { Transaction, TransactionDetails } from '../../schema/output/transaction.ts';
import { instantText, momentText } from '../core/grant/calendar.ts';
import type { TransactionRow } from '../core/ledger/transactions.ts';
import { toDollars } from '../core/money/money.ts';
import { blockText, type Column, tableText } from './table.ts';

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

/** Shown up to the second: enough to tell rows apart, and it fits. */
function timeText(epochUs: number): string {
  return momentText(epochUs).slice(0, 10);
}

export const TRANSACTION_COLUMNS: readonly Column<TransactionRow>[] = [
  { title: 'TRANSACTION_ID', cell: ({ transactionId }) => transactionId, least: 16 },
  { title: 'ACCOUNT', cell: ({ accountName }) => accountName, isKey: true },
  { title: 'JOB', cell: ({ jobId }) => jobId ?? '-', align: 'right' },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'AMOUNT', cell: ({ amount }) => toDollars(amount), align: 'right' },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'CREATED', cell: ({ createdUs }) => timeText(createdUs) },
];

function instant(epochUs: number): string {
  return momentText(epochUs).slice(0, 19).replace('T', ' ');
}

/** `transactions show`: all fields, then parent and children. */
export function familyText({ row, parent, children }: Family, width: number): string {
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
    Effective: instant(row.effectiveS * 1_000_000),
    Created: instant(row.createdUs),
    Completed: row.completedUs === undefined ? undefined : instant(row.completedUs),
    Metadata: row.metadata,
  });
  const relatives = [
    ...(parent === undefined
      ? []
      : [`Parent:\n${tableText(TRANSACTION_COLUMNS, [parent], width)}`]),
    ...(children.length === 0
      ? []
      : [`Children:\n${tableText(TRANSACTION_COLUMNS, children, width)}`]),
  ];
  return [block, ...relatives].join('\n\n');
}
