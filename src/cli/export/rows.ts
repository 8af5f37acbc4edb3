import type { TransactionRow } from '../../core/ledger/transactions.ts';
import { type Money, toDecimal } from '../../core/money/money.ts';
import { csvLine } from '../../core/report/csv-line.ts';
import { jsonString } from '../json-text.ts';
import { transactionJson } from '../transaction-view.ts';

// Rows of budget.md 1.3 as CSV and as JSON lines: the keys of `transactions list --json`.

const KEYS = [
  ...['id', 'account_id', 'account', 'job_id', 'transaction_id', 'type', 'amount', 'description'],
  ...['metadata', 'status', 'parent_transaction_id', 'partition', 'effective_at', 'created_at'],
  'completed_at',
] as const;

type Value = Money | string | number | undefined;

function text(value: Value): string {
  if (value === undefined) {
    return '';
  }
  return typeof value === 'bigint' ? toDecimal(value) : String(value);
}

function valueText(value: Money | string | number): string {
  if (typeof value === 'bigint') {
    return toDecimal(value);
  }
  return typeof value === 'string' ? jsonString(value) : String(value);
}

export const CSV_HEAD = csvLine(KEYS);

export function csvRow(row: TransactionRow): string {
  const json: Readonly<Record<string, Value>> = transactionJson(row);
  return csvLine(KEYS.map((key) => text(json[key])));
}

export function jsonLine(row: TransactionRow): string {
  const json: Readonly<Record<string, Value>> = transactionJson(row);
  const members = Object.entries(json).flatMap(([key, value]) =>
    value === undefined ? [] : [`${jsonString(key)}:${valueText(value)}`],
  );
  return `{${members.join(',')}}\n`;
}
