import { type BurnInput, type Plan, planOf } from '../../core/burn/plan.ts';
import { type BurnMetrics, burnMetrics } from '../../core/burn/rate.ts';
import { didYouMean } from '../../core/config/did-you-mean.ts';
import { type Refused, refused } from '../../core/errors.ts';
import { dayOf, parseDay, parseStart } from '../../core/grant/calendar.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import { type Money, sum, ZERO } from '../../core/money/money.ts';
import type { Reports } from '../../ports/reports.ts';
import type { Spender, Spending } from '../../ports/spending.ts';
import type { Clock } from '../../ports/system.ts';

/** What every flow of this kind needs of the world. */
export interface BurnPorts {
  readonly spending: Spending;
  readonly reports: Pick<Reports, 'accountNames' | 'alerts'>;
  readonly clock: Pick<Clock, 'nowUs'>;
  /** `site.timezone`. */
  readonly zone: string;
}

/** The day it is, or was said to be. */
export interface AsOf {
  readonly day: number;
  /** Before the day it really is: what was held then is not known any more. */
  readonly isPast: boolean;
}

const MICROS = 1_000_000;

/** `--as-of`: a date or an instant (budget.md 0.2); absent: now. VALIDATION_ERROR. */
export function asOfDay(
  text: string | undefined,
  { clock, zone }: Pick<BurnPorts, 'clock' | 'zone'>,
): AsOf | Refused {
  const today = dayOf(Math.floor(clock.nowUs() / MICROS), zone);
  if (text === undefined) {
    return { day: today, isPast: false };
  }
  const instantS = parseStart(text, zone);
  const day = parseDay(text) ?? (instantS === undefined ? undefined : dayOf(instantS, zone));
  return day === undefined
    ? invalid('as_of', `--as-of ${text.slice(0, 40)}: not a date`, 'use YYYY-MM-DD')
    : { day, isPast: day < today };
}

/**
 * Of a past day: used is what was spent before it, and nothing was held, since what became of holds is
 * not told by any kept sum. So the same question gets the same answer at any later time.
 */
export function burnInput(spender: Spender, { day, isPast }: AsOf, zone: string): BurnInput {
  const input = {
    start: dayOf(spender.startS, zone),
    end: dayOf(spender.endS, zone),
    today: day,
    budget: spender.budget,
    used: spender.used,
    held: spender.held,
    days: spender.days,
    extensions: spender.extensions.map(({ atS, oldEndS }) => ({
      day: dayOf(atS, zone),
      oldEnd: dayOf(oldEndS, zone),
    })),
  };
  return isPast ? { ...input, used: spentBefore(spender, day), held: ZERO } : input;
}

/** On SLURM's jobs and outside. */
function spentBefore({ days, outside }: Spender, day: number): Money {
  return sum([...days, ...outside].filter((each) => each.day < day).map(({ spent }) => spent));
}

/** A grant that counts what was booked outside SLURM as spending, day by day, and not in `used` alone. */
export function withAllCosts(spender: Spender): Spender {
  const all = Map.groupBy([...spender.days, ...spender.outside], ({ day }) => day);
  const days = [...all].map(([day, rows]) => ({ day, spent: sum(rows.map(({ spent }) => spent)) }));
  return { ...spender, days: days.toSorted((a, b) => a.day - b.day), outside: [] };
}

/** The 30-day figures of an account or a grant: what alerts, lists and decisions look at. */
export function burnOf(
  spender: Spender,
  asOf: AsOf,
  zone: string,
): { readonly plan: Plan; readonly metrics: BurnMetrics } {
  const plan = planOf(burnInput(spender, asOf, zone));
  return { plan, metrics: burnMetrics(plan) };
}

export type TargetKind = 'account' | 'grant';

export interface Target {
  readonly spender: Spender;
  /** A grant and an account have this name, and nobody said which is meant. */
  readonly isAmbiguous: boolean;
}

async function unknownTarget(
  name: string,
  kind: TargetKind | undefined,
  { reports, spending }: BurnPorts,
): Promise<Refused> {
  const known = [
    ...(kind === 'grant' ? [] : await reports.accountNames()),
    ...(kind === 'account' ? [] : await spending.grantNumbers()),
  ];
  const meant = didYouMean(name, known);
  const missing = {
    account: `Budget account '${name}' not found`,
    grant: `Grant '${name}' not found`,
  };
  const list = kind === 'grant' ? 'asbb grant list' : 'asbb account list';
  return refused(
    'NOT_FOUND',
    kind === undefined ? `No account or grant '${name}'` : missing[kind],
    {
      advice: meant === undefined || meant === name ? `see ${list}` : `did you mean ${meant}?`,
      fields: { [kind === 'grant' ? 'grant' : 'account']: name },
    },
  );
}

/** An exact grant number wins, then an exact account (budget.md 2.4). NOT_FOUND with a suggestion. */
export async function findTarget(
  name: string,
  { kind, tree }: { readonly kind?: TargetKind | undefined; readonly tree?: boolean | undefined },
  ports: BurnPorts,
): Promise<Target | Refused> {
  const names = [name];
  const [grant] = kind === 'account' ? [] : await ports.spending.grants({ names });
  const [account] = kind === 'grant' ? [] : await ports.spending.accounts({ names, tree });
  const spender = grant ?? account;
  return spender === undefined
    ? await unknownTarget(name, kind, ports)
    : { spender, isAmbiguous: grant !== undefined && account !== undefined };
}
