import { z } from 'zod';
import { Dollars, Instant, Moment } from './common.ts';

/** budget.md 1.3. */
export const Transaction = z.strictObject({
  id: z.int(),
  account_id: z.int(),
  account: z.string(),
  job_id: z.string().optional(),
  transaction_id: z.string(),
  type: z.enum([
    ...['hold', 'charge', 'refund', 'adjustment', 'allocation', 'fund', 'transfer', 'lapse'],
  ] as const),
  amount: Dollars,
  description: z.string(),
  metadata: z.string().optional().meta({ description: 'JSON in a string.' }),
  status: z.enum(['pending', 'completed', 'failed', 'cancelled']),
  parent_transaction_id: z.string().optional(),
  partition: z.string().optional(),
  effective_at: Instant,
  created_at: Moment,
  completed_at: Moment.optional(),
});
export type Transaction = z.infer<typeof Transaction>;

export const TransactionList = z.array(Transaction);

export const TransactionDetails = z.strictObject({
  ...Transaction.shape,
  parent: Transaction.optional(),
  children: z.array(Transaction),
});
export type TransactionDetails = z.infer<typeof TransactionDetails>;

/** What `transactions export` wrote; the rows themselves are in the file. */
export const TransactionExport = z.strictObject({
  format: z.enum(['csv', 'jsonl', 'hledger', 'focus']),
  output: z.string(),
  count: z.int().meta({ description: 'Rows; of hledger transactions.' }),
});
export type TransactionExport = z.infer<typeof TransactionExport>;
