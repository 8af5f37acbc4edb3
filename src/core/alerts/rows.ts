// The rows of schema/migrations/0005_alerts.sql in core's words: columns in camelCase, NULL as
// undefined. Times end in S (seconds) or Us (our clock); Day is YYYYMMDD in the site zone.

/** budget.md 1.10; the last three are ours [N]. */
export const ALERT_TYPES = [
  'burn_rate_high',
  'burn_rate_low',
  'budget_threshold',
  'grant_expiring',
  'period_ending',
  'overspend_risk',
  'underspend_risk',
  'compliance_warning',
  'stale_hold',
  'reconciliation_failed',
  'unusual_job',
] as const;
export type AlertType = (typeof ALERT_TYPES)[number];

/** From mild to grave. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const ALERT_STATUSES = ['active', 'acknowledged', 'resolved', 'dismissed'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

export interface AlertRow {
  readonly alertId: number;
  /** At most one of the two; neither: the site's. */
  readonly accountId?: number | undefined;
  readonly awardId?: number | undefined;
  readonly type: AlertType;
  /** With the three above: which crossing of which limit it is. */
  readonly rule: string;
  readonly severity: Severity;
  readonly status: AlertStatus;
  /** Decimals as text. */
  readonly threshold: string;
  readonly actual: string;
  readonly message: string;
  /** JSON text of an object. */
  readonly details: string;
  readonly triggeredUs: number;
  readonly updatedUs: number;
  readonly acknowledgedUs?: number | undefined;
  readonly acknowledgedBy: string;
  readonly notes: string;
  /** Until then it is kept out of lists and messages, unless it gets graver. */
  readonly snoozedUntilS?: number | undefined;
  /** When the condition was gone. Absent: the alert stands, even a dismissed one. */
  readonly resolvedUs?: number | undefined;
}

export type Channel = 'smtp' | 'slack' | 'webhook';
export type AlertEvent = 'triggered' | 'escalated' | 'reminder' | 'resolved';

/** One message to one receiver. */
export interface MessageRow {
  readonly messageId: number;
  readonly alertId: number;
  /** The same with every attempt: Message-ID, Idempotency-Key. */
  readonly messageKey: string;
  readonly channel: Channel;
  /** Of smtp one address, else ''. */
  readonly target: string;
  readonly event: AlertEvent;
  /** JSON text of core/alerts/message.ts Told: the alert as it was then. */
  readonly body: string;
  readonly state: 'waiting' | 'sending' | 'sent' | 'failed';
  readonly attempts: number;
  readonly createdUs: number;
  /** Not before this moment. */
  readonly nextUs: number;
  /** While sending: whose it is until then. */
  readonly leaseUs?: number | undefined;
  readonly doneUs?: number | undefined;
  /** Why the last attempt failed; never a secret. */
  readonly error: string;
}

export const DEADLINE_TYPES = ['CONFERENCE', 'GRANT_REPORT', 'PERIOD_END', 'RENEWAL'] as const;
export type DeadlineType = (typeof DEADLINE_TYPES)[number];

export interface DeadlineRow {
  readonly deadlineId: number;
  /** Exactly one of the two. */
  readonly accountId?: number | undefined;
  readonly awardId?: number | undefined;
  readonly type: DeadlineType;
  readonly description: string;
  readonly day: number;
  readonly budgetImpact: string;
  readonly recommendations: readonly string[];
  readonly removed: boolean;
  readonly createdUs: number;
}
