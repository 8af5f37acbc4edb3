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

/** What waits for a second person, or was approved by one. */
export const Proposal = z.strictObject({
  proposal: z.int(),
  status: z.enum(['waiting', 'approved']),
  command: z.string(),
  account: z.string().optional(),
  job_id: z.string().optional(),
  /** The charge that would be corrected. */
  target_transaction_id: z.string().optional(),
  partition: z.string().optional(),
  /** Signed: what would be added to what was used. */
  amount: Dollars,
  reason: z.string().optional(),
  metadata: z.string().optional(),
  proposed_at: z.string(),
  proposed_by_uid: z.int(),
  approved_at: z.string().optional(),
  approved_by_uid: z.int().optional(),
  /** What was posted for it. */
  transaction_id: z.string().optional(),
});
export type Proposal = z.infer<typeof Proposal>;
export const ProposalList = z.array(Proposal);

/** What took a transaction back. */
export const Reversal = z.strictObject({
  transaction_id: z.string(),
  reverses: z.string(),
  dry_run: z.literal(true).optional(),
});
export type Reversal = z.infer<typeof Reversal>;
