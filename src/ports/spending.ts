import type { DaySum } from '../core/burn/plan.ts';
import type { Money } from '../core/money/money.ts';

// What burn rates, forecasts and usage read: the sums kept with each posting (day_spend, balances),
// never the postings, but for counts of jobs and users. One read transaction each, no write lock.

/** An account or a grant, as a burn rate sees it (budget.md 4.6). */
export interface Spender {
  readonly kind: 'account' | 'grant';
  /** account_id or award_id. */
  readonly id: number;
  /** The account's name, or the grant's number. */
  readonly name: string;
  /** The account itself, or those linked to the grant, in order of their names. */
  readonly accountNames: readonly string[];
  /** Of an account: the grant first in the order of draw. */
  readonly grantNumber?: string | undefined;
  readonly startS: number;
  /** The last second. */
  readonly endS: number;
  /** B: limit and what schedules still plan to add; of a grant the award. */
  readonly budget: Money;
  readonly limit: Money;
  /** Now; of a grant with F&A and with what was spent outside SLURM. */
  readonly used: Money;
  readonly held: Money;
  /** What new jobs may still hold; of an account with children less what they have. */
  readonly available: Money;
  /** Ascending. With F&A where the budget bears it, and of a grant always. */
  readonly days: readonly DaySum[];
  /** Of a grant what entries booked outside SLURM, with F&A, by day. */
  readonly outside: readonly DaySum[];
  /** No-cost extensions of a grant, oldest first. */
  readonly extensions: readonly { readonly atS: number; readonly oldEndS: number }[];
  readonly nextAllocation?: { readonly day: number; readonly amount: Money } | undefined;
}

export interface SpenderFilter {
  /** Absent: every one. */
  readonly names?: readonly string[] | undefined;
  /** Of accounts: with the spending, used and held of all descendants. */
  readonly tree?: boolean | undefined;
}

export const USAGE_GROUPS = ['day', 'week', 'month', 'partition', 'user'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageFilter {
  readonly accountName?: string | undefined;
  readonly partition?: string | undefined;
  /** YYYYMMDD, both included. */
  readonly fromDay: number;
  readonly toDay: number;
}

/** `label`: a day `2026-11-21`, a week `2026-W47`, a month `2026-11`, a partition, a user. */
export interface UsageRow {
  readonly label: string;
  readonly spent: Money;
  /** Distinct jobs with a charge; tasks of an array count each. */
  readonly jobCount: number;
}

/** One account in a span. */
export interface AccountUsage {
  readonly accountName: string;
  readonly limit: Money;
  /** Held now, on the partition where one is asked for. */
  readonly held: Money;
  readonly spent: Money;
  readonly jobCount: number;
}

export interface Spending {
  /** By name. Unknown names are left out. */
  accounts(filter: SpenderFilter): Promise<readonly Spender[]>;
  /** By number. Unknown numbers are left out. */
  grants(filter: SpenderFilter): Promise<readonly Spender[]>;
  /** For did-you-mean. */
  grantNumbers(): Promise<readonly string[]>;
  /** One row an account, by name: all, or the one of the filter. */
  accountUsage(filter: UsageFilter): Promise<readonly AccountUsage[]>;
  /** Ascending by label. */
  usageBy(group: UsageGroup, filter: UsageFilter): Promise<readonly UsageRow[]>;
  /** The first day on which anything was spent. */
  firstDay(): Promise<number | undefined>;
  /** Of the accounts named, by name: spending of the days since `fromDay`. */
  trends(
    names: readonly string[],
    fromDay: number,
  ): Promise<ReadonlyMap<string, readonly DaySum[]>>;
  close(): void;
}
