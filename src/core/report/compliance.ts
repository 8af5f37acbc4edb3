import { counted } from '../counted.ts';
import { addDays, daysBetween, dayText } from '../grant/calendar.ts';
import type { FaRateRow } from '../grant/rows.ts';
import { isNegative, isZero, toDollars } from '../money/money.ts';
import { compared, divided, exactly, multiplied, toFixed } from '../money/ratio.ts';
import type { DayCost, OpenHold } from './books.ts';
import type { ReportDue } from './due.ts';
import type { Lines } from './sf425.ts';

// The pass/fail list of a compliance report (budget.md 8.8). It prepares figures; it certifies nothing.

export type Verdict = 'pass' | 'fail' | 'n/a';

export interface ComplianceCheck {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly detail: string;
}

export interface ComplianceFacts {
  readonly lines: Lines;
  readonly startDay: number;
  readonly endDay: number;
  readonly today: number;
  /** Every day with costs that was recorded, entries too. */
  readonly costDays: readonly DayCost[];
  readonly rates: readonly FaRateRow[];
  readonly due: readonly ReportDue[];
  readonly holds: readonly OpenHold[];
  /** Ids of predicates that do not hold; undefined: not checked. */
  readonly broken: readonly string[] | undefined;
}

const STALE_DAYS = 30;

function check(id: string, title: string, verdict: Verdict, detail: string): ComplianceCheck {
  return { id, title, verdict, detail };
}

function passIf(isGood: boolean): Verdict {
  return isGood ? 'pass' : 'fail';
}

function balance({ lines }: ComplianceFacts): ComplianceCheck {
  const rest = lines['10h'];
  const detail = `unobligated balance ${toDollars(rest)}`;
  return check('balance', 'Balance is not negative', passIf(!isNegative(rest)), detail);
}

function insidePeriod({ costDays, startDay, endDay }: ComplianceFacts): ComplianceCheck {
  const outside = costDays.filter(
    ({ day, spent, fa }) => (day < startDay || day > endDay) && !(isZero(spent) && isZero(fa)),
  );
  const [first] = outside;
  const detail =
    first === undefined
      ? `all costs fall within ${dayText(startDay)} to ${dayText(endDay)}`
      : `costs on ${counted(outside.length, 'day')} outside, first ${dayText(first.day)}`;
  return check('inside_period', 'Charges inside the period', passIf(first === undefined), detail);
}

function onTime({ due, today }: ComplianceFacts): ComplianceCheck {
  const late = due.filter(({ dueDay, submittedDay }) =>
    submittedDay === undefined ? dueDay < today : submittedDay > dueDay,
  );
  const [first] = late;
  const asked = due.filter(({ dueDay }) => dueDay < today).length;
  const detail =
    first === undefined
      ? `${counted(asked, 'report')} due, all on time`
      : `the ${first.kind} report to ${dayText(first.periodEndDay)} was due ${dayText(first.dueDay)}` +
        (first.submittedDay === undefined
          ? ' and is missing'
          : `, submitted ${dayText(first.submittedDay)}`);
  return check('reports_on_time', 'Reports on time', passIf(first === undefined), detail);
}

/** The first day that no standing rate row covers. */
function gapOf({ rates, startDay, endDay }: ComplianceFacts): number | undefined {
  const standing = rates
    .filter(({ replacedBy }) => replacedBy === undefined)
    .toSorted((a, b) => a.fromDay - b.fromDay);
  let next = startDay;
  for (const { fromDay, toDay } of standing) {
    if (fromDay > next) {
      break;
    }
    next = Math.max(next, addDays(toDay, 1));
  }
  return next > endDay ? undefined : next;
}

function ratesCover(facts: ComplianceFacts): ComplianceCheck {
  const gap = gapOf(facts);
  const detail = gap === undefined ? 'every day has a rate row' : `no rate row on ${dayText(gap)}`;
  return check('rates_cover', 'Rate rows cover all dates', passIf(gap === undefined), detail);
}

/** j / i against the share of the award's days that is over. */
function costShare({ lines, startDay, endDay, today }: ComplianceFacts): ComplianceCheck {
  const title = 'Cost share on track';
  const required = lines['10i'];
  if (isZero(required)) {
    return check('cost_share', title, 'n/a', 'no cost share is required');
  }
  const whole = daysBetween(startDay, endDay) + 1;
  const over = Math.min(whole, Math.max(0, daysBetween(startDay, today)));
  const share = divided(exactly(lines['10j']), exactly(required));
  const elapsed = divided(exactly(over), exactly(whole));
  const hundred = exactly(100);
  const detail =
    `${toFixed(multiplied(share, hundred), 1)}% of ${toDollars(required)} provided, ` +
    `${toFixed(multiplied(elapsed, hundred), 1)}% of the time over`;
  return check('cost_share', title, passIf(compared(share, elapsed) >= 0), detail);
}

function freshHolds({ holds, today }: ComplianceFacts): ComplianceCheck {
  const stale = holds.filter(
    ({ isOpen, openedDay }) => isOpen && daysBetween(openedDay, today) > STALE_DAYS,
  );
  const [first] = stale;
  const detail =
    first === undefined
      ? `${counted(holds.filter(({ isOpen }) => isOpen).length, 'pending hold')}, none older`
      : `${counted(stale.length, 'hold')}, oldest txn_${first.token} of ${dayText(first.openedDay)}`;
  return check(
    'fresh_holds',
    `No hold older than ${STALE_DAYS} days`,
    passIf(first === undefined),
    detail,
  );
}

function verified({ broken }: ComplianceFacts): ComplianceCheck {
  const title = 'Ledger verified';
  if (broken === undefined) {
    return check('ledger_verified', title, 'n/a', 'not checked');
  }
  const detail = broken.length === 0 ? 'every predicate holds' : `broken: ${broken.join(', ')}`;
  return check('ledger_verified', title, passIf(broken.length === 0), detail);
}

export function complianceChecks(facts: ComplianceFacts): readonly ComplianceCheck[] {
  const { holds } = facts;
  const byAge = { ...facts, holds: holds.toSorted((a, b) => a.openedDay - b.openedDay) };
  return [balance, insidePeriod, onTime, ratesCover, costShare, freshHolds, verified].map((each) =>
    each(byAge),
  );
}
