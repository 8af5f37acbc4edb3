import { type Forecast, forecastOf } from '../core/burn/forecast.ts';
import { planOf } from '../core/burn/plan.ts';
import { burnMetrics } from '../core/burn/rate.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { addDays, dayOf, parseDay, parseEnd, parseStart } from '../core/grant/calendar.ts';
import { badPartition, invalid } from '../core/ledger/account-words.ts';
import { type Money, plus, ZERO } from '../core/money/money.ts';
import type {
  AccountUsage,
  Spender,
  UsageFilter,
  UsageGroup,
  UsageRow,
} from '../ports/spending.ts';
import { type AsOf, asOfDay, type BurnPorts, burnInput, findTarget } from './steps/burn-facts.ts';
import { type PartitionPorts, unknownPartition } from './steps/unknown-partition.ts';

export interface UsagePorts extends BurnPorts, PartitionPorts {
  readonly reports: BurnPorts['reports'] & PartitionPorts['reports'];
}

/** As a person writes it. */
export interface UsageQuery {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly partition?: string | undefined;
  readonly groupBy?: UsageGroup | undefined;
  readonly asOf?: string | undefined;
}

/** What was spent in the span, what is held now, by how many jobs. */
export interface UsageSums {
  readonly spent: Money;
  readonly held: Money;
  readonly limit: Money;
  readonly jobCount: number;
}

export interface UsageAnswer {
  readonly fromDay: number;
  readonly toDay: number;
  readonly sums: UsageSums;
  readonly group: UsageGroup;
  readonly breakdown: readonly UsageRow[];
}

export interface AccountUsageAnswer extends UsageAnswer {
  readonly spender: Spender;
  readonly forecast: Forecast;
}

export interface AllUsageAnswer extends Omit<UsageAnswer, 'group'> {
  /** By name. */
  readonly accounts: readonly AccountUsage[];
  /** Undefined: by account, and `breakdown` is empty. */
  readonly group: UsageGroup | undefined;
}

const USUAL_GROUP: UsageGroup = 'month';

function dayIn(text: string, flag: 'start' | 'end', zone: string): number | Refused {
  const instantS = flag === 'start' ? parseStart(text, zone) : parseEnd(text, zone);
  const day = parseDay(text) ?? (instantS === undefined ? undefined : dayOf(instantS, zone));
  return (
    day ?? invalid(`${flag}_date`, `--${flag} ${text.slice(0, 40)}: not a date`, 'use YYYY-MM-DD')
  );
}

/** The days asked for; without a start all there were, without an end up to today. */
function spanOf(query: UsageQuery, { day }: AsOf, zone: string): UsageFilter | Refused {
  const fromDay = query.start === undefined ? 0 : dayIn(query.start, 'start', zone);
  if (isRefused(fromDay)) {
    return fromDay;
  }
  const toDay = query.end === undefined ? day : dayIn(query.end, 'end', zone);
  if (isRefused(toDay)) {
    return toDay;
  }
  if (query.end !== undefined && toDay < fromDay) {
    return invalid('end_date', 'the end lies before the start');
  }
  const { partition } = query;
  const wrong = partition === undefined ? undefined : badPartition(partition);
  return wrong ?? { fromDay, toDay: Math.max(fromDay, toDay), partition };
}

function total(rows: readonly AccountUsage[]): UsageSums {
  let [spent, held, limit, jobCount] = [ZERO, ZERO, ZERO, 0];
  for (const row of rows) {
    spent = plus(spent, row.spent);
    held = plus(held, row.held);
    limit = plus(limit, row.limit);
    jobCount += row.jobCount;
  }
  return { spent, held, limit, jobCount };
}

/** `usage show`: one account. NOT_FOUND, VALIDATION_ERROR. */
export async function showUsage(
  account: string,
  query: UsageQuery,
  ports: UsagePorts,
): Promise<AccountUsageAnswer | Refused> {
  const asOf = asOfDay(query.asOf, ports);
  if (isRefused(asOf)) {
    return asOf;
  }
  const asked = spanOf(query, asOf, ports.zone);
  if (isRefused(asked)) {
    return asked;
  }
  const unknown = await unknownPartition(query.partition, ports);
  if (unknown !== undefined) {
    return unknown;
  }
  const target = await findTarget(account, { kind: 'account' }, ports);
  if (isRefused(target)) {
    return target;
  }
  const { spender } = target;
  const input = burnInput(spender, asOf, ports.zone);
  // Costs may lie before the first day of an account whose dates were changed.
  const first = Math.min(input.start, input.days[0]?.day ?? input.start, asked.toDay);
  const filter = {
    ...asked,
    accountName: spender.name,
    fromDay: query.start === undefined ? first : asked.fromDay,
  };
  const group = query.groupBy ?? USUAL_GROUP;
  const plan = planOf(input);
  return {
    spender,
    fromDay: filter.fromDay,
    toDay: filter.toDay,
    sums: total(await ports.spending.accountUsage(filter)),
    group,
    breakdown: await ports.spending.usageBy(group, filter),
    forecast: forecastOf(plan, { ...spender, metrics: burnMetrics(plan) }),
  };
}

/** `usage summary`: every account. NOT_FOUND (partition), VALIDATION_ERROR. */
export async function summarizeUsage(
  query: UsageQuery,
  ports: UsagePorts,
): Promise<AllUsageAnswer | Refused> {
  const asOf = asOfDay(query.asOf, ports);
  if (isRefused(asOf)) {
    return asOf;
  }
  const asked = spanOf(query, asOf, ports.zone);
  if (isRefused(asked)) {
    return asked;
  }
  const unknown = await unknownPartition(query.partition, ports);
  if (unknown !== undefined) {
    return unknown;
  }
  const fromDay =
    query.start === undefined
      ? Math.min((await ports.spending.firstDay()) ?? asked.toDay, asked.toDay)
      : asked.fromDay;
  const accounts = await ports.spending.accountUsage(asked);
  const { groupBy } = query;
  return {
    fromDay,
    toDay: asked.toDay,
    accounts,
    sums: total(accounts),
    group: groupBy,
    breakdown: groupBy === undefined ? [] : await ports.spending.usageBy(groupBy, asked),
  };
}

/** Where the bars of a trend begin and end. */
export function trendOf(answer: Pick<UsageAnswer, 'fromDay' | 'toDay'>): {
  readonly from: number;
  readonly to: number;
} {
  return { from: answer.fromDay, to: addDays(answer.toDay, 1) };
}
