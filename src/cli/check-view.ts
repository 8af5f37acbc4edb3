import type {
  AccountStatus,
  BudgetCheck,
  ReleasedHold as ReleasedHoldJson,
  Remaining,
} from '../../schema/output/check.ts';
import { counted } from '../core/counted.ts';
import { EXIT, type ExitCode } from '../core/errors.ts';
import { dayOf, daysBetween } from '../core/grant/calendar.ts';
import { accountSums } from '../core/ledger/sums.ts';
import { effectiveStatus } from '../core/ledger/usable.ts';
import { escapeControls } from '../core/ledger/user-line.ts';
import {
  fromMicrosText,
  type Money,
  toDollars,
  toDollarsDown,
  toDollarsUp,
} from '../core/money/money.ts';
import type { CheckResult } from '../flows/check.ts';
import type { ReleasedHold } from '../flows/hold-release.ts';
import type { AccountReport } from '../ports/reports.ts';
import type { Eyes } from './account-view.ts';
import { blockText } from './table.ts';

const PERCENT = 100;

function moneyOrNone(text: string): Money | undefined {
  return text === '' ? undefined : fromMicrosText(text);
}

const SHORT = {
  INSUFFICIENT_BUDGET: 'Insufficient budget',
  PARTITION_LIMIT_EXCEEDED: 'Partition limit exceeded',
} as const;

function codeOf({ code }: CheckResult): keyof typeof SHORT | undefined {
  return code === 'INSUFFICIENT_BUDGET' || code === 'PARTITION_LIMIT_EXCEEDED' ? code : undefined;
}

/** The response of `POST /budget/check` (budget.md 3.2). */
export function checkJson(result: CheckResult, holdPercentage: string): BudgetCheck {
  const code = codeOf(result);
  const confidence = result.confidence === 0 ? undefined : result.confidence / PERCENT;
  return {
    available: result.available,
    estimated_cost: fromMicrosText(result.estimate),
    hold_amount: fromMicrosText(result.hold),
    transaction_id: result.token === '' ? undefined : `txn_${result.token}`,
    message: code === undefined ? 'Budget check passed' : SHORT[code],
    budget_remaining: fromMicrosText(result.remaining),
    recommendation: result.recommendation === '' ? undefined : result.recommendation,
    details: {
      account_balance: fromMicrosText(result.balance),
      current_hold: fromMicrosText(result.currentHold),
      partition_used: moneyOrNone(result.partitionUsed),
      partition_limit: moneyOrNone(result.partitionLimit),
      hold_percentage: Number(holdPercentage),
      advisor_confidence: confidence,
    },
    code,
    confidence,
    dry_run: result.isDryRun ? true : undefined,
  };
}

/** 10: the money or a limit does not reach. */
export function checkCode({ available }: CheckResult): ExitCode {
  return available ? EXIT.ok : EXIT.insufficientFunds;
}

export function checkText(result: CheckResult): string {
  const json = checkJson(result, '1');
  const { details } = json;
  const limit = details.partition_limit;
  return blockText('', {
    Result: json.message,
    Account: result.account,
    'Estimated Cost': toDollars(json.estimated_cost),
    'Hold Amount': toDollars(json.hold_amount),
    'Transaction ID': json.transaction_id,
    Remaining: toDollars(json.budget_remaining),
    Partition:
      limit === undefined || details.partition_used === undefined
        ? undefined
        : `${toDollars(details.partition_used)} of ${toDollars(limit)} used and held before`,
    Confidence: json.confidence === undefined ? undefined : `${result.confidence}%`,
    Recommendation: json.recommendation,
  });
}

/** One line, for people and scripts. */
export function quickText(result: CheckResult): string {
  const cost = `estimated ${toDollars(fromMicrosText(result.estimate))}, hold ${toDollarsUp(fromMicrosText(result.hold))}`;
  const left = toDollarsDown(fromMicrosText(result.remaining));
  return result.available
    ? `OK: ${cost}, ${left} left in ${result.account}`
    : `NO: ${cost}, ${left} free in ${result.account} (${result.code})`;
}

/** `status`: `account show` in short (budget.md 2.5). */
export function statusJson(report: AccountReport, { nowS, zone }: Eyes): AccountStatus {
  const { account, openHoldCount } = report.figures;
  const { limit, used, held, available } = accountSums(report.figures);
  return {
    slurm_account: account.name,
    name: account.title,
    budget_limit: limit,
    budget_used: used,
    budget_held: held,
    budget_available: available,
    effective_status: effectiveStatus(account, nowS),
    days_remaining: Math.max(0, daysBetween(dayOf(nowS, zone), dayOf(account.endS, zone))),
    open_holds: openHoldCount,
  };
}

export function statusText(status: AccountStatus): string {
  const { budget_limit: limit, budget_used: used, budget_held: held } = status;
  return [
    `${status.slurm_account} (${escapeControls(status.name)}): ${status.effective_status}, ${counted(status.days_remaining, 'day')} left`,
    `Limit: ${toDollars(limit)}  Used: ${toDollars(used)}  Held: ${toDollars(held)}` +
      `  Available: ${toDollars(status.budget_available)}`,
    `Open holds: ${status.open_holds}`,
  ].join('\n');
}

/** `940.00`: for scripts. */
export function remainingText({ figures }: AccountReport): string {
  return toDollars(accountSums(figures).available).slice(1);
}

export function remainingJson({ figures }: AccountReport): Remaining {
  return {
    account: figures.account.name,
    budget_available: accountSums(figures).available,
  };
}

export function releasedText({ answer, isChanged, isDryRun }: ReleasedHold): string {
  const amount = toDollars(fromMicrosText(answer.amount));
  return isChanged
    ? `${amount} ${isDryRun ? 'would go' : 'went'} back: txn_${answer.token}`
    : `txn_${answer.token} had been given back before.`;
}

export function releasedJson({ answer, isChanged, isDryRun }: ReleasedHold): ReleasedHoldJson {
  return {
    transaction_id: `txn_${answer.token}`,
    status: 'cancelled',
    released_amount: fromMicrosText(answer.amount),
    changed: isChanged,
    dry_run: isDryRun ? true : undefined,
  };
}
