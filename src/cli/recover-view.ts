import type { Maintain, Recover } from '../../schema/output/maintain.ts';
import { toDollars } from '../core/money/money.ts';
import type { MaintainResult, StepOutcome } from '../flows/maintain.ts';
import type { RecoverResult } from '../flows/recover.ts';
import type { RecoverRow } from '../flows/steps/settle/pass.ts';
import type { Column } from './table.ts';

const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

function ageText(seconds: number): string {
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  return minutes < MINUTES_PER_HOUR
    ? `${minutes}m`
    : `${Math.floor(minutes / MINUTES_PER_HOUR)}h${String(minutes % MINUTES_PER_HOUR).padStart(2, '0')}m`;
}

/** budget.md 5: TRANSACTION_ID JOB ACCOUNT AMOUNT AGE ACTION REASON. */
export const RECOVER_COLUMNS: readonly Column<RecoverRow>[] = [
  { title: 'TRANSACTION_ID', cell: ({ token }) => `txn_${token}`, least: 16 },
  { title: 'JOB', cell: ({ job }) => (job === '' ? '-' : job), align: 'right' },
  { title: 'ACCOUNT', cell: ({ account }) => account, isKey: true },
  { title: 'AMOUNT', cell: ({ amount }) => toDollars(amount), align: 'right' },
  { title: 'AGE', cell: ({ ageSeconds }) => ageText(ageSeconds), align: 'right' },
  { title: 'ACTION', cell: ({ action }) => action },
  { title: 'REASON', cell: ({ reason }) => reason, isOpenEnded: true },
];

export const STEP_COLUMNS: readonly Column<StepOutcome>[] = [
  { title: 'STEP', cell: ({ step }) => step },
  { title: 'OUTCOME', cell: ({ outcome }) => outcome },
  { title: 'MS', cell: ({ milliseconds }) => String(milliseconds), align: 'right' },
  { title: 'WHAT', cell: ({ text }) => text, least: 20 },
];

function rowJson(row: RecoverRow): Recover['holds'][number] {
  return {
    transaction_id: `txn_${row.token}`,
    job_id: row.job === '' ? undefined : row.job,
    account: row.account,
    amount: row.amount,
    age_seconds: row.ageSeconds,
    action: row.action,
    reason: row.reason,
  };
}

export function recoverJson(result: RecoverResult): Recover {
  const { isDryRun, rows, released, reconciled, kept, failed } = result;
  return { dry_run: isDryRun, holds: rows.map(rowJson), released, reconciled, kept, failed };
}

export function recoverLine({ released, reconciled, kept, failed }: RecoverResult): string {
  return `Recovered: ${released} released, ${reconciled} reconciled, ${kept} kept, ${failed} failed`;
}

export function maintainJson({ state, steps, recovered }: MaintainResult): Maintain {
  return {
    state,
    steps: steps.map((step) => ({ ...step })),
    holds: (recovered?.rows ?? []).map(rowJson),
  };
}
