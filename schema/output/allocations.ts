import { z } from 'zod';
import { Dollars, Instant, Moment } from './common.ts';

const FREQUENCY = z.enum(['daily', 'weekly', 'monthly', 'quarterly', 'yearly']);
const STATUS = z.enum(['active', 'paused', 'completed', 'cancelled']);
const DATE = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/u)
  .meta({ description: 'A day of the site zone.' });

/** budget.md 1.5. */
export const Schedule = z.strictObject({
  id: z.int(),
  account_id: z.int(),
  account: z.string(),
  total_budget: Dollars,
  allocation_amount: Dollars,
  allocation_frequency: FREQUENCY,
  start_date: Instant,
  end_date: Instant,
  next_allocation_date: Instant.optional(),
  next_allocation_amount: Dollars,
  allocated_to_date: Dollars,
  remaining_budget: Dollars,
  status: STATUS,
  unspent: z.enum(['carry', 'lapse']),
  auto_allocate: z.boolean(),
  anchor_date: DATE,
  anchor_index: z.int(),
  created_at: Moment,
  updated_at: Moment,
});
export type Schedule = z.infer<typeof Schedule>;

export const ScheduleList = z.array(Schedule);

/** budget.md 1.6. */
const Allocation = z.strictObject({
  id: z.int().meta({ description: 'That of its transaction.' }),
  schedule_id: z.int(),
  account_id: z.int(),
  allocation_amount: Dollars,
  allocated_date: DATE,
  transaction_id: z.string(),
  notes: z.string(),
  reversed: z.literal(true).optional(),
  created_at: Moment,
});
export type Allocation = z.infer<typeof Allocation>;

export const ScheduleDetails = z.strictObject({
  ...Schedule.shape,
  allocations: z.array(Allocation),
});
export type ScheduleDetails = z.infer<typeof ScheduleDetails>;

/** After a command that changes a schedule; `dry_run` only when nothing was written. */
export const ChangedSchedule = z.strictObject({
  ...Schedule.shape,
  changed: z.boolean(),
  dry_run: z.literal(true).optional(),
});
export type ChangedSchedule = z.infer<typeof ChangedSchedule>;

/** budget.md 3.4; `unposted`: due dates that an award cannot pay. */
export const ProcessedAllocations = z.strictObject({
  processed_count: z.int(),
  total_allocated: Dollars,
  allocations: z.array(
    z.strictObject({
      schedule_id: z.int(),
      account_id: z.int(),
      allocated_amount: Dollars,
      transaction_id: z.string(),
    }),
  ),
  unposted: z.array(
    z.strictObject({
      schedule_id: z.int(),
      account: z.string(),
      due_date: DATE,
      amount: Dollars,
    }),
  ),
  dry_run: z.boolean(),
});
export type ProcessedAllocations = z.infer<typeof ProcessedAllocations>;
