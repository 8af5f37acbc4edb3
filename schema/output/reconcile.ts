import { z } from 'zod';
import { Dollars } from './common.ts';

/** budget.md 3.2, with the figures of 4.11. */
export const Reconciliation = z.strictObject({
  success: z.literal(true),
  original_hold: Dollars,
  actual_charge: Dollars,
  refund_amount: Dollars,
  transaction_id: z.string(),
  message: z.string(),
  additional_charge: Dollars,
  charge_transaction_id: z.string().optional(),
  already_reconciled: z.boolean(),
  amended: z.boolean(),
  cost_source: z.enum(['given', 'file', 'elapsed', 'released']),
  reconciliation_id: z.string().optional(),
  estimated_cost: Dollars.optional(),
  cost_variance: Dollars.optional(),
  cost_variance_pct: z.number().optional(),
  estimation_accuracy: z.number().optional(),
  model_update_applied: z.boolean(),
  warnings: z.array(z.string()).optional(),
  recommendations: z.array(z.string()).optional(),
  /** Nothing was posted: another person must approve it (`budget.second_person_above`). */
  proposal: z.int().optional(),
  dry_run: z.literal(true).optional(),
});
export type Reconciliation = z.infer<typeof Reconciliation>;
