import { z } from 'zod';
import { Dollars, Instant } from './common.ts';
import { Findings } from './findings.ts';

const Micros = z
  .string()
  .regex(/^-?\d+$/u)
  .meta({ description: 'Micro-dollars, as text.' });

const Launched = z.strictObject({
  node_name: z.string(),
  instance_id: z.string(),
  private_ip: z.string(),
  state: z.string(),
  launch_time: Instant,
  instance_type: z.string(),
  availability_zone: z.string(),
  lifecycle: z.string(),
  price_per_hour_micros: Micros,
});

const Failed = z.strictObject({
  node_name: z.string(),
  instance_type: z.string(),
  subnet_id: z.string(),
  error_code: z.string(),
  error_message: z.string(),
});

const Call = z.strictObject({
  action: z.enum(['CreateFleet', 'RunInstances']),
  request: z.record(z.string(), z.unknown()).meta({ description: "In EC2's own words." }),
  nodes: z.array(z.string()),
  node_group: z.string(),
  availability_zone: z.string(),
  instance_types: z.array(z.string()),
  reasons: z.array(z.string()).meta({ description: 'One line a rule that fired.' }),
  placement_group: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  permission: z
    .string()
    .optional()
    .meta({ description: 'With --check-iam: allowed, or the code that EC2 answered.' }),
});

const Hold = z.strictObject({
  job_id: z.string(),
  account: z.string(),
  hold: z.string(),
  now: Dollars,
  now_micros: Micros,
  needed: Dollars,
  needed_micros: Micros,
  effect: z.enum(['none', 'raise']),
});

const PlanFindings = Findings.meta({
  description: 'All that was found in an execution plan that is refused or says no (burst.md 3.4).',
});

const RehearsedGang = z.strictObject({
  job_ids: z.array(z.string()),
  rule: z.enum(['all', 'best-effort']),
  nodes: z.array(z.string()),
  already_up: z.array(z.string()),
  calls: z.array(Call),
  later_rungs: z.array(z.string()),
  cost_per_hour: Dollars,
  cost_per_hour_micros: Micros,
  cost_for_limit: Dollars.nullable(),
  cost_for_limit_micros: Micros.nullable(),
  ledger: z.array(Hold),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  findings: PlanFindings,
});

/** `asbb burst resume --json`: the original's execution result (burst.md 5.9). */
const Result = z.strictObject({
  dry_run: z.literal(false),
  success: z.boolean(),
  job_id: z.string().nullable(),
  attempt: z.int(),
  aborted: z.boolean(),
  launched_instances: z.array(Launched),
  failed_instances: z.array(Failed),
  fleet_id: z.string().nullable(),
  fleet_ids: z.array(z.string()),
  placement_group_name: z.string().nullable(),
  total_cost_estimate: Dollars,
  total_cost_estimate_micros: Micros,
  execution_start_time: Instant,
  execution_end_time: Instant,
  execution_duration: z.string().meta({ description: 'As Go writes it: 1m2.5s.' }),
  errors: z.array(
    z.strictObject({
      type: z.enum(['aws_api', 'slurm_api', 'validation']),
      message: z.string(),
      timestamp: Instant,
      recoverable: z.boolean(),
      context: z.string(),
    }),
  ),
  gangs: z.array(
    z.strictObject({
      job_ids: z.array(z.string()),
      outcome: z.enum(['bound', 'already', 'taken', 'aborted', 'refused']),
      attempt: z.int(),
      nodes: z.array(z.string()),
    }),
  ),
  findings: PlanFindings,
});

/** The same with `--dry-run` (burst.md CMD-4). */
const Rehearsal = z.strictObject({
  dry_run: z.literal(true),
  nodes: z.array(z.string()),
  unknown_nodes: z.array(z.string()),
  gangs: z.array(RehearsedGang),
  notes: z.array(z.string()),
});

export const BurstResume = z.discriminatedUnion('dry_run', [Result, Rehearsal]);
export type BurstResume = z.infer<typeof BurstResume>;
export type BurstResult = z.infer<typeof Result>;
export type BurstRehearsal = z.infer<typeof Rehearsal>;
