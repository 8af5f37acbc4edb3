import { z } from 'zod';
import { Instant, Moment } from './common.ts';

const DAY = z.string().regex(/^\d{4}-\d{2}-\d{2}$/u);

const shape = {
  id: z.int(),
  account_id: z.int().optional(),
  account: z.string().optional(),
  grant_id: z.int().optional(),
  grant_number: z.string().optional(),
  alert_type: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  threshold_value: z.number(),
  actual_value: z.number(),
  message: z.string(),
  details: z.string().meta({ description: 'JSON in a string: rule, notes, what else is known.' }),
  triggered_at: Moment,
  acknowledged_at: Moment.optional(),
  acknowledged_by: z.string().optional(),
  resolved_at: Moment.optional(),
  snoozed_until: Instant.optional(),
  status: z.enum(['active', 'acknowledged', 'resolved', 'dismissed']),
};

/** budget.md 1.10. */
export const Alert = z.strictObject(shape);
export type Alert = z.infer<typeof Alert>;

export const AlertList = z.array(Alert);

/** After a command that changes an alert; `dry_run` only when nothing was written. */
export const ChangedAlert = z.strictObject({
  ...shape,
  changed: z.boolean(),
  dry_run: z.literal(true).optional(),
});
export type ChangedAlert = z.infer<typeof ChangedAlert>;

/** `asbb alerts check --json`. */
export const AlertCheck = z.strictObject({
  accounts: z.int(),
  grants: z.int(),
  triggered: z.int(),
  escalated: z.int(),
  resolved: z.int(),
  critical: z.boolean(),
  alerts: z.array(Alert).meta({ description: 'The active ones, gravest first.' }),
  dry_run: z.literal(true).optional(),
});
export type AlertCheck = z.infer<typeof AlertCheck>;

const deadline = {
  /** Absent: it follows from the terms of a grant (budget.md 8.6). */
  id: z.int().optional(),
  account: z.string().optional(),
  grant_number: z.string().optional(),
  type: z.enum(['CONFERENCE', 'GRANT_REPORT', 'PERIOD_END', 'RENEWAL']),
  description: z.string(),
  date: DAY,
  days_from_now: z.int(),
  severity: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']),
  budget_impact: z.string(),
  recommendations: z.array(z.string()),
};

/** budget.md 1.11, with the urgency of 4.10. */
export const Deadline = z.strictObject(deadline);
export type Deadline = z.infer<typeof Deadline>;

export const DeadlineList = z.array(Deadline);

export const ChangedDeadline = z.strictObject({
  ...deadline,
  changed: z.boolean(),
  dry_run: z.literal(true).optional(),
});
export type ChangedDeadline = z.infer<typeof ChangedDeadline>;
