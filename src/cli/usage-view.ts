import type { Usage, UsageOfAll, UsageSummary } from '../../schema/output/burn.ts';
import type { DaySum } from '../core/burn/plan.ts';
import { sparkline } from '../core/burn/spark.ts';
import { dayText } from '../core/grant/calendar.ts';
import { isZero, type Money, toDollars } from '../core/money/money.ts';
import {
  divided,
  exactly,
  multiplied,
  NOTHING,
  type Ratio,
  toCents,
  toFixed,
  toNumber,
} from '../core/money/ratio.ts';
import {
  type AccountUsageAnswer,
  type AllUsageAnswer,
  trendOf,
  type UsageSums,
} from '../flows/usage.ts';
import type { UsageGroup, UsageRow } from '../ports/spending.ts';
import { forecastJson } from './burn-json.ts';
import { blockText, type Column, tableText } from './table.ts';

const PERCENT_DIGITS = 4;
const BARS = 10;
const NAMELESS = '(none)';

function percentOf(part: Money, whole: Money): Ratio {
  return isZero(whole) ? NOTHING : multiplied(divided(exactly(part), exactly(whole)), exactly(100));
}

function averageOf({ spent, jobCount }: Pick<UsageSums, 'spent' | 'jobCount'>): Money {
  return toCents(jobCount === 0 ? NOTHING : divided(exactly(spent), exactly(jobCount)));
}

function summaryJson(sums: UsageSums): UsageSummary {
  return {
    total_spent: sums.spent,
    total_held: sums.held,
    total_jobs: sums.jobCount,
    avg_cost_per_job: averageOf(sums),
    budget_utilized: toNumber(percentOf(sums.spent, sums.limit), PERCENT_DIGITS),
  };
}

function rowsJson(
  group: UsageGroup | 'account',
  rows: readonly UsageRow[],
  whole: Money,
): Usage['breakdown'] {
  return rows.map(({ label, spent, jobCount }) => ({
    category: group,
    label: label === '' ? NAMELESS : label,
    amount: spent,
    job_count: jobCount,
    percentage: toNumber(percentOf(spent, whole), PERCENT_DIGITS),
  }));
}

function spanJson(answer: Pick<AllUsageAnswer, 'fromDay' | 'toDay'>): Usage['period'] {
  return { start_date: dayText(answer.fromDay), end_date: dayText(answer.toDay) };
}

export function usageJson(answer: AccountUsageAnswer): Usage {
  return {
    account: answer.spender.name,
    period: spanJson(answer),
    summary: summaryJson(answer.sums),
    breakdown: rowsJson(answer.group, answer.breakdown, answer.sums.spent),
    forecast: forecastJson(answer.forecast),
  };
}

export function allUsageJson(answer: AllUsageAnswer): UsageOfAll {
  const { accounts, sums, group, breakdown } = answer;
  const byAccount = accounts.map((row) => ({ ...row, label: row.accountName }));
  return {
    account: '',
    period: spanJson(answer),
    summary: summaryJson(sums),
    breakdown: rowsJson(
      group ?? 'account',
      group === undefined ? byAccount : breakdown,
      sums.spent,
    ),
    accounts: accounts.map((row) => ({ account: row.accountName, ...summaryJson(row) })),
  };
}

function shown(value: Ratio): string {
  return `${toFixed(value, 1)}%`;
}

function breakdownColumns(group: UsageGroup, whole: Money): readonly Column<UsageRow>[] {
  return [
    { title: 'CATEGORY', cell: () => group },
    { title: 'LABEL', cell: ({ label }) => (label === '' ? NAMELESS : label), least: 8 },
    { title: 'AMOUNT', cell: ({ spent }) => toDollars(spent), align: 'right' },
    { title: 'JOBS', cell: ({ jobCount }) => String(jobCount), align: 'right' },
    { title: 'PERCENT', cell: ({ spent }) => shown(percentOf(spent, whole)), align: 'right' },
  ];
}

function spanText({ fromDay, toDay }: Pick<AllUsageAnswer, 'fromDay' | 'toDay'>): string {
  return `${dayText(fromDay)} to ${dayText(toDay)}`;
}

const NOTHING_SPENT = 'Nothing was spent.';

function breakdownText(
  { group, breakdown, sums }: Pick<AccountUsageAnswer, 'group' | 'breakdown' | 'sums'>,
  width: number | undefined,
): string {
  return breakdown.length === 0
    ? NOTHING_SPENT
    : tableText(breakdownColumns(group, sums.spent), breakdown, width);
}

/** `usage show` (budget.md 2.5). */
export function usageText(answer: AccountUsageAnswer, width: number | undefined): string {
  const { spender, sums } = answer;
  return [
    blockText(`Usage of ${spender.name}`, {
      Period: spanText(answer),
      'Total Spent': toDollars(sums.spent),
      'Total Held': toDollars(sums.held),
      'Total Jobs': String(sums.jobCount),
      'Average per Job': toDollars(averageOf(sums)),
      'Budget Utilized': shown(percentOf(sums.spent, sums.limit)),
    }),
    breakdownText(answer, width),
  ].join('\n\n');
}

interface Row extends UsageSums {
  readonly accountName: string;
}

export type Trends = ReadonlyMap<string, readonly DaySum[]>;

/** Only where a terminal shows it: elsewhere it would be in the way of scripts. */
export function trendColumn<R>(
  nameOf: (row: R) => string,
  trends: Trends | undefined,
  span: { readonly from: number; readonly to: number },
): readonly Column<R>[] {
  return trends === undefined
    ? []
    : [{ title: 'TREND', cell: (row) => sparkline(trends.get(nameOf(row)) ?? [], span, BARS) }];
}

/** `usage summary` (budget.md 2.5): a row an account, then all of them. */
export function allUsageText(
  answer: AllUsageAnswer,
  trends: Trends | undefined,
  width: number | undefined,
): string {
  const { accounts, sums, group } = answer;
  if (accounts.length === 0) {
    return 'No budget accounts found.';
  }
  const rows: readonly Row[] = [...accounts, { accountName: 'TOTAL', ...sums }];
  const columns: readonly Column<Row>[] = [
    { title: 'ACCOUNT', cell: ({ accountName }) => accountName, isKey: true },
    { title: 'SPENT', cell: ({ spent }) => toDollars(spent), align: 'right' },
    { title: 'HELD', cell: ({ held }) => toDollars(held), align: 'right' },
    { title: 'JOBS', cell: ({ jobCount }) => String(jobCount), align: 'right' },
    { title: 'AVG/JOB', cell: (row) => toDollars(averageOf(row)), align: 'right' },
    {
      title: 'UTILIZED',
      cell: ({ spent, limit }) => shown(percentOf(spent, limit)),
      align: 'right',
    },
    ...trendColumn(({ accountName }: Row) => accountName, trends, trendOf(answer)),
  ];
  return [
    `Usage: ${spanText(answer)}`,
    tableText(columns, rows, width),
    ...(group === undefined ? [] : [breakdownText({ ...answer, group }, width)]),
  ].join('\n\n');
}
