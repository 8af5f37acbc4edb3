import { z } from 'zod';
import {
  dollars,
  duration,
  flag,
  key,
  type Leaf,
  list,
  oneOf,
  option,
  ratio,
  section,
  text,
  whole,
} from './leaf.ts';
import { discounts } from './partitions.ts';

// Sections of burst.md 2.4 to 2.6. `absa` is also spelled `asba` (src/adapters/config renames it).

export const Absa = section({
  enabled: key(
    oneOf(
      ['auto-detect', 'true', 'false'],
      'absa.enabled must be one of: auto-detect, true, false',
    ),
    'auto-detect',
    'the advisor: true, false, auto-detect',
  ),
  command: key(text(), '/usr/local/bin/absa', 'path or name'),
  config_path: key(text(), '', 'given to the advisor'),
  timeout_seconds: key(whole(1), 30, 'at most 10 in hook resume, 1 in hook submit'),
  at_submit: key(flag(), false, 'ask it in hook submit too: slurmctld stands still meanwhile'),
  plan_dir: key(text(), '/var/spool/asbb/plans', '<jobid>.json or <script-sha256>.json'),
  plan_max_age: key(duration(), '24h', '0 = never expires'),
  on_bad_plan: key(oneOf(['abort', 'standalone']), 'abort', 'abort or standalone'),
  on_unavailable: key(oneOf(['standalone', 'abort']), 'standalone', 'standalone or abort'),
});

const BUILT_IN = 'built in';

export const Asbb = section({
  enabled: key(oneOf(['auto-detect', 'true', 'false']), 'auto-detect', { noEffect: BUILT_IN }),
  command: key(text(), 'asbb', { noEffect: BUILT_IN }),
  reconciliation_dir: key(text(), '/var/spool/asbb/costs', 'second place of exported costs'),
  timeout_seconds: key(whole(), 30, { noEffect: BUILT_IN }),
});

export const Ecosystem = section({
  auto_detect: key(flag(), true, { noEffect: BUILT_IN }),
  shared_config_path: option(text(), { noEffect: BUILT_IN }),
  data_exchange_dir: key(text(), '/var/spool/asbx/ecosystem', 'a further plan_dir'),
  enable_cross_project: key(flag(), true, { noEffect: BUILT_IN }),
});

const Application = section({
  aliases: key(list(text()), []),
  confidence: key(ratio(0, 1), 0.9),
  hpc: key(flag(), false),
});

export const Mpi = section({
  efa_default: key(
    oneOf(
      ['required', 'preferred', 'optional', 'disabled'],
      'mpi.efa_default must be one of: required, preferred, optional, disabled',
    ),
    'preferred',
    'required, preferred, optional, disabled',
  ),
  hpc_instances_threshold: key(
    whole(1, Number.MAX_SAFE_INTEGER, 'mpi.hpc_instances_threshold must be positive'),
    8,
    'nodes from which HPC families are eligible',
  ),
  placement_group_threshold: key(whole(2), 2, 'nodes from which a gang is placed together'),
  force_cluster_placement_group: key(flag(), false, 'also without EFA and MPI libraries'),
  enable_enhanced_networking: key(flag(), true, {
    noEffect: 'every current instance type has it',
  }),
  applications: key(
    z.record(z.string(), Application, { error: '@ must be a map of application names' }),
    {},
    'name → { aliases: [], confidence: 0.9, hpc: true }',
  ),
});

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
const NO_SAMPLING = 'every line is written';

export const Logging = section({
  level: key(
    oneOf(LEVELS, `logging.level must be one of: ${LEVELS.join(', ')}`),
    'info',
    'debug, info, warn, error, fatal',
  ),
  format: key(oneOf(['json', 'text', 'console']), 'json', 'of commands; hooks write JSON lines'),
  file: key(text(), '/var/log/slurm/aws-burst.log', 'hooks; falls back to syslog'),
  output: key(text(), 'stderr', 'commands: stderr, stdout or a file'),
  structured: key(flag(), true, { noEffect: 'always structured' }),
  max_size_mb: key(whole(1, 1_000_000), 100, 'the file is moved to .1 above this'),
  max_age_days: key(whole(0, 100_000), 30, 'for logrotate'),
  compress: key(flag(), true, 'for logrotate'),
  sampling: key(
    section({
      initial: key(whole(), 100, { noEffect: NO_SAMPLING }),
      thereafter: key(whole(), 100, { noEffect: NO_SAMPLING }),
      tick: key(duration(), '1s', { noEffect: NO_SAMPLING }),
    }),
    {},
  ),
});

export const Cost = section({
  data_dir: key(text(), '/var/spool/asbx', 'job_<id>_cost.json'),
  data_group: option(text(), 'group of the cost files'),
  price_file: key(text(), '/var/lib/asbb/prices.json', 'dated table of on-demand prices'),
  overhead_seconds: option(
    whole(0, 86_400),
    'boot and idle time that every hold covers: 180, + suspend_time + suspend_timeout with charge_idle job',
  ),
  charge_idle: key(oneOf(['job', 'pool', 'none']), 'job', 'job, pool, none'),
  pool_account: option(text(), 'needed with charge_idle: pool, and for nodes powered up by hand'),
  aborted_attempts: key(oneOf(['job', 'site']), 'job', 'job or site'),
  include_ebs: key(flag(), false, 'add volumes'),
  ebs_gb_month_price: option(dollars(), 'dollars per GiB and month'),
  discount_percent: key(discounts(), {}, 'type pattern → percent, such as "c6i.*": 5'),
  billing_model: key(oneOf(['per-second', 'hourly']), 'per-second', 'per-second'),
  max_cost_per_hour: option(dollars(), 'ceiling of one job, dollars an hour'),
  max_total_cost: option(dollars(), 'ceiling of one job, dollars'),
}).superRefine((cost, context) => {
  if (cost.billing_model === 'hourly') {
    context.addIssue({
      code: 'custom',
      path: ['billing_model'],
      message: `cost.billing_model must be per-second: ${SECONDS_ALONE}`,
    });
  }
  const price = cost.ebs_gb_month_price;
  if (cost.include_ebs && price === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['ebs_gb_month_price'],
      message: 'cost.ebs_gb_month_price is required when cost.include_ebs is true',
    });
  }
  if (price !== undefined && !(Number(price) > 0 && Number(price) <= GIB_MONTH_MAX)) {
    context.addIssue({
      code: 'custom',
      path: ['ebs_gb_month_price'],
      message: `cost.ebs_gb_month_price must be above 0 and at most ${GIB_MONTH_MAX}: dollars per GiB and month`,
    });
  }
  if (cost.charge_idle === 'pool' && (cost.pool_account ?? '') === '') {
    context.addIssue({
      code: 'custom',
      path: ['pool_account'],
      message: 'cost.pool_account is required when cost.charge_idle is pool',
    });
  }
});

/** Dollars per GiB and month: above this the yearly sums of a great volume leave 63 bits. */
const GIB_MONTH_MAX = 50;

/** reliability.md I13: usage ends with the instance, or with its first minute. */
const SECONDS_ALONE = 'nodes run Linux, and the ledger books seconds';

type Bucket = z.ZodObject<{
  size: z.ZodPrefault<Leaf<number>>;
  per_second: z.ZodPrefault<Leaf<number>>;
}>;

function bucket(size: number, perSecond: number): z.ZodPrefault<Bucket> {
  const own = {
    size: key(whole(1, 100_000), size, 'tokens'),
    per_second: key(ratio(0.001, 10_000), perSecond, 'refill'),
  };
  return key(section(own), {});
}

export const Burst = section({
  batch_size: key(whole(1, 1000), 1000, 'instances a launch call'),
  terminate_batch_size: key(whole(1, 1000), 500, 'instances a terminate call'),
  api_budget: key(
    section({
      launch: bucket(1000, 1.6),
      describe: bucket(100, 16),
      terminate: bucket(1000, 16),
      mutate: bucket(100, 8),
    }),
    {},
  ),
  breaker: key(
    section({
      window: key(duration(), '600s', 'errors within this time count together'),
      threshold: key(whole(1), 1, 'so many open the breaker'),
      open_for: key(duration(), '600s', 'then the pool is not asked'),
    }),
    {},
  ),
  ceiling: key(
    section({
      instances: option(whole(1), 'of the whole cluster at once'),
      starts_per_hour: option(whole(1), 'of the whole cluster'),
      cost_per_hour: option(dollars(), 'of the whole cluster, dollars'),
    }),
    {},
  ),
  protected_failure_count: key(
    whole(-1),
    10,
    'consecutive boot failures of a partition; 0 disables',
  ),
  orphan_grace: key(whole(), 300, 'seconds'),
  requeue_delay: key(whole(0, 86_400), 30, 'seconds, doubled with each abort of the job'),
  max_aborts_per_job: key(whole(1), 5, 'then the job is held in SLURM'),
  reconcile_gap: key(whole(0, 600), 5, 'seconds between the listings of SLURM and EC2'),
  node_hostname: key(oneOf(['nodename', 'private-dns', 'ip']), 'nodename'),
  spot_notice: key(oneOf(['requeue', 'signal', 'wait']), 'signal', 'requeue, signal, wait'),
  allowed_subnets: key(list(text()), [], 'what a plan may name beyond the node group’s own'),
  allowed_launch_templates: key(list(text()), [], 'likewise'),
  allow_plan_user_data: key(flag(), false, 'a plan may bring user data'),
  catalog_max_age: key(duration(), '7d', 'older capability data is asked anew'),
});
