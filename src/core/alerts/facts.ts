import type { Plan } from '../burn/plan.ts';
import type { Projection } from '../burn/project.ts';
import type { BurnMetrics } from '../burn/rate.ts';
import type { Money } from '../money/money.ts';
import type { ReportDue } from '../report/due.ts';
import type { AlertType, Severity } from './rows.ts';

// What the rules of budget.md 4.8 look at. Days are YYYYMMDD in the site zone.

/** `grant_management.alert_thresholds`, and what the rules of our own need. */
export interface Thresholds {
  readonly critical_variance: number;
  readonly warning_variance: number;
  readonly low_variance: number;
  readonly health_score_warning: number;
  readonly health_score_critical: number;
  /** Percent of a limit by which a value must come back before the limit counts as left. */
  readonly hysteresis: number;
  /** Seconds after its end at which an open hold is stale. */
  readonly staleAfterS: number;
  /** Least cost of a job that can be called unusual. */
  readonly unusualLeast: Money;
}

/** Whom an alert is about. */
export type Owner =
  | { readonly kind: 'account'; readonly id: number; readonly name: string }
  | { readonly kind: 'grant'; readonly id: number; readonly name: string }
  | { readonly kind: 'site' };

/** An account or a grant with its burn figures of today. */
export interface SpenderFacts {
  readonly owner: Exclude<Owner, { readonly kind: 'site' }>;
  readonly today: number;
  readonly endDay: number;
  /** Active, and today is one of its days. */
  readonly isRunning: boolean;
  /** B of budget.md 4.6. */
  readonly budget: Money;
  readonly used: Money;
  readonly held: Money;
  readonly available: Money;
  readonly plan: Plan;
  readonly metrics: BurnMetrics;
  readonly projection: Projection | undefined;
}

/** What is special about a grant. */
export interface GrantExtras {
  readonly owner: Extract<Owner, { readonly kind: 'grant' }>;
  readonly today: number;
  readonly endDay: number;
  /** Neither closed nor cancelled, and begun: its dates matter. */
  readonly isOpen: boolean;
  readonly period?: { readonly number: number; readonly endDay: number } | undefined;
  readonly due: readonly ReportDue[];
  /** Of charges dated after the period of performance. */
  readonly spentAfterEnd: Money;
  /** SF-425 10h as it stands: below 0 more is spent or obligated than was authorised. */
  readonly unobligated: Money;
  /** Policy `none`: what the last closed period left and lost (budget.md 8.5). */
  readonly lost?: { readonly period: number; readonly amount: Money } | undefined;
}

/** A due date that the award could not pay (budget.md 4.5). */
export interface ShortSchedule {
  readonly scheduleId: number;
  readonly day: number;
  readonly amount: Money;
}

export interface EndedSchedule {
  readonly scheduleId: number;
  readonly left: Money;
}

/** A charged job. */
export interface ChargedJob {
  /** `4711` or `4711_3`; a hold's token where no job is known. */
  readonly job: string;
  readonly cost: Money;
  /** Microseconds: when it was charged. */
  readonly atUs: number;
}

export interface FailedHold {
  readonly token: string;
  readonly job: string;
  readonly sinceS: number;
  readonly reason: string;
}

/** A job that has cost more than its execution plan wants to be told of (burst.md 3.2). */
export interface PlanCost {
  readonly jobId: number;
  readonly cluster: string;
  readonly cost: Money;
  readonly limit: Money;
  readonly atS: number;
}

/** What is special about an account. */
export interface AccountExtras {
  readonly owner: Extract<Owner, { readonly kind: 'account' }>;
  readonly nowS: number;
  readonly endedSchedules: readonly EndedSchedule[];
  readonly shortSchedules: readonly ShortSchedule[];
  /** Open holds whose end lies `staleAfterS` back, oldest first. */
  readonly staleHolds: readonly { readonly expiresS: number; readonly amount: Money }[];
  readonly failedHolds: readonly FailedHold[];
  readonly planCosts: readonly PlanCost[];
  /** The last ones, oldest first: those of the last days are judged by the ones before each. */
  readonly jobs: readonly ChargedJob[];
  /** Limit and what schedules still plan. */
  readonly budget: Money;
}

/** One rule that is met, or that keeps an alert standing. */
export interface Finding {
  readonly owner: Owner;
  readonly type: AlertType;
  readonly rule: string;
  /** Absent: not met; an alert that stands may stay, see `keeps`. */
  readonly severity: Severity | undefined;
  readonly keeps: Severity | undefined;
  readonly threshold: string;
  readonly actual: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number>>;
}
