import { type DaySum, planOf } from '../burn/plan.ts';
import { burnMetrics } from '../burn/rate.ts';
import { dayOf, dayText } from '../grant/calendar.ts';
import { extensionOf } from '../grant/details.ts';
import { type Money, plus, sum, toDollars, ZERO } from '../money/money.ts';
import { type Ratio, toCents, toFixed } from '../money/ratio.ts';
import { column, type ReportSection, section } from './document.ts';
import type { GrantFacts } from './facts.ts';

/** Everything the award paid, by day, ascending. */
export function spendingDays({ books }: Pick<GrantFacts, 'books'>): readonly DaySum[] {
  const all = [...books.days, ...books.externals].map(({ day, spent, fa }) => ({
    day,
    amount: plus(spent, fa),
  }));
  return [...Map.groupBy(all, ({ day }) => day)]
    .map(([day, rows]) => ({ day, spent: sum(rows.map(({ amount }) => amount)) }))
    .toSorted((a, b) => a.day - b.day);
}

function dollars(value: Ratio): string {
  return toDollars(toCents(value));
}

/**
 * Burn rate of the grant on the day of the report, last 30 days, as `asbb burn-rate` has it: spending is
 * that of its budgets (budget.md 4.6), what remains is less by the entries too.
 */
export function burnSection(facts: GrantFacts, zone: string): ReportSection {
  const { books } = facts;
  const used = spendingDays(facts).reduce((total: Money, { spent }) => plus(total, spent), ZERO);
  const plan = planOf({
    start: facts.grantStartDay,
    end: facts.grantEndDay,
    today: facts.today,
    budget: facts.award.total,
    used,
    held: books.held,
    days: books.days.map(({ day, spent, fa }) => ({ day, spent: plus(spent, fa) })),
    extensions: facts.changes
      .filter(({ kind }) => kind === 'NCE')
      .map((change) => ({
        day: dayOf(change.effectiveS, zone),
        oldEnd: extensionOf(change).oldEndDay,
      })),
  });
  const metrics = burnMetrics(plan);
  const rows = [
    ['as_of', dayText(facts.today)],
    ['daily_spend_rate', dollars(metrics.dailySpend)],
    ['daily_expected_rate', dollars(metrics.dailyExpected)],
    ['variance_percentage', `${toFixed(metrics.variance, 1)}%`],
    ['cumulative_spend', toDollars(metrics.cumulativeSpend)],
    ['cumulative_expected', dollars(metrics.cumulativeExpected)],
    ['budget_health_score', toFixed(metrics.healthScore, 1)],
    ['budget_health_status', metrics.health],
    ['burn_rate_status', metrics.status],
    ['budget_remaining', toDollars(metrics.remaining)],
    ['time_remaining_days', String(metrics.timeRemainingDays)],
  ] as const;
  const columns = [column('metric', 'METRIC', 'text'), column('value', 'VALUE', 'text')];
  const head = { id: 'burn_rate', title: 'Burn rate of SLURM charges with F&A', columns };
  return section(head, rows, ([metric, value]) => ({ key: metric, cells: { metric, value } }));
}
