import { z } from 'zod';
import { Dollars } from './common.ts';

/** budget.md 3.2. */
export const BudgetCheck = z.strictObject({
  available: z.boolean(),
  estimated_cost: Dollars,
  hold_amount: Dollars,
  transaction_id: z.string().optional(),
  message: z.enum(['Budget check passed', 'Insufficient budget', 'Partition limit exceeded']),
  budget_remaining: Dollars,
  recommendation: z.string().optional(),
  details: z.strictObject({
    account_balance: Dollars,
    current_hold: Dollars,
    partition_used: Dollars.optional(),
    partition_limit: Dollars.optional(),
    hold_percentage: z.number(),
    advisor_confidence: z.number().optional(),
  }),
  code: z.enum(['INSUFFICIENT_BUDGET', 'PARTITION_LIMIT_EXCEEDED']).optional(),
  confidence: z.number().optional(),
  dry_run: z.literal(true).optional(),
});
export type BudgetCheck = z.infer<typeof BudgetCheck>;

export const Remaining = z.strictObject({ account: z.string(), budget_available: Dollars });
export type Remaining = z.infer<typeof Remaining>;

export const AccountStatus = z.strictObject({
  slurm_account: z.string(),
  name: z.string(),
  budget_limit: Dollars,
  budget_used: Dollars,
  budget_held: Dollars,
  budget_available: Dollars,
  effective_status: z.enum(['active', 'inactive', 'suspended', 'expired']),
  days_remaining: z.int(),
  open_holds: z.int(),
});
export type AccountStatus = z.infer<typeof AccountStatus>;

export const ReleasedHold = z.strictObject({
  transaction_id: z.string(),
  status: z.literal('cancelled'),
  released_amount: Dollars,
  changed: z.boolean(),
  dry_run: z.literal(true).optional(),
});
export type ReleasedHold = z.infer<typeof ReleasedHold>;
