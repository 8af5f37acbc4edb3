import { isRefused, type Refused } from '../errors.ts';
import { dayText } from '../grant/calendar.ts';
import type { PeriodFigures } from '../grant/carryover.ts';
import { plus } from '../money/money.ts';
import type { BudgetCost, CostTxn } from './books.ts';
import { column, extra, type ReportSection, section } from './document.ts';
import { type GrantFacts, indirectOf, indirectWarnings, mtdcFacts, sf425Input } from './facts.ts';
import type { Indirect } from './indirect.ts';
import { LINES, type LineId, type Lines, type Sf425, sf425 } from './sf425.ts';

// The sections of a financial report (budget.md 8.8).

export interface Financial {
  readonly figures: Sf425;
  readonly sections: readonly ReportSection[];
  readonly warnings: readonly string[];
}

const LINE_IDS = Object.keys(LINES) as readonly LineId[]; // its own literal's keys

export function linesSection(lines: Lines): ReportSection {
  const columns = [
    column('line', 'LINE', 'text'),
    column('label', 'TITLE', 'text'),
    column('amount', 'AMOUNT', 'money'),
  ];
  return section({ id: 'sf425', title: 'SF-425, line 10', columns }, LINE_IDS, (line) => ({
    key: line,
    cells: { line, label: LINES[line], amount: lines[line] },
  }));
}

const INDIRECT_COLUMNS = [
  column('type', 'TYPE', 'text'),
  column('rate', 'RATE', 'rate'),
  extra('base_kind', 'ON', 'text'),
  column('from', 'FROM', 'day'),
  column('to', 'TO', 'day'),
  column('base', 'BASE', 'money'),
  column('amount', 'CHARGED', 'money'),
  column('federal_share', 'FEDERAL', 'money'),
];

function indirectSection(indirect: Indirect): ReportSection {
  const head = { id: 'indirect', title: 'SF-425, line 11', columns: INDIRECT_COLUMNS };
  const rows = section(head, indirect.lines, (line, at) => ({
    key: `11.${at + 1}`,
    cells: {
      type: line.type,
      rate: line.rateE4,
      base_kind: line.base,
      from: line.fromDay,
      to: line.toDay,
      base: line.baseAmount,
      amount: line.charged,
      federal_share: line.federal,
    },
  }));
  const totals = {
    key: '11g',
    cells: {
      type: 'total',
      base: indirect.baseAmount,
      amount: indirect.charged,
      federal_share: indirect.federal,
    },
  };
  return { ...rows, rows: [...rows.rows, totals] };
}

function mtdcSection(facts: GrantFacts): ReportSection {
  const columns = [
    column('category', 'CATEGORY', 'text'),
    column('direct', 'DIRECT', 'money'),
    column('in_base', 'IN BASE', 'money'),
    column('over_cap', 'OVER CAP', 'money'),
  ];
  const head = { id: 'mtdc', title: 'Direct costs and the base', columns };
  return section(head, mtdcFacts(facts).categories, ({ category, direct, inBase, overCap }) => ({
    key: category,
    cells: { category, direct, in_base: inBase, over_cap: overCap },
  }));
}

export function periodsSection(periods: readonly PeriodFigures[]): ReportSection {
  const columns = [
    column('period_number', 'PERIOD', 'count'),
    extra('start', 'START', 'day'),
    column('end', 'END', 'day'),
    column('budget', 'BUDGET', 'money'),
    extra('carryover_in', 'CARRY IN', 'money'),
    column('spent', 'SPENT', 'money'),
    column('committed', 'COMMITTED', 'money'),
    column('unspent', 'UNSPENT', 'money'),
    column('unobligated', 'UNOBLIGATED', 'money'),
    extra('status', 'STATUS', 'text'),
  ];
  return section({ id: 'periods', title: 'Budget periods', columns }, periods, (each) => ({
    key: String(each.period.number),
    cells: {
      period_number: each.period.number,
      start: each.period.startDay,
      end: each.period.endDay,
      budget: each.period.amount,
      carryover_in: each.carryIn,
      spent: each.spent,
      committed: each.committed,
      unspent: each.unspent,
      unobligated: each.remaining,
      status: each.status,
    },
  }));
}

function accountsSection(budgets: readonly BudgetCost[]): ReportSection {
  const columns = [
    column('account', 'ACCOUNT', 'text'),
    column('direct', 'DIRECT', 'money'),
    column('indirect', 'INDIRECT', 'money'),
    column('total', 'TOTAL', 'money'),
    column('direct_in_range', 'IN RANGE', 'money'),
  ];
  const byName = [...Map.groupBy(budgets, ({ accountName }) => accountName)];
  return section({ id: 'accounts', title: 'Accounts', columns }, byName, ([account, rows]) => {
    const direct = rows.map(({ spent }) => spent).reduce(plus);
    const indirect = rows.map(({ fa }) => fa).reduce(plus);
    const inRange = rows.map(({ spentInRange }) => spentInRange).reduce(plus);
    return {
      key: account,
      cells: { account, direct, indirect, total: plus(direct, indirect), direct_in_range: inRange },
    };
  });
}

/** `--include-details`: every transaction behind 10e, by day. */
function detailsSection(costs: readonly CostTxn[]): ReportSection {
  const columns = [
    column('transaction_id', 'TRANSACTION', 'text'),
    column('date', 'DATE', 'day'),
    extra('kind', 'KIND', 'text'),
    column('account', 'ACCOUNT', 'text'),
    column('job', 'JOB', 'text'),
    column('user', 'USER', 'text'),
    extra('partition', 'PARTITION', 'text'),
    column('direct', 'DIRECT', 'money'),
    column('indirect', 'INDIRECT', 'money'),
    extra('recipient_share', 'RECIPIENT', 'money'),
  ];
  return section({ id: 'details', title: 'Every charge', columns }, costs, (cost) => ({
    key: `txn_${cost.seq}`,
    cells: {
      transaction_id: `txn_${cost.seq}`,
      date: cost.day,
      kind: cost.kind,
      account: cost.accountName,
      job: jobOf(cost),
      user: cost.userName,
      partition: cost.partition,
      direct: cost.direct,
      indirect: cost.fa,
      recipient_share: plus(cost.recipient, cost.recipientFa),
    },
  }));
}

function jobOf({ jobId, arrayTask }: CostTxn): string {
  if (jobId === undefined) {
    return '';
  }
  return arrayTask < 0 ? String(jobId) : `${jobId}_${arrayTask}`;
}

/** Lines 10 and 11, base, periods, accounts and, where asked for, every charge. VALIDATION_ERROR. */
export function financial(
  facts: GrantFacts,
  details: readonly CostTxn[] | undefined,
): Financial | Refused {
  const figures = sf425(sf425Input(facts));
  if (isRefused(figures)) {
    return figures;
  }
  const isOpenReport = facts.endDay >= facts.today;
  return {
    figures,
    sections: [
      linesSection(figures.lines),
      indirectSection(indirectOf(facts)),
      mtdcSection(facts),
      periodsSection(facts.periods),
      accountsSection(facts.books.budgets),
      ...(details === undefined ? [] : [detailsSection(details)]),
    ],
    warnings: [
      ...figures.warnings,
      ...indirectWarnings(facts),
      ...(isOpenReport
        ? [
            `the period is not over (it ends ${dayText(facts.endDay)}): its figures may still change`,
          ]
        : []),
    ],
  };
}
