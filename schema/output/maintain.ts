import { z } from 'zod';
import { Dollars } from './common.ts';

const RecoverRow = z.strictObject({
  transaction_id: z.string(),
  job_id: z.string().optional(),
  account: z.string(),
  amount: Dollars,
  age_seconds: z.int(),
  action: z.enum(['bound', 'released', 'reconciled', 'kept', 'failed']),
  reason: z.string(),
});

/** `asbb recover --json`. */
export const Recover = z.strictObject({
  dry_run: z.boolean(),
  holds: z.array(RecoverRow),
  released: z.int(),
  reconciled: z.int(),
  kept: z.int(),
  failed: z.int(),
});

export type Recover = z.infer<typeof Recover>;

/** `asbb maintain --json`. */
export const Maintain = z.strictObject({
  state: z.enum(['running', 'done']).meta({ description: 'running: another run has the lock.' }),
  steps: z.array(
    z.strictObject({
      step: z.string(),
      outcome: z.enum(['done', 'skipped', 'failed']),
      text: z.string(),
      milliseconds: z.int(),
    }),
  ),
  holds: z.array(RecoverRow),
});

export type Maintain = z.infer<typeof Maintain>;
