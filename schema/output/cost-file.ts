import { z } from 'zod';

const Dollars = z.number();
const Micros = z.int();
const Instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u);

const Instance = z.strictObject({
  instance_id: z.string(),
  node_name: z.string(),
  instance_type: z.string(),
  availability_zone: z.string(),
  lifecycle: z.enum(['spot', 'on-demand']),
  billing_start: Instant,
  billing_end: Instant.optional(),
  billed_seconds: z.int().optional(),
  price_segments: z.array(
    z.strictObject({ from: Instant, to: Instant, price_per_hour_micros: Micros }),
  ),
  cost_micros: Micros,
  attributed_micros: Micros,
  boot_seconds: z.int(),
  idle_seconds: z.int(),
  interrupted: z.boolean(),
  price_missing: z.literal(true).optional(),
});

const run = {
  schema: z.literal('asbb.cost/1'),
  currency: z.literal('USD'),
  job_id: z.string(),
  slurm_job_id: z.string(),
  account: z.string(),
  partition: z.string(),
  user_id: z.string(),
  submitted_at: Instant,
  started_at: Instant.optional(),
  completed_at: Instant.optional(),
  job_state: z.string(),
  exit_code: z.string(),
  restart_count: z.int(),
  requested_nodes: z.int(),
  used_nodes: z.int(),
  requested_cpus: z.int(),
  used_cpus: z.int(),
  requested_gpus: z.int().optional(),
  used_gpus: z.int().optional(),
  requested_memory: z.string().optional(),
  used_memory: z.string().optional(),
  wall_time_limit: z.string().optional(),
  actual_wall_time: z.string().optional(),
  estimated_cost: Dollars,
  estimated_cost_micros: Micros,
  actual_cost: Dollars,
  actual_cost_micros: Micros,
  aws_cost: Dollars,
  aws_cost_micros: Micros,
  local_cost: Dollars,
  local_cost_micros: Micros,
  cost_variance: Dollars,
  cost_variance_micros: Micros,
  cost_breakdown: z.strictObject({
    compute: Dollars,
    boot: Dollars,
    idle: Dollars,
    ebs: Dollars,
    aborted_attempts: Dollars,
  }),
  ebs_micros: Micros,
  cpu_efficiency: z.number().optional(),
  memory_efficiency: z.number().optional(),
  burst_decision: z.enum(['AWS', 'LOCAL', 'HYBRID']),
  burst_reason: z.string().optional(),
  performance_profile: z.string().optional(),
  instance_types: z.array(z.string()),
  availability_zone: z.string().optional(),
  instances: z.array(Instance),
  aborted_attempts: z.array(
    z.strictObject({ instance_id: z.string(), node_name: z.string(), cost_micros: Micros }),
  ),
  hold_id: z.int().optional(),
  hold_token: z.string().optional(),
  hold_micros: Micros.optional(),
  price_snapshot: z.string().optional(),
  budget_transaction_id: z.string().optional(),
  charge_idle: z.enum(['job', 'pool', 'none']),
  reconciliation_status: z.enum(['provisional', 'final']),
  not_included: z.array(z.string()),
};

/** `<cost.data_dir>/job_<id>_cost.json` (burst.md 8.1): the newest run, earlier ones in `runs`. */
export const CostFile = z.strictObject({ ...run, runs: z.array(z.strictObject(run)) });

export type CostFile = z.infer<typeof CostFile>;
