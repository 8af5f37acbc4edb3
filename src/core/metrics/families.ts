import { SEVERITIES, type Severity } from '../alerts/rows.ts';
import { accountSums, type Sums } from '../ledger/sums.ts';
import type { TransactionStatus } from '../ledger/transactions.ts';
import type { AccountFigures } from '../ledger/view.ts';
import { type Money, sum, toDecimal } from '../money/money.ts';
import type { MetricFamily, MetricSample } from './prometheus.ts';
import { holdCounts, type RowCounts } from './transaction-counts.ts';

export interface MetricFacts {
  readonly accounts: readonly AccountFigures[];
  readonly rows: RowCounts;
  readonly holds: number;
  readonly openHolds: number;
  readonly cancelledHolds: number;
  readonly orphanedHolds: number;
  readonly allocations: number;
  readonly alerts: Readonly<Partial<Record<Severity, number>>>;
  /** Epoch seconds; undefined: never ran. */
  readonly maintainedS: number | undefined;
}

/** `metrics.namespace` and `metrics.subsystem`. */
export interface MetricNames {
  readonly namespace: string;
  readonly subsystem: string;
}

const STATUSES: readonly TransactionStatus[] = ['pending', 'completed', 'cancelled'];

function one(value: number | string): readonly MetricSample[] {
  return [{ labels: {}, value: String(value) }];
}

function byAccount(
  accounts: readonly AccountFigures[],
  choose: (sums: Sums) => Money,
): readonly MetricSample[] {
  return accounts.map((figures) => ({
    labels: { account: figures.account.name },
    value: toDecimal(choose(accountSums(figures))),
  }));
}

/** Spent on an account's own budgets: children count themselves. */
function ownSpent({ budgets }: AccountFigures): Money {
  return sum(budgets.map(({ spent }) => spent));
}

function transactions({ rows, holds, openHolds, cancelledHolds }: MetricFacts): {
  readonly total: number;
  readonly samples: readonly MetricSample[];
} {
  const byStatus = holdCounts(holds, openHolds, cancelledHolds);
  const others = Object.entries(rows).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const total = others.reduce((count, [, each]) => count + each, holds);
  return {
    total,
    samples: [
      ...STATUSES.map((status) => ({
        labels: { type: 'hold', status },
        value: String(byStatus[status] ?? 0),
      })),
      ...others.map(([type, count]) => ({
        labels: { type, status: 'completed' },
        value: String(count),
      })),
    ],
  };
}

/** What budget.md 3.11 names, in its order. */
export function metricFamilies(facts: MetricFacts, names: MetricNames): readonly MetricFamily[] {
  const { accounts, maintainedS } = facts;
  const site = names.namespace;
  const budget = `${site}_${names.subsystem}`;
  const { total, samples } = transactions(facts);
  const money = [
    ['limit', 'Limit of an account in dollars.', (sums: Sums) => sums.limit],
    ['used', 'Used by an account and those below it, in dollars.', (sums: Sums) => sums.used],
    ['held', 'Held for jobs of an account and those below it.', (sums: Sums) => sums.held],
    ['available', 'Limit less used less held, in dollars.', (sums: Sums) => sums.available],
  ] as const;
  return [
    {
      name: `${budget}_accounts_total`,
      type: 'gauge',
      help: 'Budget accounts.',
      samples: one(accounts.length),
    },
    {
      name: `${budget}_used_total`,
      type: 'gauge',
      help: 'Used by all accounts, in dollars.',
      samples: one(toDecimal(sum(accounts.map(ownSpent)))),
    },
    {
      name: `${site}_transactions_total`,
      type: 'counter',
      help: 'Rows of asbb transactions list --all.',
      samples: one(total),
    },
    ...money.map(([name, help, choose]) => ({
      ...{ name: `${budget}_${name}`, type: 'gauge' as const, help },
      samples: byAccount(accounts, choose),
    })),
    {
      name: `${site}_transactions`,
      type: 'gauge',
      help: 'Transactions by type and status.',
      samples,
    },
    {
      name: `${site}_orphaned_holds`,
      type: 'gauge',
      help: 'Pending holds past budget.reconciliation_timeout whose job no pass has seen.',
      samples: one(facts.orphanedHolds),
    },
    {
      name: `${site}_allocations_processed_total`,
      type: 'counter',
      help: 'Allocations posted by schedules.',
      samples: one(facts.allocations),
    },
    {
      name: `${site}_alerts_active`,
      type: 'gauge',
      help: 'Active alerts.',
      samples: SEVERITIES.map((severity) => ({
        labels: { severity },
        value: String(facts.alerts[severity] ?? 0),
      })),
    },
    {
      name: `${site}_last_maintenance_timestamp_seconds`,
      type: 'gauge',
      help: 'When asbb maintain last went through.',
      samples: maintainedS === undefined ? [] : one(maintainedS),
    },
  ];
}
