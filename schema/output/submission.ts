import { z } from 'zod';
import { Dollars, Instant, Moment } from './common.ts';

/** budget.md 1.4: one run of a job with its hold. */
export const JobSubmission = z.strictObject({
  id: z.int(),
  job_id: z.string().nullable(),
  restart_count: z.int(),
  account_id: z.int(),
  account: z.string(),
  partition: z.string(),
  user_id: z.string(),
  estimated_cost: Dollars.nullable(),
  hold_amount: Dollars,
  actual_cost: Dollars.nullable(),
  hold_transaction_id: z.string(),
  charge_transaction_id: z.string().nullable(),
  job_metadata: z.string().nullable(),
  status: z.enum(['submitted', 'running', 'completed', 'failed', 'cancelled']),
  submitted_at: z.union([Instant, Moment]),
  started_at: Instant.nullable(),
  completed_at: z.union([Instant, Moment]).nullable(),
  reconciled_at: Moment.nullable(),
});
export type JobSubmission = z.infer<typeof JobSubmission>;
export const JobSubmissionList = z.array(JobSubmission);
