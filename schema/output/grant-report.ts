import { z } from 'zod';
import { Dollars, Instant, Moment } from './common.ts';

const DAY = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/u)
  .meta({ description: 'A day in the site zone, YYYY-MM-DD.' });
const LINE_IDS = [
  ...['10a', '10b', '10c', '10d', '10e', '10f', '10g', '10h'],
  ...['10i', '10j', '10k', '10l', '10m', '10n', '10o'],
] as const;
const NUMBER = z.number();

const Grant = z.strictObject({
  grant_number: z.string(),
  funding_agency: z.string(),
  agency_program: z.string().optional(),
  principal_investigator: z.string(),
  co_investigators: z.array(z.string()).optional(),
  institution: z.string(),
  department: z.string().optional(),
  start_date: DAY,
  end_date: DAY,
  total_award_amount: Dollars,
  status: z.string(),
  fain: z.string().optional(),
  assistance_listing_number: z.string().optional(),
  federal_award_id: z.string().optional(),
  uei: z.string().optional(),
  ein: z.string().optional(),
  recipient_account_number: z.string().optional(),
  basis_of_accounting: z.enum(['cash', 'accrual']),
  report_frequency: z.enum(['quarterly', 'semi_annual', 'annual']),
});

const Indirect = z.strictObject({
  type: z.string(),
  rate: NUMBER.optional(),
  base_kind: z.string().optional(),
  from: DAY.optional(),
  to: DAY.optional(),
  base: Dollars,
  amount: Dollars,
  federal_share: Dollars,
});

const Use = {
  jobs: z.int(),
  instance_hours: NUMBER,
  direct: Dollars,
  indirect: Dollars,
  total: Dollars,
  percent: NUMBER,
};

/** budget.md 8.8; which lists are there depends on the type. */
export const GrantReport = z.strictObject({
  report_type: z.enum([
    ...['financial', 'technical', 'compliance', 'annual', 'burn-down'],
    ...['by-period', 'by-user', 'by-partition', 'rate-recovery'],
  ] as const),
  grant: Grant,
  period: z.strictObject({ number: z.int().optional(), start: DAY, end: DAY }),
  generated_at: Moment,
  as_of: Instant,
  final: z.boolean().optional().meta({ description: 'Of a final report: 10f is 0.' }),
  sf425: z.record(z.enum(LINE_IDS), Dollars).optional(),
  indirect: z.array(Indirect).optional(),
  mtdc: z
    .array(
      z.strictObject({
        category: z.string(),
        direct: Dollars,
        in_base: Dollars,
        over_cap: Dollars,
      }),
    )
    .optional(),
  periods: z
    .array(
      z.strictObject({
        period_number: z.int(),
        start: DAY,
        end: DAY,
        budget: Dollars,
        carryover_in: Dollars,
        spent: Dollars,
        committed: Dollars,
        unspent: Dollars,
        unobligated: Dollars,
        status: z.string(),
      }),
    )
    .optional(),
  accounts: z
    .array(
      z.strictObject({
        account: z.string(),
        direct: Dollars,
        indirect: Dollars,
        total: Dollars,
        direct_in_range: Dollars,
      }),
    )
    .optional(),
  details: z
    .array(
      z.strictObject({
        transaction_id: z.string(),
        date: DAY,
        kind: z.enum(['charge', 'late', 'adjust', 'external']),
        account: z.string(),
        job: z.string(),
        user: z.string(),
        partition: z.string(),
        direct: Dollars,
        indirect: Dollars,
        recipient_share: Dollars,
      }),
    )
    .optional(),
  explain: z
    .array(
      z.strictObject({
        line: z.string(),
        source: z.enum(['transaction', 'entry', 'award_change', 'hold', 'grant', 'line']),
        id: z.string(),
        date: DAY.optional(),
        description: z.string(),
        amount: Dollars,
      }),
    )
    .optional(),
  checks: z
    .array(
      z.strictObject({
        check: z.string(),
        title: z.string(),
        result: z.enum(['pass', 'fail', 'n/a']),
        detail: z.string(),
      }),
    )
    .optional(),
  reports: z
    .array(
      z.strictObject({
        kind: z.enum(['quarterly', 'semi_annual', 'annual', 'final']),
        start: DAY,
        end: DAY,
        due: DAY,
        submitted: DAY.optional(),
      }),
    )
    .optional(),
  burn_rate: z.array(z.strictObject({ metric: z.string(), value: z.string() })).optional(),
  alerts: z
    .array(
      z.strictObject({
        triggered: z.string(),
        severity: z.string(),
        type: z.string(),
        status: z.string(),
        message: z.string(),
      }),
    )
    .optional(),
  summary: z.array(z.strictObject({ metric: z.string(), value: NUMBER })).optional(),
  efficiency: z.array(z.strictObject({ metric: z.string(), value: NUMBER })).optional(),
  users: z.array(z.strictObject({ user: z.string(), ...Use })).optional(),
  partitions: z.array(z.strictObject({ partition: z.string(), ...Use })).optional(),
  burn_down: z
    .array(
      z.strictObject({
        month: z.string(),
        spent: Dollars,
        cumulative: Dollars,
        planned: Dollars,
        remaining: Dollars,
      }),
    )
    .optional(),
  recovery_users: z
    .array(
      z.strictObject({
        who: z.string(),
        charged: Dollars,
        for_instances: Dollars,
        instance_hours: NUMBER,
        per_hour: Dollars.optional(),
      }),
    )
    .optional(),
  recovery: z.array(z.strictObject({ item: z.string(), amount: Dollars })).optional(),
  warnings: z.array(z.string()),
  highest_transaction: z.int(),
  footer: z.strictObject({
    highest_transaction: z.int(),
    sha256: z.string().meta({ description: 'Of this document without its footer, as printed.' }),
  }),
});
export type GrantReport = z.infer<typeof GrantReport>;
