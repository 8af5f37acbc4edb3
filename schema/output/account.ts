import { z } from 'zod';
import { Schedule } from './allocations.ts';
import { Dollars, Instant, Moment } from './common.ts';

const STATUS = z.enum(['active', 'inactive', 'suspended', 'expired']);

/** A budget of the account on a grant, in order of draw. */
const GrantBudget = z.strictObject({
  grant_number: z.string(),
  order: z.int(),
  budget_basis: z.enum(['direct', 'total']),
  limit: Dollars,
  used: Dollars,
  held: Dollars,
  available: Dollars,
});

/** budget.md 1.1, in the key order of the original. */
const shape = {
  id: z.int(),
  slurm_account: z.string(),
  name: z.string(),
  description: z.string(),
  budget_limit: Dollars,
  budget_used: Dollars,
  budget_held: Dollars,
  has_incremental_budget: z.boolean(),
  next_allocation_date: Instant.optional(),
  total_allocated: Dollars,
  start_date: Instant,
  end_date: Instant,
  status: STATUS,
  created_at: Moment,
  updated_at: Moment,
  budget_available: Dollars,
  grant_number: z.string().optional(),
  effective_status: STATUS,
  parent_account: z.string().optional(),
  slurm_accounts: z.array(z.string()),
  grant_id: z.int().nullable(),
  grant_budget_period_id: z.null().meta({ description: 'The period current at charge time.' }),
  is_grant_funded: z.boolean(),
  grants: z.array(GrantBudget).optional(),
  federal_share: z.number().optional().meta({ description: '0 to 1; absent: 1.' }),
};

/** budget.md 1.2. */
export const PartitionLimit = z.strictObject({
  partition: z.string(),
  limit: Dollars,
  used: Dollars,
  held: Dollars,
  available: Dollars,
});
export type PartitionLimit = z.infer<typeof PartitionLimit>;

export const Account = z.strictObject(shape);
export type Account = z.infer<typeof Account>;

export const AccountList = z.array(Account);
export const PartitionLimitList = z.array(PartitionLimit);

/** Money set aside for a job; of an array as many tasks as are left. */
const AccountHold = z.strictObject({
  transaction_id: z.string(),
  job_id: z.string().optional(),
  user: z.string(),
  partition: z.string(),
  amount: Dollars,
  tasks: z.int(),
  created_at: Moment,
});
export type AccountHold = z.infer<typeof AccountHold>;

export const AccountDetails = z.strictObject({
  ...shape,
  partition_limits: z.array(PartitionLimit),
  allocation_schedules: z.array(Schedule),
});
export type AccountDetails = z.infer<typeof AccountDetails>;

export const ShownAccount = z.strictObject({
  ...AccountDetails.shape,
  open_holds: z.int(),
  holds: z.array(AccountHold).readonly().meta({ description: 'The newest 20.' }),
});
export type ShownAccount = z.infer<typeof ShownAccount>;

/** After a command that changes an account; `dry_run` only when nothing was written. */
export const ChangedAccount = z.strictObject({
  ...shape,
  partition_limits: z.array(PartitionLimit),
  allocation_schedules: z.array(Schedule),
  changed: z.boolean(),
  dry_run: z.literal(true).optional(),
});
export type ChangedAccount = z.infer<typeof ChangedAccount>;

export const DeletedAccount = z.strictObject({
  slurm_account: z.string(),
  outcome: z.enum(['erased', 'inactive', 'closed']),
  changed: z.boolean(),
  dry_run: z.literal(true).optional(),
});
export type DeletedAccount = z.infer<typeof DeletedAccount>;
