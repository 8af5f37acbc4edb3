import { DAYS_NEEDED } from '../burn/project.ts';
import { daysBetween, dayText } from '../grant/calendar.ts';
import { absolute, isNegative, isPositive, plus, toDecimal, toDollars } from '../money/money.ts';
import {
  absoluteRatio,
  compared,
  divided,
  exactly,
  fraction,
  multiplied,
  type Ratio,
  toFixed,
} from '../money/ratio.ts';
import type { Finding, SpenderFacts, Thresholds } from './facts.ts';
import { type Grade, grade, graver, type Ladder } from './grade.ts';
import type { Severity } from './rows.ts';

// The rules of budget.md 4.8 that accounts and grants share.

const PERCENT = exactly(100);
const ZERO_RATIO = exactly(0);
/** Beyond this the rate is called low, whatever `low_variance` says. */
const MILDLY_LOW = -20;
const UTILIZATION = { critical: 100, warning: 90, info: 80 };
const UNDERRUN = { warning: 50, info: 25 };
/** Part of the time that must be over before an underrun means anything. */
const HALF = fraction('0.5');
const DAYS_CLOSE = 14;
/** Digits of a percentage in JSON (budget.md 0.1), and in a sentence. */
const DIGITS = 4;
const SHOWN_DIGITS = 1;
const TRAILING_ZEROS = /\.?0+$/u;

function decimal(value: Ratio): string {
  const text = toFixed(value, DIGITS);
  return text.includes('.') ? text.replace(TRAILING_ZEROS, '') : text;
}

/** A number of the configuration, exactly as it is written. */
function limit(given: number): Ratio {
  return fraction(String(given));
}

function subjectOf({ kind, name }: SpenderFacts['owner']): string {
  return kind === 'account' ? `Account ${name}` : `Grant ${name}`;
}

interface Words {
  readonly type: Finding['type'];
  readonly rule: string;
  readonly actual: Ratio;
  readonly message: string;
}

function finding(owner: Finding['owner'], words: Words, graded: Grade | undefined): Finding[] {
  if (graded?.keeps === undefined) {
    return [];
  }
  const { severity, keeps } = graded;
  const { actual, ...rest } = words;
  const values = { threshold: decimal(graded.limit), actual: decimal(actual) };
  return [{ owner, ...rest, severity, keeps, ...values, details: {} }];
}

/** The 30-day rate beside the expected one; fewer than 7 complete days say nothing. */
function burnRate(facts: SpenderFacts, thresholds: Thresholds): readonly Finding[] {
  if (facts.plan.elapsed < DAYS_NEEDED) {
    return [];
  }
  const { variance } = facts.metrics;
  const name = subjectOf(facts.owner);
  const percent = toFixed(absoluteRatio(variance), SHOWN_DIGITS);
  const band = thresholds.hysteresis;
  const high: Ladder = {
    test: 'above',
    band,
    rungs: [
      { severity: 'critical', limit: limit(thresholds.critical_variance) },
      { severity: 'warning', limit: limit(thresholds.warning_variance) },
    ],
  };
  const low: Ladder = {
    test: 'below',
    band,
    rungs: [
      { severity: 'warning', limit: multiplied(limit(thresholds.low_variance), exactly(-1)) },
      { severity: 'info', limit: exactly(MILDLY_LOW) },
    ],
  };
  const rule = 'variance';
  const above = `${name} is spending ${percent}% above expected rate`;
  const under = `${name} is underspending by ${percent}%`;
  return [
    ...finding(
      facts.owner,
      { type: 'burn_rate_high', rule, actual: variance, message: above },
      grade(variance, high),
    ),
    ...finding(
      facts.owner,
      { type: 'burn_rate_low', rule, actual: variance, message: under },
      grade(variance, low),
    ),
  ];
}

/** Only overspending: what is not spent harms no budget's health. */
function health(facts: SpenderFacts, thresholds: Thresholds): readonly Finding[] {
  const { cumulativeSpend, cumulativeExpected, healthScore } = facts.metrics;
  if (compared(exactly(cumulativeSpend), cumulativeExpected) <= 0) {
    return [];
  }
  const graded = grade(healthScore, {
    test: 'below',
    band: thresholds.hysteresis,
    rungs: [
      { severity: 'critical', limit: limit(thresholds.health_score_critical) },
      { severity: 'warning', limit: limit(thresholds.health_score_warning) },
    ],
  });
  const word = (graded?.severity ?? graded?.keeps) === 'critical' ? 'critical' : 'low';
  const score = toFixed(healthScore, SHOWN_DIGITS);
  const message = `${subjectOf(facts.owner)} budget health score is ${word}: ${score}%`;
  const words = { type: 'budget_threshold', rule: 'health', actual: healthScore, message } as const;
  return finding(facts.owner, words, graded);
}

/** Of a budget of nothing all is used as soon as something is. */
function utilizationOf({ used, held, budget }: SpenderFacts): Ratio {
  const committed = plus(used, held);
  if (!isPositive(budget)) {
    return isPositive(committed) ? PERCENT : ZERO_RATIO;
  }
  return multiplied(divided(exactly(committed), exactly(budget)), PERCENT);
}

function utilization(facts: SpenderFacts, { hysteresis }: Thresholds): readonly Finding[] {
  const used = utilizationOf(facts);
  const rungs = [
    { severity: 'critical', limit: exactly(UTILIZATION.critical) },
    { severity: 'warning', limit: exactly(UTILIZATION.warning) },
    { severity: 'info', limit: exactly(UTILIZATION.info) },
  ] as const;
  const message = `${subjectOf(facts.owner)} has used and held ${toFixed(used, SHOWN_DIGITS)}% of its budget`;
  return finding(
    facts.owner,
    { type: 'budget_threshold', rule: 'utilization', actual: used, message },
    grade(used, { test: 'at least', band: hysteresis, rungs }),
  );
}

interface Depletion {
  readonly day: number | undefined;
  readonly severity: Severity | undefined;
  readonly keeps: Severity | undefined;
}

/**
 * A depletion day by the end is a warning; within 14 days, or an overrun of CRITICAL risk, critical. It
 * is over when the projection is back by the band: depletion by the end means a final spend of 100 %.
 */
function depletionOf(facts: SpenderFacts, { hysteresis }: Thresholds): Depletion {
  const { projection, budget, today } = facts;
  if (!facts.isRunning || projection === undefined) {
    return { day: undefined, severity: undefined, keeps: undefined };
  }
  const { depletionDay: day, finalSpend, risk } = projection;
  const isClose = day !== undefined && daysBetween(today, day) <= DAYS_CLOSE;
  const grave = isClose || risk === 'CRITICAL' ? 'critical' : 'warning';
  const percent = isPositive(budget)
    ? multiplied(divided(finalSpend, exactly(budget)), PERCENT)
    : ZERO_RATIO;
  const back = grade(percent, {
    test: 'at least',
    band: hysteresis,
    rungs: [{ severity: 'warning', limit: PERCENT }],
  });
  const severity = day === undefined ? undefined : grave;
  return { day, severity, keeps: graver(severity, back?.keeps) };
}

function depletionMessage(facts: SpenderFacts, { day }: Depletion): string {
  const { owner, available, endDay } = facts;
  const end = `${owner.kind} end ${dayText(endDay)}`;
  if (isNegative(available)) {
    return `${subjectOf(owner)} is overdrawn by ${toDollars(absolute(available))}`;
  }
  return day === undefined
    ? `${subjectOf(owner)} was projected to deplete before ${end}`
    : `${subjectOf(owner)} projected to deplete on ${dayText(day)} (before ${end})`;
}

/** The value shown is what is left; the limit is nothing. */
function depletion(facts: SpenderFacts, thresholds: Thresholds): readonly Finding[] {
  const found = depletionOf(facts, thresholds);
  const overdrawn = isNegative(facts.available) ? 'critical' : undefined;
  const severity = graver(found.severity, overdrawn);
  const keeps = graver(found.keeps, overdrawn);
  if (keeps === undefined) {
    return [];
  }
  const day = found.day;
  return [
    {
      owner: facts.owner,
      type: 'overspend_risk',
      rule: 'depletion',
      severity,
      keeps,
      threshold: '0',
      actual: toDecimal(facts.available),
      message: depletionMessage(facts, found),
      details: day === undefined ? {} : { depletion_date: dayText(day) },
    },
  ];
}

function underrun(facts: SpenderFacts, { hysteresis }: Thresholds): readonly Finding[] {
  const { projection, budget, plan } = facts;
  const isEarly = compared(divided(exactly(plan.elapsed), exactly(plan.days)), HALF) < 0;
  if (projection === undefined || isEarly || !isPositive(budget)) {
    return [];
  }
  const percent = multiplied(divided(projection.underrun, exactly(budget)), PERCENT);
  const rungs = [
    { severity: 'warning', limit: exactly(UNDERRUN.warning) },
    { severity: 'info', limit: exactly(UNDERRUN.info) },
  ] as const;
  const message = `${subjectOf(facts.owner)} is projected to leave ${toFixed(percent, SHOWN_DIGITS)}% of its budget unspent`;
  return finding(
    facts.owner,
    { type: 'underspend_risk', rule: 'projection', actual: percent, message },
    grade(percent, { test: 'above', band: hysteresis, rungs }),
  );
}

/** Every rule of an account or a grant that its burn figures decide. */
export function spenderFindings(facts: SpenderFacts, thresholds: Thresholds): readonly Finding[] {
  const always = depletion(facts, thresholds);
  return facts.isRunning
    ? [
        ...burnRate(facts, thresholds),
        ...health(facts, thresholds),
        ...utilization(facts, thresholds),
        ...always,
        ...underrun(facts, thresholds),
      ]
    : always;
}
