import type { HoldRow } from '../../../core/ledger/rows.ts';
import type { View } from '../../../core/ledger/view.ts';
import type { Ledger } from '../../../ports/ledger.ts';
import { jobText, type RecoverAction, type RecoverRow } from './pass.ts';
import type { PassOutcome } from './run-pass.ts';

export interface RecoverReport {
  readonly rows: readonly RecoverRow[];
  readonly released: number;
  readonly reconciled: number;
  readonly kept: number;
  readonly failed: number;
}

const MICROS_PER_SECOND = 1_000_000;

/** Rows of budget.md 5: what ended, and what is old or over and was kept. */
export async function reportOf(
  ledger: Ledger,
  outcome: PassOutcome,
  olderThanS: number,
): Promise<RecoverReport> {
  const { evidence, expired, released, settled, local } = outcome;
  const entries: (readonly [HoldRow, RecoverAction, string])[] = [
    ...expired.map((hold) => [hold, 'released', 'no job showed up'] as const),
    ...released.map((hold) => [hold, 'released', 'tasks never ran'] as const),
    ...settled.map(({ finished, answer }) => {
      const why = finished.fact?.state.toLowerCase() ?? 'unknown to SLURM';
      return [finished.hold, actionOf(answer?.outcome), reasonOf(answer?.outcome, why)] as const;
    }),
    ...local.map(({ hold, action, reason }) => [hold, action, reason] as const),
  ];
  const told = new Set(entries.map(([{ token }]) => token));
  const { holds } = await ledger.read({ holds: { open: {} } });
  const old = holds.filter(
    ({ token, createdUs }) =>
      !told.has(token) && evidence.nowS - createdUs / MICROS_PER_SECOND > olderThanS,
  );
  entries.push(...old.map((hold) => [hold, 'kept', keptBecause(hold)] as const));
  const names = await accountsOf(
    ledger,
    entries.map(([{ token }]) => token),
  );
  const rows = entries.map(
    ([hold, action, reason]): RecoverRow => ({
      token: hold.token,
      job: jobText(hold),
      account: names(hold.budgetId),
      amount: hold.amount,
      ageSeconds: Math.max(0, Math.floor(evidence.nowS - hold.createdUs / MICROS_PER_SECOND)),
      action,
      reason,
    }),
  );
  function count(action: RecoverAction): number {
    return rows.filter((row) => row.action === action).length;
  }
  return {
    rows,
    released: count('released'),
    reconciled: count('reconciled'),
    kept: count('kept'),
    failed: count('failed'),
  };
}

function actionOf(outcome: string | undefined): RecoverAction {
  switch (outcome) {
    case 'charged':
    case 'late':
      return 'reconciled';
    case 'released':
      return 'released';
    case undefined:
      return 'failed';
    default:
      return 'kept';
  }
}

function reasonOf(outcome: string | undefined, state: string): string {
  switch (outcome) {
    case undefined:
      return 'see the log';
    case 'waiting':
      return `job ${state}, instances not settled yet`;
    default:
      return `job ${state}`;
  }
}

function keptBecause({ jobId }: HoldRow): string {
  return jobId === undefined ? 'no job seen yet' : 'job still in SLURM';
}

/** Our name of the account that a budget belongs to. */
async function accountsOf(
  ledger: Ledger,
  tokens: readonly string[],
): Promise<(budgetId: number) => string> {
  const view: View = await ledger.read({ holds: { tokens, owners: true } });
  const names = new Map(
    view.owners.flatMap(({ account }) =>
      account.budgets.map(({ budget }) => [budget.budgetId, account.account.name] as const),
    ),
  );
  return (budgetId) => names.get(budgetId) ?? '';
}
