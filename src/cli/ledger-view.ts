import type {
  AccountVerify,
  LedgerInfo,
  LedgerMigrate,
  LedgerVerify,
} from '../../schema/output/ledger.ts';
import { toDollars } from '../core/money/money.ts';
import type { SumsReport } from '../flows/account-verify.ts';
import type {
  CheckResult,
  LedgerInfo as Info,
  MigrateReport,
  SumDifference,
  VerifyReport,
} from '../ports/ledger-care.ts';
import { blockText, type Column } from './table.ts';

const HASH_SHOWN = 16;
const SAMPLES_SHOWN = 5;

function wordOf({ ok, isWarning }: CheckResult): string {
  if (isWarning) {
    return 'warning';
  }
  return ok ? 'ok' : 'FAILED';
}

/** What each invariant says, in a few words (reliability.md 1.2). */
const INVARIANTS: Readonly<Record<string, string>> = {
  I1: 'postings of each transaction sum to zero',
  I2: 'kept sums are those of the postings',
  I3: 'nothing is overdrawn but by costs',
  I4: 'held money belongs to open holds',
  I5: 'a hold begins once and ends once',
  I6: 'one key for each transaction',
  I7: 'numbers have no gap',
  I8: 'the chain of hashes is whole',
  I9: 'money and times are integers',
  I10: 'every launch was intended before',
  I11: 'every instance has its tags',
  I12: 'no grant is exceeded',
  I13: 'time of instances has no gap',
  I14: 'time and F&A are priced and posted',
  I15: 'one hold for each run of a job',
  I16: 'clusters do not mix',
  I17: 'due dates are paid once',
  I18: 'reversals are exact',
  I19: 'the file is sound',
  I20: 'nothing hangs for ever',
};

export const CHECK_COLUMNS: readonly Column<CheckResult>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'INVARIANT', cell: ({ id }) => INVARIANTS[id] ?? '', least: 12 },
  { title: 'RESULT', cell: wordOf },
  { title: 'ROWS', cell: ({ rows }) => String(rows), align: 'right' },
  {
    title: 'SAMPLE',
    cell: ({ sample }) =>
      sample
        .slice(0, SAMPLES_SHOWN)
        .map((row) => row.map((cell) => cell ?? 'none').join('/'))
        .join('  '),
    least: 20,
  },
];

export function verifyJson({ checks }: VerifyReport): LedgerVerify {
  return checks.map(({ id, ok, rows, sample }) => ({
    id,
    ok,
    rows,
    sample: sample.map((row) => [...row]),
  }));
}

export function infoText(info: Info): string {
  return blockText('', {
    File: info.file,
    Size: `${info.bytes} bytes, ${info.walBytes} in the WAL`,
    Schema: `${info.schemaVersion} (this program: ${info.programVersion})`,
    Accounts: String(info.accounts),
    Transactions: String(info.transactions),
    'Journal Rows': String(info.journalRows),
    'Open Holds': String(info.openHolds),
    Head: info.head && `${info.head.seq} ${info.head.hash.slice(0, HASH_SHOWN)}…`,
    Locked: info.isLocked ? `yes: ${info.lockedBecause}` : 'no',
  });
}

export function infoJson(info: Info): LedgerInfo {
  return {
    file: info.file,
    bytes: info.bytes,
    wal_bytes: info.walBytes,
    schema_version: info.schemaVersion,
    program_version: info.programVersion,
    accounts: info.accounts,
    transactions: info.transactions,
    journal_rows: info.journalRows,
    open_holds: info.openHolds,
    head: info.head && { seq: info.head.seq, hash: info.head.hash },
    locked: info.isLocked,
    locked_because: info.isLocked ? info.lockedBecause : undefined,
  };
}

export function migrateText({ from, to, backup }: MigrateReport): string {
  const what =
    from === to
      ? `The ledger has schema ${to} already.`
      : `The ledger was migrated from schema ${from} to ${to}.`;
  return backup === '' ? what : `${what}\nSaved before: ${backup}`;
}

export function migrateJson({ from, to, backup }: MigrateReport): LedgerMigrate {
  return { from, to, backup: backup === '' ? undefined : backup };
}

export const DIFFERENCE_COLUMNS: readonly Column<SumDifference>[] = [
  { title: 'ACCOUNT', cell: ({ account }) => account },
  { title: 'SUM', cell: ({ what }) => what },
  { title: 'KEPT', cell: ({ kept }) => toDollars(kept), align: 'right' },
  { title: 'POSTINGS', cell: ({ counted }) => toDollars(counted), align: 'right' },
];

export function sumsJson({ differences, isRepaired }: SumsReport): AccountVerify {
  return {
    ok: differences.length === 0,
    repaired: isRepaired,
    differences: differences.map(({ account, what, kept, counted }) => ({
      account,
      sum: what,
      kept,
      counted,
    })),
  };
}
