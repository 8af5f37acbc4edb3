import { addDays, addMonths, daysBetween, dayText } from '../grant/calendar.ts';
import { isZero, type Money, minus, plus, sum, toDollars, ZERO } from '../money/money.ts';
import { divided, exactly, multiplied, toCents, toNumber } from '../money/ratio.ts';
import { column, type ReportRow, type ReportSection, section } from './document.ts';
import type { GrantFacts } from './facts.ts';
import type { CoreUse } from './node-use.ts';
import type { Efficiency, JobFacts, Recovered, RecoveryFacts } from './use.ts';

// Who used the grant's money, where and when, and what the centre charged against its cost.

const SECONDS_PER_HOUR = 3600;
const PERCENT_DIGITS = 4;
const HOUR_DIGITS = 2;

function hours(seconds: number): number {
  return toNumber(divided(exactly(seconds), exactly(SECONDS_PER_HOUR)), HOUR_DIGITS);
}

function percentOf(part: Money, whole: Money): number {
  return isZero(whole)
    ? 0
    : toNumber(multiplied(divided(exactly(part), exactly(whole)), exactly(100)), PERCENT_DIGITS);
}

const USE_COLUMNS = [
  column('jobs', 'JOBS', 'count'),
  column('instance_hours', 'HOURS', 'hours'),
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

/** Jobs, hours and, where jobs told it, how well they used their nodes. */
export function useSummary(
  jobs: readonly JobFacts[],
  use: CoreUse,
  efficiency: Efficiency,
): readonly ReportSection[] {
  const columns = [column('metric', 'METRIC', 'text'), column('value', 'VALUE', 'count')];
  const metrics = [
    ['jobs', jobs.reduce((total, row) => total + row.jobs, 0)],
    ['users', new Set(jobs.map(({ userName }) => userName)).size],
    ['partitions', new Set(jobs.map(({ partition }) => partition)).size],
    ['instance_hours', hours(jobs.reduce((total, row) => total + row.instanceSeconds, 0))],
    ['core_hours', hours(use.coreSeconds)],
    ['gpu_hours', hours(use.gpuSeconds)],
  ] as const;
  const means = [
    ['jobs_with_efficiency', efficiency.jobs],
    ['cpu_efficiency', efficiency.cpu],
    ['memory_efficiency', efficiency.memory],
    ['gpu_efficiency', efficiency.gpu],
  ] as const;
  function rowOf([metric, value]: readonly [string, number | undefined]): ReportRow {
    return { key: metric, cells: { metric, value } };
  }
  const told = means.filter(([, value]) => value !== undefined);
  return [
    section({ id: 'summary', title: 'Use', columns }, metrics, rowOf),
    section({ id: 'efficiency', title: 'Efficiency, means', columns }, told, rowOf),
  ];
}

export function useWarnings({ unknownSeconds }: CoreUse): readonly string[] {
  return unknownSeconds === 0
    ? []
    : [
        `${hours(unknownSeconds)} instance hours are on nodes that the configuration does not name: their cores and GPUs are not counted`,
      ];
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

const RECOVERY_COLUMNS = [
  column('who', 'WHO', 'text'),
  column('charged', 'CHARGED', 'money'),
  column('for_instances', 'FOR INSTANCES', 'money'),
  column('instance_hours', 'HOURS', 'hours'),
  column('per_hour', 'PER HOUR', 'money'),
];

/** Charges by kind of user, and what an instance hour came to: 2 CFR 200.468(b)(1) asks for equal rates. */
export function recoveryUsers(facts: RecoveryFacts): ReportSection {
  const rows = [
    ['this grant', facts.grant],
    ['all grants', facts.awards],
    ['all others', facts.others],
  ] as const satisfies readonly (readonly [string, Recovered])[];
  const head = {
    id: 'recovery_users',
    title: 'Charged, by kind of user',
    columns: RECOVERY_COLUMNS,
  };
  return section(head, rows, ([who, { charged, forInstances, instanceSeconds }]) => ({
    key: who,
    cells: {
      who,
      charged,
      for_instances: forInstances,
      instance_hours: hours(instanceSeconds),
      per_hour: perHour(forInstances, instanceSeconds),
    },
  }));
}

function perHour(amount: Money, seconds: number): Money | undefined {
  return seconds === 0
    ? undefined
    : toCents(divided(multiplied(exactly(amount), exactly(SECONDS_PER_HOUR)), exactly(seconds)));
}

function chargedOf({ awards, others }: RecoveryFacts): Money {
  return plus(awards.charged, others.charged);
}

/** Charges that no segment of an instance stands for: by hand, from cost files, corrected to a bill. */
function withoutInstances(facts: RecoveryFacts): Money {
  const { awards, others } = facts;
  return minus(chargedOf(facts), plus(awards.forInstances, others.forInstances));
}

/** Charged less cost: what the rates of the next period must consider (2 CFR 200.468(b)(2)). */
export function recoveryStatement(facts: RecoveryFacts): ReportSection {
  const columns = [column('item', 'ITEM', 'text'), column('amount', 'AMOUNT', 'money')];
  const rows = [
    ['charged', 'Charged to all accounts', chargedOf(facts)],
    ['without_instances', '  of it without a record of an instance', withoutInstances(facts)],
    ['cost', 'Cost of the instances on record', facts.cost],
    ['unpaid', '  of it charged to nobody', facts.unpaid],
    ['over_recovered', 'Charged above cost (negative: below)', minus(chargedOf(facts), facts.cost)],
  ] as const;
  const head = { id: 'recovery', title: 'Charged against cost', columns };
  return section(head, rows, ([key, item, amount]) => ({ key, cells: { item, amount } }));
}

/** What the statement cannot know. */
export function recoveryWarnings(facts: RecoveryFacts): readonly string[] {
  const unknown = withoutInstances(facts);
  const over = minus(chargedOf(facts), facts.cost);
  const told = [
    'cost is the price of instance time alone: storage, network, support and staff are not in these books; add them before rates are set (2 CFR 200.468(b)(2))',
    !isZero(unknown) &&
      `${toDollars(unknown)} was charged by hand, from cost files or to correct a charge to the bill: what stands behind it is not on record here`,
    over > ZERO &&
      `charged above cost: ${toDollars(over)}; rates are adjusted at least every two years and consider it`,
  ];
  return told.flatMap((text) => (text === false ? [] : [text]));
}
