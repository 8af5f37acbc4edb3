import { z } from 'zod';
import { BurnRate } from './burn.ts';
import { Dollars, Instant, Moment } from './common.ts';

const RATIO = z.number().min(0).max(1).meta({ description: '0 to 1, at most 4 decimals.' });
const PERCENT = z.number().meta({ description: 'Percent, at most 4 decimals.' });
const DAY = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/u)
  .meta({ description: 'A day in the site zone, YYYY-MM-DD.' });

/** budget.md 8.1: the F&A rate of some days. */
const IndirectRate = z.strictObject({
  id: z.int(),
  type: z.enum(['provisional', 'predetermined', 'final', 'fixed', 'de_minimis']),
  rate: RATIO,
  base: z.enum(['MTDC', 'TDC', 'none']),
  from: DAY,
  to: DAY,
  replaced_by: z.int().optional(),
  base_amount: Dollars,
  charged: Dollars,
});

/** budget.md 1.7 in the key order of the original, then the fields of 8.1. */
const shape = {
  id: z.int(),
  grant_number: z.string(),
  funding_agency: z.string(),
  agency_program: z.string().optional(),
  principal_investigator: z.string(),
  co_investigators: z.array(z.string()).optional(),
  institution: z.string(),
  department: z.string().optional(),
  grant_start_date: Instant,
  grant_end_date: Instant,
  total_award_amount: Dollars,
  direct_costs: Dollars,
  indirect_cost_rate: RATIO,
  indirect_costs: Dollars,
  budget_period_months: z.int(),
  current_budget_period: z.int(),
  status: z.enum(['pending', 'active', 'suspended', 'completed', 'cancelled']),
  compliance_requirements: z.string().optional().meta({ description: 'JSON in a string.' }),
  federal_award_id: z.string().optional(),
  internal_project_code: z.string().optional(),
  cost_center: z.string().optional(),
  created_at: Moment,
  updated_at: Moment,
  fain: z.string().optional(),
  assistance_listing_number: z.string().optional(),
  uei: z.string().optional(),
  ein: z.string().optional(),
  recipient_account_number: z.string().optional(),
  basis_of_accounting: z.enum(['cash', 'accrual']),
  authorized_amount: Dollars,
  cost_share_required: Dollars,
  subaward_mtdc_cap: Dollars,
  cloud_in_mtdc: z.boolean(),
  carryover_policy: z.enum(['automatic', 'prior_approval', 'none']),
  report_frequency: z.enum(['quarterly', 'semi_annual', 'annual']),
  legal_hold: z.boolean(),
};

export const Grant = z.strictObject(shape);
export type Grant = z.infer<typeof Grant>;

export const GrantList = z.array(Grant);

/** budget.md 1.8. */
export const GrantPeriod = z.strictObject({
  id: z.int(),
  grant_id: z.int(),
  period_number: z.int(),
  period_start_date: Instant,
  period_end_date: Instant,
  period_budget_amount: Dollars,
  period_spent_amount: Dollars,
  period_committed_amount: Dollars,
  expected_burn_rate: Dollars,
  actual_burn_rate: Dollars,
  burn_rate_variance: PERCENT,
  status: z.enum(['future', 'active', 'completed', 'extended']),
  carryover_in: Dollars,
  carryover_out: Dollars,
  created_at: Moment,
  updated_at: Moment,
  pending_approval: Dollars,
  unobligated_amount: Dollars,
  is_current: z.boolean(),
});
export type GrantPeriod = z.infer<typeof GrantPeriod>;

export const GrantPeriodList = z.array(GrantPeriod);

/** A budget of an account on the grant. Direct money; its F&A apart. */
const GrantAccount = z.strictObject({
  slurm_account: z.string(),
  order: z.int(),
  budget_basis: z.enum(['direct', 'total']),
  closed: z.boolean(),
  available: Dollars,
  held: Dollars,
  used: Dollars,
  indirect_held: Dollars,
  indirect_used: Dollars,
});

/** budget.md 1.11: how the award became what it is. */
const Amendment = z.strictObject({
  id: z.int(),
  kind: z.enum(['AWARD', 'SUPPLEMENT', 'REDUCTION', 'NCE', 'RATE_CHANGE', 'CARRYOVER']),
  effective_date: Instant,
  amount: Dollars,
  reference: z.string(),
  details: z.string().optional().meta({ description: 'JSON in a string.' }),
  approved_by: z.string().optional(),
  notes: z.string().optional(),
  created_at: Moment,
});

/** Where the award's money is: authorised = unallocated + allotted + held + spent; the first two of now alone. */
const GrantMoney = z.strictObject({
  authorized: Dollars,
  unallocated: Dollars.optional(),
  allotted: Dollars.optional(),
  held: Dollars,
  spent: Dollars,
  spent_direct: Dollars,
  spent_indirect: Dollars,
  spent_external: Dollars,
  remaining: Dollars,
});

const details = {
  ...shape,
  duration_months: z.int(),
  indirect_rates: z.array(IndirectRate),
  funds: GrantMoney,
  accounts: z.array(GrantAccount),
  budget_periods: z.array(GrantPeriod),
  amendments: z.array(Amendment),
};

/** After a command that changes a grant; `dry_run` only when nothing was written. */
export const ChangedGrant = z.strictObject({
  ...details,
  warnings: z.array(z.string()),
  changed: z.boolean(),
  dry_run: z.literal(true).optional(),
});
export type ChangedGrant = z.infer<typeof ChangedGrant>;

export const GrantDetails = z.strictObject({ ...details, burn_rate: BurnRate.optional() });
export type GrantDetails = z.infer<typeof GrantDetails>;

/** budget.md 8.1: something on the grant that is no SLURM job. */
export const GrantEntry = z.strictObject({
  id: z.int(),
  grant_number: z.string(),
  date: DAY,
  kind: z.enum([
    'expenditure',
    'obligation',
    'cash_receipt',
    'cash_disbursement',
    'program_income_earned',
    'program_income_deduction',
    'program_income_addition',
  ]),
  category: z.string(),
  amount: Dollars,
  share: z.enum(['federal', 'recipient']),
  in_mtdc: z.boolean(),
  reference: z.string(),
  subaward: z.string().optional(),
  notes: z.string().optional(),
  transaction_id: z.string().optional(),
  created_at: Moment,
});
export type GrantEntry = z.infer<typeof GrantEntry>;

export const GrantEntryList = z.array(GrantEntry);

/** After an entry was recorded; `indirect_amount` is the F&A that it bears. */
const entered = { ...GrantEntry.shape, indirect_amount: Dollars.optional(), changed: z.boolean() };

export const ChangedEntry = z.strictObject({
  ...entered,
  warnings: z.array(z.string()),
  dry_run: z.literal(true).optional(),
});
export type ChangedEntry = z.infer<typeof ChangedEntry>;

export const ImportedEntries = z.strictObject({
  grant_number: z.string(),
  recorded: z.int(),
  known: z.int(),
  entries: z.array(z.strictObject(entered)),
  dry_run: z.literal(true).optional(),
});
export type ImportedEntries = z.infer<typeof ImportedEntries>;
