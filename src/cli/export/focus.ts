import { instantText } from '../../core/grant/calendar.ts';
import type { TransactionRow } from '../../core/ledger/transactions.ts';
import { isNegative, type Money, negate, toDecimal } from '../../core/money/money.ts';
import { csvLine } from '../../core/report/csv-line.ts';
import type { TxnReport } from '../../ports/reports.ts';

// FOCUS 1.2 (https://focus.finops.org/focus-specification/v1-2/): the mandatory columns, those that
// apply beside them, ours under x_. Only costs are rows: charges, corrections and refunds of charges.
// A billing period is the calendar month (UTC) in which we booked the cost, a charge period its day.

const MICROS = 1_000_000;
const DAY_SECONDS = 86_400;
const HEAD = [
  ...['BilledCost', 'BillingAccountId', 'BillingAccountName', 'BillingAccountType'],
  ...['BillingCurrency', 'BillingPeriodEnd', 'BillingPeriodStart', 'ChargeCategory', 'ChargeClass'],
  ...['ChargeDescription', 'ChargeFrequency', 'ChargePeriodEnd', 'ChargePeriodStart'],
  ...['ContractedCost', 'EffectiveCost', 'InvoiceIssuerName', 'ListCost', 'PricingQuantity'],
  ...['PricingUnit', 'ProviderName', 'PublisherName', 'ResourceId', 'ResourceType'],
  ...['ServiceCategory', 'ServiceName', 'SubAccountId', 'SubAccountName', 'SubAccountType', 'Tags'],
  ...['x_JobId', 'x_Partition', 'x_TransactionId', 'x_ParentTransactionId', 'x_UserName'],
];

export const FOCUS_HEAD = csvLine(HEAD);

const COST_KINDS = new Set(['charge', 'late', 'adjust']);
const COST_TYPES = new Set(['charge', 'adjustment', 'refund']);

/** First second of the UTC month, and of the next. */
function monthOf(epochS: number): readonly [string, string] {
  const month = instantText(epochS).slice(0, 7);
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  return [`${month}-01T00:00:00Z`, `${next}-01T00:00:00Z`];
}

/** A charge and its refund record are one transaction: the refund of a hold is no cost. */
export function isCost(txn: TxnReport, { type }: TransactionRow): boolean {
  return (
    COST_KINDS.has(txn.kind) &&
    COST_TYPES.has(type) &&
    !(type === 'refund' && txn.kind !== 'adjust')
  );
}

function costOf({ type, amount }: TransactionRow): Money {
  return type === 'refund' && !isNegative(amount) ? negate(amount) : amount;
}

/** `Correction` only of what an earlier billing period has: a refund in the same month is none. */
function classOf(txn: TxnReport, booked: string): string {
  const [belongs] = monthOf(txn.effectiveS);
  return txn.kind === 'adjust' && belongs !== booked ? 'Correction' : '';
}

export function focusRow(txn: TxnReport, row: TransactionRow, cluster: string): string {
  const cost = toDecimal(costOf(row));
  const [start, end] = monthOf(Math.floor(txn.atUs / MICROS));
  const day = Math.floor(txn.effectiveS / DAY_SECONDS) * DAY_SECONDS;
  const chargeClass = classOf(txn, start);
  const user = txn.holds[0]?.row.userName ?? '';
  const quantity = txn.kind === 'adjust' ? '0' : '1';
  const tags = JSON.stringify({
    account: row.accountName,
    ...(row.partition !== undefined && { partition: row.partition }),
    ...(user !== '' && { user }),
  });
  return csvLine([
    ...[cost, cluster, cluster, 'Cluster', 'USD', end, start, 'Usage', chargeClass],
    ...[row.description, 'Usage-Based', instantText(day + DAY_SECONDS), instantText(day)],
    ...[cost, cost, cluster, cost, chargeClass === '' ? quantity : ''],
    ...[chargeClass === '' ? 'Jobs' : '', cluster, 'Amazon Web Services', row.jobId ?? ''],
    ...[row.jobId === undefined ? '' : 'SLURM job', 'Compute', 'Cluster computing'],
    ...[String(row.accountId), row.accountName, 'SLURM account', tags, row.jobId ?? ''],
    ...[row.partition ?? '', row.transactionId, row.parentTransactionId ?? '', user],
  ]);
}
