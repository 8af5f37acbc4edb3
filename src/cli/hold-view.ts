import type { AccountHold } from '../../schema/output/account.ts';
import { momentText } from '../core/grant/calendar.ts';
import { jobText } from '../core/ledger/transactions.ts';
import { type Money, plus, toDollars } from '../core/money/money.ts';
import type { AccountReport, HoldReport } from '../ports/reports.ts';
import { type Column, tableText } from './table.ts';
import { dateIn } from './times.ts';

/** An account with its newest open holds. */
export interface HeldAccount {
  readonly report: AccountReport;
  readonly holds: readonly HoldReport[];
}

/** F&A is in it where the account bears it (budget.md 1.3). */
function amountOf({ row }: HoldReport, { figures }: AccountReport): Money {
  const owner = figures.budgets.find(({ budget }) => budget.budgetId === row.budgetId);
  return owner?.budget.basis === 'total' ? plus(row.amount, row.fa) : row.amount;
}

export function holdsJson({ report, holds }: HeldAccount): readonly AccountHold[] {
  return holds.map((hold) => ({
    transaction_id: `txn_${hold.row.token}`,
    job_id: jobText(hold.row.jobId, hold.row.arrayTask),
    user: hold.row.userName,
    partition: hold.row.partition,
    amount: amountOf(hold, report),
    tasks: hold.row.tasks,
    created_at: momentText(hold.row.createdUs),
  }));
}

function columns(report: AccountReport, zone: string): readonly Column<HoldReport>[] {
  return [
    { title: 'TRANSACTION_ID', cell: ({ row }) => `txn_${row.token}`, least: 16 },
    {
      title: 'JOB',
      cell: ({ row }) => jobText(row.jobId, row.arrayTask) ?? '-',
      align: 'right',
    },
    { title: 'USER', cell: ({ row }) => (row.userName === '' ? '-' : row.userName), least: 6 },
    {
      title: 'PARTITION',
      cell: ({ row }) => (row.partition === '' ? '-' : row.partition),
      least: 6,
    },
    { title: 'AMOUNT', cell: (hold) => toDollars(amountOf(hold, report)), align: 'right' },
    {
      title: 'CREATED',
      cell: ({ row }) => dateIn(row.createdUs, zone),
    },
  ];
}

/** '' without any; says where the others are when there are more. */
export function holdsText({ report, holds }: HeldAccount, zone: string, width: number): string {
  if (holds.length === 0) {
    return '';
  }
  const { account, openHoldCount } = report.figures;
  const more =
    openHoldCount > holds.length
      ? `\n${holds.length} of ${openHoldCount}: asbb transactions list --account ${account.name} --type hold --status pending`
      : '';
  return `\n\nOpen Holds:\n${tableText(columns(report, zone), holds, width)}${more}`;
}
