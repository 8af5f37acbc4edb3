import { z } from 'zod';
import { Dollars } from './common.ts';

/** A correction of costs: posted, or proposed until another person approves it. */
export const Correction = z.strictObject({
  status: z.enum(['posted', 'proposed']),
  transaction_id: z.string().optional(),
  proposal: z.int().optional(),
  amount: Dollars,
  dry_run: z.literal(true).optional(),
});
export type Correction = z.infer<typeof Correction>;

/** What took a transaction back. */
export const Reversal = z.strictObject({
  transaction_id: z.string(),
  reverses: z.string(),
  dry_run: z.literal(true).optional(),
});
export type Reversal = z.infer<typeof Reversal>;
