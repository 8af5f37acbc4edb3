import { PLAN_ALERT_S } from '../burst/plan/limits.ts';
import { dayText, instantText } from '../grant/calendar.ts';
import { exceeds, sum, times, toDecimal, toDollars } from '../money/money.ts';
import type { AccountExtras, Finding, Thresholds } from './facts.ts';
import { type UnusualJob, unusualJobs } from './unusual-job.ts';

// Rules of an account beside its burn figures: what the issue asks for beyond budget.md 4.8 [N].

const DAY_S = 86_400;
const MICROS = 1_000_000;
/** An unusual job is news for so long. */
export const UNUSUAL_DAYS = 7;
/** Of the account's budget: a job above it is critical. */
const TENTH = 10;
/** Times `staleAfterS`. */
const VERY_STALE = 7;
const VERY_LONG_S = DAY_S;

function endedSchedules({ owner, endedSchedules: ended }: AccountExtras): readonly Finding[] {
  const left = sum(ended.map((schedule) => schedule.left));
  const ids = ended.map(({ scheduleId }) => scheduleId);
  return ended.length === 0
    ? []
    : [
        {
          owner,
          type: 'underspend_risk',
          rule: 'schedule',
          severity: 'info',
          keeps: 'info',
          threshold: '0',
          actual: toDecimal(left),
          message: `Account ${owner.name} has an allocation schedule that ended with ${toDollars(left)} left`,
          details: { schedules: ids.join(',') },
        },
      ];
}

/** No new job of the account can count on that money: the award must grow, or the schedule shrink. */
function shortSchedules({ owner, shortSchedules: short }: AccountExtras): readonly Finding[] {
  const [first] = short;
  if (first === undefined) {
    return [];
  }
  const amount = sum(short.map((each) => each.amount));
  const since = dayText(first.day);
  return [
    {
      owner,
      type: 'overspend_risk',
      rule: 'allocation',
      severity: 'warning',
      keeps: 'warning',
      threshold: '0',
      actual: toDecimal(amount),
      message: `Account ${owner.name} was not given ${toDollars(amount)} due since ${since}: the award has too little left`,
      details: { schedules: short.map(({ scheduleId }) => scheduleId).join(','), due_date: since },
    },
  ];
}

function staleHolds(
  { owner, nowS, staleHolds: holds }: AccountExtras,
  { staleAfterS }: Thresholds,
): readonly Finding[] {
  const [oldest] = holds;
  if (oldest === undefined) {
    return [];
  }
  const isVery = nowS - oldest.expiresS >= VERY_STALE * staleAfterS;
  const severity = isVery ? 'critical' : 'warning';
  const held = sum(holds.map(({ amount }) => amount));
  const many = holds.length === 1 ? '1 hold is' : `${holds.length} holds are`;
  return [
    {
      owner,
      type: 'stale_hold',
      rule: 'hold',
      severity,
      keeps: severity,
      threshold: '0',
      actual: String(holds.length),
      message: `Account ${owner.name}: ${many} open long after the end, ${toDollars(held)}; see asbb recover --dry-run`,
      details: { oldest_end: instantText(oldest.expiresS), amount: toDecimal(held) },
    },
  ];
}

/** Holds that `asbb recover` tried to settle and could not. */
function failedHolds({ owner, nowS, failedHolds: holds }: AccountExtras): readonly Finding[] {
  const [oldest] = holds.toSorted((a, b) => a.sinceS - b.sinceS);
  if (oldest === undefined) {
    return [];
  }
  const severity = nowS - oldest.sinceS >= VERY_LONG_S ? 'critical' : 'warning';
  const what = oldest.job === '' ? `txn_${oldest.token}` : `job ${oldest.job}`;
  const more = holds.length === 1 ? '' : ` and ${holds.length - 1} more`;
  return [
    {
      owner,
      type: 'reconciliation_failed',
      rule: 'recover',
      severity,
      keeps: severity,
      threshold: '0',
      actual: String(holds.length),
      message: `Account ${owner.name}: ${what}${more} could not be reconciled: ${oldest.reason}`,
      details: { since: instantText(oldest.sinceS), transaction_id: `txn_${oldest.token}` },
    },
  ];
}

/** Each for itself: a job and a threshold are told once, and stand for a week. */
function planCosts({ owner, nowS, planCosts: passed }: AccountExtras): readonly Finding[] {
  return passed
    .filter(({ atS }) => nowS - atS < PLAN_ALERT_S)
    .map(({ jobId, cluster, cost, limit, atS }) => ({
      owner,
      type: 'budget_threshold',
      rule: `${PLAN_RULE}${cluster}:${jobId}:${toDecimal(limit)}`,
      severity: 'warning',
      keeps: 'warning',
      threshold: toDecimal(limit),
      actual: toDecimal(cost),
      message: `Account ${owner.name}: job ${jobId} has cost ${toDollars(cost)}, its execution plan's cost_alert_threshold is ${toDollars(limit)}`,
      details: { job_id: String(jobId), cluster, since: instantText(atS) },
    }));
}

/** Rule keys of alerts that execution plans asked for begin so. */
export const PLAN_RULE = 'plan:';

function unusualFinding(
  { owner, budget }: AccountExtras,
  { job, upper, sampleSize }: UnusualJob,
): Finding {
  const severity = exceeds(times(job.cost, TENTH), budget) ? 'critical' : 'warning';
  return {
    owner,
    type: 'unusual_job',
    rule: `job:${job.job}`,
    severity,
    keeps: severity,
    threshold: toDecimal(upper),
    actual: toDecimal(job.cost),
    message: `Account ${owner.name}: job ${job.job} cost ${toDollars(job.cost)}; three of four jobs before it cost at most ${toDollars(upper)}`,
    details: { job_id: job.job, sample: sampleSize },
  };
}

export function accountFindings(extras: AccountExtras, thresholds: Thresholds): readonly Finding[] {
  const fromUs = (extras.nowS - UNUSUAL_DAYS * DAY_S) * MICROS;
  const unusual = unusualJobs(extras.jobs, { fromUs, least: thresholds.unusualLeast });
  return [
    ...endedSchedules(extras),
    ...shortSchedules(extras),
    ...staleHolds(extras, thresholds),
    ...failedHolds(extras),
    ...planCosts(extras),
    ...unusual.map((job) => unusualFinding(extras, job)),
  ];
}
