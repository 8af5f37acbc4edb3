import { canonical, type JsonObject } from '../../core/json.ts';
import type { LedgerAccountKind } from '../../core/ledger/rows.ts';
import {
  jobText,
  ROWS_PER_TXN,
  statusOf,
  type TransactionRow,
  type TransactionType,
} from '../../core/ledger/transactions.ts';
import {
  absolute,
  isNegative,
  isPositive,
  isZero,
  type Money,
  toDollars,
} from '../../core/money/money.ts';
import { allocationId } from '../../core/schedule/postings.ts';
import type { HoldReport, LineReport, TxnReport } from '../../ports/reports.ts';

const LATE = '{"late":true}';

function lineOf(txn: TxnReport, kind: LedgerAccountKind): LineReport | undefined {
  return txn.lines.find((line) => line.kind === kind);
}

function holdOf(txn: TxnReport): HoldReport | undefined {
  return txn.holds.find(({ row }) => row.holdId === txn.holdId);
}

function holdId(hold: HoldReport | undefined): string | undefined {
  return hold && `txn_${hold.row.token}`;
}

interface Parts {
  readonly n: number;
  readonly type: TransactionType;
  readonly amount: Money;
  readonly description: string;
  readonly account: { readonly accountId: number; readonly accountName: string };
  readonly hold?: HoldReport | undefined;
  readonly partition?: string | undefined;
  readonly parent?: string | undefined;
  readonly metadata?: string | undefined;
}

/** A row that is done as soon as it stands: everything but a hold. */
function booked(txn: TxnReport, parts: Parts): TransactionRow {
  const { n, hold } = parts;
  return {
    id: txn.seq * ROWS_PER_TXN + n,
    transactionId: n === 0 ? `txn_${txn.seq}` : `txn_${txn.seq}_${n}`,
    accountId: parts.account.accountId,
    accountName: parts.account.accountName,
    jobId: hold && jobText(hold.row.jobId, hold.row.arrayTask),
    type: parts.type,
    amount: parts.amount,
    description: parts.description,
    metadata: parts.metadata,
    status: 'completed',
    parentTransactionId: parts.parent,
    partition: parts.partition === '' ? undefined : parts.partition,
    effectiveS: txn.effectiveS,
    createdUs: txn.atUs,
    completedUs: txn.atUs,
  };
}

/** A hold shows what it is now: extend, move and split change it. */
function holdRow(txn: TxnReport, hold: HoldReport, n: number): TransactionRow {
  const { row } = hold;
  const tasks = row.tasks === 1 || row.state === 'split' ? '' : ` of ${row.tasks} array tasks`;
  const who = row.userName === '' ? '' : ` for ${row.userName}`;
  return {
    ...booked(txn, {
      n,
      type: 'hold',
      amount: row.amount,
      description: `Hold${tasks}${who}`,
      account: hold,
      hold,
      partition: row.partition,
      parent: hold.parentToken && `txn_${hold.parentToken}`,
      metadata: row.pricing === '' ? undefined : row.pricing,
    }),
    transactionId: `txn_${row.token}`,
    status: statusOf(row.state),
    completedUs: hold.endedUs,
  };
}

function splitRows(txn: TxnReport): readonly TransactionRow[] {
  return txn.lines.flatMap((line) => {
    const task = txn.holds.find(({ row }) => row.holdId === line.holdId);
    return task === undefined || task.row.holdId === txn.holdId || line.kind !== 'held'
      ? []
      : [holdRow(txn, task, line.line)];
  });
}

/** What came with the cost; of one that came after its hold had ended, that it did. */
function metadataOf({ kind, metadata }: TxnReport): string | undefined {
  if (kind !== 'late' || metadata === LATE) {
    return metadata === '' ? undefined : metadata;
  }
  const told: JsonObject = metadata === '' ? {} : JSON.parse(metadata);
  return canonical({ ...told, late: true });
}

/** Volumes are paid by a transaction of their own (reliability.md I14). */
function lateWords({ cause }: TxnReport): string {
  return cause === 'volumes' ? 'Volumes of the job' : 'Late cost';
}

function costRow(txn: TxnReport): readonly TransactionRow[] {
  const spent = lineOf(txn, 'spent');
  const hold = holdOf(txn);
  const isLate = txn.kind === 'late';
  return spent === undefined
    ? []
    : [
        booked(txn, {
          n: 0,
          type: 'charge',
          amount: spent.amount,
          description: isLate ? lateWords(txn) : 'Cost of the job',
          account: spent,
          hold,
          partition: spent.partition,
          parent: holdId(hold),
          metadata: metadataOf(txn),
        }),
      ];
}

const GIVEN_BACK: Readonly<Record<string, string>> = {
  charge: 'Unused part of hold',
  release: 'Release of hold',
  expire: 'Expired hold',
};

/** What went back to the budget: a record of it, without an effect of its own. */
function refundRow(txn: TxnReport): readonly TransactionRow[] {
  const hold = holdOf(txn);
  const back = lineOf(txn, 'free');
  if (hold === undefined || back === undefined || !isPositive(back.amount)) {
    return [];
  }
  const isRecovery = txn.cause === 'recovery';
  const what = isRecovery ? 'Recovery refund for orphaned hold' : (GIVEN_BACK[txn.kind] ?? '');
  return [
    booked(txn, {
      n: 1,
      type: 'refund',
      amount: back.amount,
      description: `${what} ${holdId(hold)}`,
      account: hold,
      hold,
      partition: hold.row.partition,
      parent: holdId(hold),
    }),
  ];
}

function adjustRow(txn: TxnReport): readonly TransactionRow[] {
  const spent = lineOf(txn, 'spent');
  if (spent === undefined || isZero(spent.amount)) {
    return [];
  }
  const isRefund = txn.cause === 'refund' && isNegative(spent.amount);
  return [
    booked(txn, {
      n: 0,
      type: isRefund ? 'refund' : 'adjustment',
      amount: isRefund ? absolute(spent.amount) : spent.amount,
      description: txn.reason === '' ? `Correction (${txn.cause || 'manual'})` : txn.reason,
      account: spent,
      hold: holdOf(txn),
      metadata: metadataOf(txn),
      partition: spent.partition,
      parent: txn.parent === undefined ? undefined : `txn_${txn.parent}`,
    }),
  ];
}

/** Rows of what changes limits: one a budget that it touches, the giving side first. */
function limitRows(txn: TxnReport, type: TransactionType): readonly TransactionRow[] {
  const lines = txn.lines.filter(({ kind, amount }) => kind === 'free' && !isZero(amount));
  return lines.map((line, n) =>
    booked(txn, {
      n,
      type,
      amount: line.amount,
      description: txn.reason === '' ? limitText(txn, line.amount) : txn.reason,
      account: line,
    }),
  );
}

/** Of a schedule: named by its due date (budget.md 0.3, 4.5). */
function allocationRows(txn: TxnReport): readonly TransactionRow[] {
  const rows = limitRows(txn, 'allocation');
  const { run, cause, reason } = txn;
  if (run === undefined) {
    return rows;
  }
  const isByHand = cause === 'manual' && reason !== '';
  return rows.map((row) => ({
    ...row,
    transactionId: allocationId(run.scheduleId, run.dueDay),
    description: isByHand ? reason : 'Automated budget allocation',
  }));
}

function limitText({ verb, kind }: TxnReport, amount: Money): string {
  if (kind === 'fund') {
    const what = isNegative(amount) ? 'lowered' : 'raised';
    return `Limit ${what} by ${toDollars(absolute(amount))} (${verb})`;
  }
  return `${kind} ${isNegative(amount) ? 'from' : 'to'} this account`;
}

function reverseRows(txn: TxnReport): readonly TransactionRow[] {
  const kinds = new Set(txn.lines.map(({ kind }) => kind));
  return limitRows(txn, kinds.has('source') || kinds.has('award') ? 'fund' : 'transfer');
}

/** The rows that people see of one transaction (budget.md 1.3); extend and move show none. */
export function transactionRows(txn: TxnReport): readonly TransactionRow[] {
  switch (txn.kind) {
    case 'hold':
      return txn.holds.slice(0, 1).map((hold) => holdRow(txn, hold, 0));
    case 'split':
      return splitRows(txn);
    case 'charge':
      return [...costRow(txn), ...refundRow(txn)];
    case 'late':
      return costRow(txn);
    case 'release':
    case 'expire':
      return refundRow(txn);
    case 'adjust':
      return adjustRow(txn);
    case 'fund':
      return limitRows(txn, 'fund');
    case 'allocate':
      return allocationRows(txn);
    case 'lapse':
      return limitRows(txn, 'lapse');
    case 'transfer':
      return limitRows(txn, 'transfer');
    case 'reverse':
      return reverseRows(txn);
    case 'extend':
    case 'move':
    case 'external':
      return [];
  }
}
