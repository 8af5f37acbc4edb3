import { z } from 'zod';
import { Dollars, Moment } from './common.ts';

const Day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/u)
  .meta({ description: 'A day in the site zone.' });
const BURN = z.enum(['OVERSPENDING', 'ON_TRACK', 'UNDERSPENDING', 'UNKNOWN']);
const HEALTH = z.enum(['HEALTHY', 'CONCERN', 'WARNING', 'CRITICAL']);
const RISK = z.enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']);

const Metrics = z.strictObject({
  daily_spend_rate: Dollars,
  daily_expected_rate: Dollars,
  variance_percentage: z.number(),
  rolling_7day_average: Dollars,
  rolling_30day_average: Dollars,
  cumulative_spend: Dollars,
  cumulative_expected: Dollars,
  cumulative_variance_pct: z.number(),
  budget_health_score: z.number(),
  budget_remaining_amount: Dollars,
  budget_remaining_percent: z.number(),
  time_remaining_days: z.int(),
  burn_rate_status: BURN,
  budget_health_status: HEALTH,
});

const History = z.strictObject({
  date: Day,
  daily_spend: Dollars,
  daily_expected: Dollars,
  variance_percentage: z.number(),
  cumulative_spend: Dollars,
  cumulative_expected: Dollars,
  budget_health_score: z.number(),
});

const Projection = z.strictObject({
  projected_end_date: Day,
  projected_depletion_date: Day.optional(),
  projected_final_spend: Dollars,
  projected_low: Dollars,
  projected_high: Dollars,
  projected_overrun: Dollars,
  projected_underrun: Dollars,
  confidence_level: z.number(),
  projection_method: z.literal('rolling_average'),
  risk_level: RISK,
});

/** An active alert as budget.md 1.10 has it. */
const Alert = z.strictObject({
  id: z.int(),
  account: z.string().optional(),
  grant_number: z.string().optional(),
  alert_type: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  threshold_value: z.number(),
  actual_value: z.number(),
  message: z.string(),
  triggered_at: Moment,
  status: z.string(),
});

/** budget.md 3.7. `account` is '' for a grant that several accounts draw on. */
export const BurnRate = z.strictObject({
  account: z.string(),
  grant_number: z.string().optional(),
  analysis_period: z.string(),
  time_range: z.strictObject({ start_date: Day, end_date: Day, days: z.int() }),
  current_metrics: Metrics,
  outside_slurm: Dollars.optional().meta({
    description:
      'Of a grant: entered beside SLURM; in what remains, in no rate. 0 with --all-costs.',
  }),
  historical_data: z.array(History),
  projection: Projection.optional(),
  alerts: z.array(Alert).optional(),
  recommendations: z.array(z.string()),
});
export type BurnRate = z.infer<typeof BurnRate>;

/** budget.md 3.5. Without `projected_spend`: not enough data. */
export const Forecast = z.strictObject({
  projected_spend: Dollars.optional(),
  projected_depletion: Day.optional(),
  burn_rate: Dollars,
  confidence: z.number(),
  recommendation: z.string(),
});
export type Forecast = z.infer<typeof Forecast>;

export const UsageSummary = z.strictObject({
  total_spent: Dollars,
  total_held: Dollars,
  total_jobs: z.int(),
  avg_cost_per_job: Dollars,
  budget_utilized: z.number(),
});
export type UsageSummary = z.infer<typeof UsageSummary>;

const Breakdown = z.strictObject({
  category: z.enum(['day', 'week', 'month', 'partition', 'user', 'account']),
  label: z.string(),
  amount: Dollars,
  job_count: z.int(),
  percentage: z.number(),
});

const Span = z.strictObject({ start_date: Day, end_date: Day });

/** budget.md 3.5, of one account. */
export const Usage = z.strictObject({
  account: z.string(),
  period: Span,
  summary: UsageSummary,
  breakdown: z.array(Breakdown),
  forecast: Forecast,
});
export type Usage = z.infer<typeof Usage>;

/** The same of all accounts, with the summary of each. */
export const UsageOfAll = z.strictObject({
  account: z.literal(''),
  period: Span,
  summary: UsageSummary,
  breakdown: z.array(Breakdown),
  accounts: z.array(z.strictObject({ account: z.string(), ...UsageSummary.shape })),
});
export type UsageOfAll = z.infer<typeof UsageOfAll>;
