import { addDays, addMonths, daysBetween, dayText } from '../grant/calendar.ts';
import { isZero, type Money, minus, plus, sum, toDollars, ZERO } from '../money/money.ts';
import { divided, exactly, multiplied, toCents, toNumber } from '../money/ratio.ts';
import { column, type ReportSection, section } from './document.ts';
import type { GrantFacts } from './facts.ts';
import type { JobFacts, Recovered, RecoveryFacts } from './use.ts';

// Who used the grant's money, where and when, and what the centre charged against its cost.

const SECONDS_PER_HOUR = 3600;
const PERCENT_DIGITS = 4;
const HOUR_DIGITS = 2;

function hours(seconds: number): number {
  return toNumber(divided(exactly(seconds), exactly(SECONDS_PER_HOUR)), HOUR_DIGITS);
}

export function percentOf(part: Money, whole: Money): number {
  return isZero(whole)
    ? 0
    : toNumber(multiplied(divided(exactly(part), exactly(whole)), exactly(100)), PERCENT_DIGITS);
}

const USE_COLUMNS = [
  column('jobs', 'JOBS', 'count'),
  column('instance_hours', 'HOURS', 'count'),
  column('direct', 'DIRECT', 'money'),
  column('indirect', 'INDIRECT', 'money'),
  column('total', 'TOTAL', 'money'),
  column('percent', 'SHARE', 'percent'),
];

interface Head {
  readonly id: string;
  readonly title: string;
  readonly key: string;
  readonly keyTitle: string;
}

function grouped(
  { id, title, key, keyTitle }: Head,
  jobs: readonly JobFacts[],
  labelOf: (row: JobFacts) => string,
): ReportSection {
  const whole = sum(jobs.map(({ spent, fa }) => plus(spent, fa)));
  const groups = [...Map.groupBy(jobs, labelOf)].map(([label, rows]) => {
    const direct = sum(rows.map(({ spent }) => spent));
    const indirect = sum(rows.map(({ fa }) => fa));
    return {
      label,
      jobs: rows.reduce((total, row) => total + row.jobs, 0),
      seconds: rows.reduce((total, row) => total + row.instanceSeconds, 0),
      direct,
      indirect,
      total: plus(direct, indirect),
    };
  });
  const sorted = groups.toSorted((a, b) => {
    if (a.total === b.total) {
      return a.label < b.label ? -1 : 1;
    }
    return a.total > b.total ? -1 : 1;
  });
  const columns = [column(key, keyTitle, 'text'), ...USE_COLUMNS];
  return section({ id, title, columns }, sorted, (group) => ({
    key: group.label === '' ? '-' : group.label,
    cells: {
      [key]: group.label === '' ? '-' : group.label,
      jobs: group.jobs,
      instance_hours: hours(group.seconds),
      direct: group.direct,
      indirect: group.indirect,
      total: group.total,
      percent: percentOf(group.total, whole),
    },
  }));
}

export function byUser(jobs: readonly JobFacts[]): ReportSection {
  const head = { id: 'users', title: 'By user', key: 'user', keyTitle: 'USER' };
  return grouped(head, jobs, ({ userName }) => userName);
}

export function byPartition(jobs: readonly JobFacts[]): ReportSection {
  const head = { id: 'partitions', title: 'By partition', key: 'partition', keyTitle: 'PARTITION' };
  return grouped(head, jobs, ({ partition }) => partition);
}

export function useSummary(jobs: readonly JobFacts[]): ReportSection {
  const columns = [column('metric', 'METRIC', 'text'), column('value', 'VALUE', 'count')];
  const metrics = [
    ['jobs', jobs.reduce((total, row) => total + row.jobs, 0)],
    ['users', new Set(jobs.map(({ userName }) => userName)).size],
    ['partitions', new Set(jobs.map(({ partition }) => partition)).size],
    ['instance_hours', hours(jobs.reduce((total, row) => total + row.instanceSeconds, 0))],
  ] as const;
  return section({ id: 'summary', title: 'Use', columns }, metrics, ([metric, value]) => ({
    key: metric,
    cells: { metric, value },
  }));
}

interface Step {
  readonly from: number;
  readonly to: number;
}

/** Calendar months of a span; the first and last may be parts. */
function monthsOf(startDay: number, endDay: number): readonly Step[] {
  const steps: Step[] = [];
  const first = Math.floor(startDay / 100) * 100 + 1;
  for (let at = 0; ; at += 1) {
    const from = Math.max(startDay, addMonths(first, at));
    if (from > endDay) {
      return steps;
    }
    steps.push({ from, to: Math.min(endDay, addDays(addMonths(first, at + 1), -1)) });
  }
}

function spentIn(facts: GrantFacts, { from, to }: Step): Money {
  function inside({ day }: { readonly day: number }): boolean {
    return from <= day && day <= to;
  }
  const { days, externals } = facts.books;
  return sum([...days, ...externals].filter(inside).map((each) => plus(each.spent, each.fa)));
}

/** What was planned by a day: the award spread evenly over its days (budget.md 4.6). */
function plannedBy(facts: GrantFacts, day: number): Money {
  const { grantStartDay, grantEndDay, award } = facts;
  const whole = daysBetween(grantStartDay, grantEndDay) + 1;
  const over = Math.min(whole, daysBetween(grantStartDay, day) + 1);
  return toCents(multiplied(exactly(award.total), divided(exactly(over), exactly(whole))));
}

/** By month: spent, spent so far, planned so far, and what the award has left. Indirect cost included. */
export function burnDown(facts: GrantFacts): ReportSection {
  const columns = [
    column('month', 'MONTH', 'text'),
    column('spent', 'SPENT', 'money'),
    column('cumulative', 'CUMULATIVE', 'money'),
    column('planned', 'PLANNED', 'money'),
    column('remaining', 'REMAINING', 'money'),
  ];
  const steps = monthsOf(facts.grantStartDay, Math.min(facts.endDay, facts.grantEndDay));
  let cumulative = ZERO;
  const rows = steps.map((step) => {
    const spent = spentIn(facts, step);
    cumulative = plus(cumulative, spent);
    return {
      month: dayText(step.to).slice(0, 7),
      spent,
      cumulative,
      planned: plannedBy(facts, step.to),
    };
  });
  return section({ id: 'burn_down', title: 'Burn-down by month', columns }, rows, (row) => ({
    key: row.month,
    cells: { ...row, remaining: minus(facts.award.total, row.cumulative) },
  }));
}

function recoveryRow(
  who: string,
  { charged, instanceSeconds }: Recovered,
): { readonly who: string; readonly charged: Money; readonly seconds: number } {
  return { who, charged, seconds: instanceSeconds };
}

const RECOVERY_COLUMNS = [
  column('who', 'WHO', 'text'),
  column('charged', 'CHARGED', 'money'),
  column('instance_hours', 'HOURS', 'count'),
  column('per_hour', 'PER HOUR', 'money'),
];

/** Charges by kind of user, and what an instance hour came to: 2 CFR 200.468(b)(1) asks for equal rates. */
export function recoveryUsers(facts: RecoveryFacts): ReportSection {
  const rows = [
    recoveryRow('this grant', facts.grant),
    recoveryRow('all grants', facts.awards),
    recoveryRow('all others', facts.others),
  ];
  const head = {
    id: 'recovery_users',
    title: 'Charged, by kind of user',
    columns: RECOVERY_COLUMNS,
  };
  return section(head, rows, ({ who, charged, seconds }) => ({
    key: who,
    cells: {
      who,
      charged,
      instance_hours: hours(seconds),
      per_hour:
        seconds === 0
          ? undefined
          : toCents(
              divided(multiplied(exactly(charged), exactly(SECONDS_PER_HOUR)), exactly(seconds)),
            ),
    },
  }));
}

/** Charged less cost: what the rates of the next period must consider (2 CFR 200.468(b)(2)). */
export function recoveryStatement(facts: RecoveryFacts): ReportSection {
  const columns = [column('item', 'ITEM', 'text'), column('amount', 'AMOUNT', 'money')];
  const charged = plus(facts.awards.charged, facts.others.charged);
  const rows = [
    ['charged', 'Charged to all accounts', charged],
    ['cost', 'Cost of the instances', facts.cost],
    ['unpaid', 'of it charged to nobody', facts.unpaid],
    ['over_recovered', 'Over-recovered (negative: under-recovered)', minus(charged, facts.cost)],
  ] as const;
  const head = { id: 'recovery', title: 'Charged against cost', columns };
  return section(head, rows, ([key, item, amount]) => ({ key, cells: { item, amount } }));
}

/** What the statement cannot know. */
export function recoveryWarnings(facts: RecoveryFacts): readonly string[] {
  const charged = plus(facts.awards.charged, facts.others.charged);
  const over = minus(charged, facts.cost);
  return [
    'cost is the price of instance time alone: storage, network, support and staff are not in these books; add them before rates are set (2 CFR 200.468(b)(2))',
    ...(over > ZERO
      ? [
          `more was charged than the instances cost: ${toDollars(over)}; consider it in the next rates, at least every two years`,
        ]
      : []),
  ];
}
