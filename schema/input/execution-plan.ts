import { z } from 'zod';

// Execution plans of both dialects (burst.md 3): `asbx` as the original's executor reads them, `asba` as
// its advisor writes them. Types are strict; a list or block may be null, as Go writes what is empty.

/** The reader of the file makes texts of these numbers: no binary fraction ever holds money. */
export const PLAN_MONEY_KEYS: ReadonlySet<string> = new Set([
  'max_spot_price',
  'max_total_cost',
  'max_cost_per_hour',
  'cost_alert_threshold',
]);

const TEXT_MAX = 1024;
const LIST_MAX = 1000;
const USER_DATA_MAX = 65_536;
const MAP_MAX = 200;
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/u;

const Word = z
  .string({ error: 'must be a string' })
  .max(TEXT_MAX, { error: `must have at most ${TEXT_MAX} characters` });
const Flag = z.boolean({ error: 'must be true or false' });
const Count = z.int({ error: 'must be a whole number' }).min(0, { error: 'must not be negative' });
const Hours = z
  .number({ error: 'must be a number' })
  .min(0, { error: 'must not be negative' })
  .max(1_000_000, { error: 'must be at most 1000000' });
const Share = z
  .number({ error: 'must be a number' })
  .min(0, { error: 'must be between 0 and 1' })
  .max(1, { error: 'must be between 0 and 1' });
const Any = z.number({ error: 'must be a number' });
/** The text of a number: see PLAN_MONEY_KEYS. */
const Dollars = z.string({ error: 'must be a number' });
const Moment = z
  .string({ error: 'must be an RFC 3339 time' })
  .regex(RFC3339, { error: 'must be an RFC 3339 time' });
const Words = z
  .array(Word, { error: 'must be a list of strings' })
  .max(LIST_MAX, { error: `must have at most ${LIST_MAX} members` })
  .nullish();
const Texts = z
  .record(Word, Word, { error: 'must be a map of strings' })
  .refine((map) => Object.keys(map).length <= MAP_MAX, {
    error: `must have at most ${MAP_MAX} members`,
  })
  .nullish();

const BLOCK = { error: 'must be an object' };

const INSTANCES = {
  instance_types: Words,
  purchasing_option: Word.optional(),
  max_spot_price: Dollars.optional(),
  subnet_ids: Words,
  launch_template_name: Word.optional(),
};
const MPI = {
  is_mpi_job: Flag.optional(),
  process_count: Count.optional(),
  requires_gang_scheduling: Flag.optional(),
  requires_efa: Flag.optional(),
  efa_generation: Count.optional(),
};
const COST = {
  max_total_cost: Dollars.optional(),
  max_duration_hours: Hours.optional(),
  prefer_spot: Flag.optional(),
};
const NETWORK = {
  placement_group_type: Word.optional(),
  enhanced_networking: Flag.optional(),
  network_latency_class: Word.optional(),
};
const TOP = {
  should_burst: Flag,
  plan_version: Count.optional(),
  expires_at: Moment.optional(),
  job_hash: Word.optional(),
};

export const AsbxPlan = z.object(
  {
    ...TOP,
    instance_specification: z
      .object(
        {
          ...INSTANCES,
          launch_template_id: Word.optional(),
          security_group_ids: Words,
          iam_instance_profile: Word.optional(),
          user_data: z
            .string({ error: 'must be a string' })
            .max(USER_DATA_MAX, { error: 'must be at most 16 KB' })
            .optional(),
        },
        BLOCK,
      )
      .nullish(),
    mpi_configuration: z.object({ ...MPI, mpi_implementation: Word.optional() }, BLOCK).nullish(),
    cost_constraints: z
      .object(
        {
          ...COST,
          max_cost_per_hour: Dollars.optional(),
          allow_mixed_pricing: Flag.optional(),
          cost_alert_threshold: Dollars.optional(),
          auto_terminate_hours: Hours.optional(),
        },
        BLOCK,
      )
      .nullish(),
    network_configuration: z
      .object(
        {
          ...NETWORK,
          placement_group_name: Word.optional(),
          availability_zones: Words,
          single_az_required: Flag.optional(),
        },
        BLOCK,
      )
      .nullish(),
    execution_metadata: z
      .object(
        {
          job_id: Word.optional(),
          user_id: Word.optional(),
          project_id: Word.optional(),
          priority: Word.optional(),
          analysis_timestamp: Moment.optional(),
          asba_version: Word.optional(),
          decision_factors: Words,
          expected_performance: z
            .object(
              {
                onpremise_wait_time: Word.optional(),
                aws_provision_time: Word.optional(),
                network_latency: Word.optional(),
                storage_latency: Word.optional(),
              },
              BLOCK,
            )
            .nullish(),
          tags: Texts,
        },
        BLOCK,
      )
      .nullish(),
  },
  BLOCK,
);
export type AsbxPlan = z.output<typeof AsbxPlan>;

export const AsbaPlan = z.object(
  {
    ...TOP,
    instance_specification: z
      .object(
        {
          ...INSTANCES,
          instance_count: Count.optional(),
          spot_instance_config: z
            .object(
              {
                enable_spot: Flag.optional(),
                spot_fleet_request: Flag.optional(),
                max_spot_price: Dollars.optional(),
                spot_interruption_tolerance: Share.optional(),
                fallback_to_on_demand: Flag.optional(),
              },
              BLOCK,
            )
            .nullish(),
          placement_group: Word.optional(),
          availability_zones: Words,
        },
        BLOCK,
      )
      .nullish(),
    mpi_configuration: z
      .object(
        {
          ...MPI,
          processes_per_node: Count.optional(),
          mpi_library: Word.optional(),
          communication_pattern: Word.optional(),
          mpi_tuning_params: Texts,
        },
        BLOCK,
      )
      .nullish(),
    cost_constraints: z
      .object({ ...COST, budget_account: Word.optional(), cost_tolerance: Share.optional() }, BLOCK)
      .nullish(),
    network_configuration: z
      .object(
        {
          ...NETWORK,
          enable_efa: Flag.optional(),
          enable_sr_iov: Flag.optional(),
          bandwidth_requirement: Word.optional(),
        },
        BLOCK,
      )
      .nullish(),
    job_metadata: z
      .object(
        {
          job_name: Word.optional(),
          script_path: Word.optional(),
          script_hash: Word.optional(),
          user: Word.optional(),
          account: Word.optional(),
          detected_domain: Word.optional(),
          workload_type: Word.optional(),
        },
        BLOCK,
      )
      .nullish(),
    asba_version: Word.optional(),
    generated_at: Moment.optional(),
    performance_target: z
      .object(
        {
          expected_runtime: Count.optional(),
          scaling_efficiency: Share.optional(),
          network_utilization: Any.optional(),
          cpu_efficiency_target: Any.optional(),
          memory_efficiency_target: Any.optional(),
          performance_model: Word.optional(),
        },
        BLOCK,
      )
      .nullish(),
    recommendation_reasoning: Words,
    confidence_level: Any.optional(),
    optimization_applied: Words,
  },
  BLOCK,
);
export type AsbaPlan = z.output<typeof AsbaPlan>;
