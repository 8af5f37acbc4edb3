import { z } from 'zod';
import { OWN_TAGS_MAX } from '../../src/core/burst/tags.ts';
import { parseRate } from '../../src/core/money/rate.ts';
import {
  decimal,
  duration,
  flag,
  key,
  type Leaf,
  leaf,
  list,
  oneOf,
  option,
  ratio,
  section,
  text,
  whole,
  words,
} from './leaf.ts';

// burst.md 2.2 and 2.3: slurm, its partitions and node groups.

const BARE_PATH = /^\/\S*$/u;
const NAME = /^[A-Za-z0-9]+$/u;
const INSTANCE_TYPE = /^(?:auto|[a-z][a-z0-9-]*\.[a-z0-9-]+)$/u;
const PERCENT = /^(?:100(?:\.0{1,4})?|[0-9]{1,2}(?:\.[0-9]{1,4})?)$/u;
const RESERVED_TAG = /^(?:aws:.*|asbb:.*|ManagedBy|Partition|NodeGroup|JobID|Name|SlurmNode)$/u;

export function discounts(): z.ZodRecord<z.ZodString, Leaf<string>> {
  return z.record(
    z.string(),
    decimal('@ must be a percentage with at most 4 decimals', (given) => PERCENT.test(given)),
    { error: '@ must be a map of instance type patterns to percentages' },
  );
}

/** Two rules on one name: missing, and of the wrong letters; each with its own text. */
function name(what: string): Leaf<string> {
  return leaf(`@${what} is required`, (value) =>
    typeof value === 'string' && value !== '' ? value : undefined,
  ).refine((given) => NAME.test(given), {
    error: `@${what} must contain only alphanumeric characters`,
  });
}

function price(what: string): Leaf<string> {
  return decimal(
    `@${what} must be dollars an hour such as "0.68"`,
    (given) => parseRate(given) !== undefined,
  );
}

function filled<T extends z.ZodType>(of: T, problem: string): z.ZodArray<T> {
  return z.array(of, { error: problem }).min(1, { error: problem });
}

/** A map whose allowed names are few; an unknown one is `…NAME is not supported`. No words: any. */
function options(
  allowed: Readonly<Record<string, readonly string[]>>,
): z.ZodRecord<z.ZodString, Leaf<string>> {
  return words().superRefine((given, context) => {
    for (const [name_, value] of Object.entries(given)) {
      const isKnown = Object.hasOwn(allowed, name_);
      const values = allowed[name_] ?? [];
      if (!isKnown || (values.length > 0 && !values.includes(value))) {
        const said = isKnown ? `${name_}: ${value}` : name_;
        context.addIssue({ code: 'custom', path: [name_], message: `@${said} is not supported` });
      }
    }
  });
}

const Override = section({
  instance_type: key(text('@instance_type is invalid', INSTANCE_TYPE), ''),
  spot_price: option(price('spot_price')),
  on_demand_price: option(price('on_demand_price')),
  subnet_id: option(text()),
  weighted_capacity: option(
    leaf('@weighted_capacity must be 1', (value) => (Number(value) === 1 ? 1 : undefined)),
  ),
});

const LaunchTemplate = section({
  launch_template_name: option(text()),
  launch_template_id: option(text()),
  version: key(text(), '$Default'),
});

const Tag = section({
  key: key(text('@key must have 1 to 128 characters', /^.{1,128}$/su), ''),
  value: key(text('@value must have at most 256 characters', /^.{0,256}$/su), ''),
}).superRefine((tag, context) => {
  if (RESERVED_TAG.test(tag.key)) {
    context.addIssue({ code: 'custom', path: ['key'], message: '@key is reserved' });
  }
});

const NodeGroup = section({
  node_group_name: key(name('node_group_name'), ''),
  max_nodes: key(whole(1, 65_536, '@max_nodes must be positive'), 0),
  node_digits: key(whole(1, 9), 3),
  first_index: key(whole(0), 1),
  region: option(text()),
  purchasing_option: key(
    oneOf(
      ['spot', 'on-demand', 'mixed', 'capacity-block'],
      "@purchasing_option must be 'spot', 'on-demand' or 'mixed'",
    ),
    '',
  ),
  spot_fallback: key(oneOf(['on-demand', 'none']), 'on-demand'),
  spot_ratio: option(ratio(0, 1)),
  launch_template_specification: key(LaunchTemplate, {}),
  launch_template_overrides: key(
    filled(Override, '@launch_template_overrides cannot be empty'),
    [],
  ),
  subnet_ids: key(filled(text(), '@subnet_ids cannot be empty'), []),
  security_group_ids: key(list(text()), []),
  iam_instance_profile: option(text()),
  slurm_specifications: key(words(), {}),
  on_demand_options: key(
    options({
      allocation_strategy: ['lowest-price', 'prioritized'],
      capacity_reservation_usage: ['use-capacity-reservations-first'],
    }),
    {},
  ),
  spot_options: key(
    options({
      allocation_strategy: [
        'price-capacity-optimized',
        'capacity-optimized',
        'capacity-optimized-prioritized',
        'lowest-price',
        'diversified',
      ],
      max_total_price: [],
      instance_pools_to_use_count: [],
    }),
    {},
  ),
  tags: key(
    list(Tag).max(OWN_TAGS_MAX, { error: `@tags cannot be more than ${OWN_TAGS_MAX}` }),
    [],
  ),
  placement_group: key(oneOf(['auto', 'none', 'cluster', 'partition', 'spread']), 'auto'),
  api: key(oneOf(['create-fleet', 'run-instances']), 'create-fleet'),
  boot_timeout: option(whole(1)),
}).superRefine((group, context) => {
  const template = group.launch_template_specification;
  const named = [template.launch_template_name, template.launch_template_id].filter(
    (given) => (given ?? '') !== '',
  );
  if (named.length !== 1) {
    context.addIssue({
      code: 'custom',
      path: ['launch_template_specification'],
      message:
        named.length === 0
          ? '@missing launch template specification'
          : '@launch_template_specification needs one of launch_template_name and launch_template_id',
    });
  }
});

const Partition = section({
  partition_name: key(name('partition_name'), ''),
  fail: key(oneOf(['closed', 'open'], "@fail must be 'closed' or 'open'"), 'closed'),
  partition_options: key(words(), {}),
  node_groups: key(filled(NodeGroup, '@node_groups cannot be empty'), []),
});

const SPLIT_GANGS =
  'slurm.resume_rate must be 0: any other rate makes SLURM split a gang over several ResumeProgram calls';

function positive(what: string): Leaf<number> {
  return whole(1, Number.MAX_SAFE_INTEGER, `slurm.${what} must be positive`);
}

function bare(what: string): Leaf<string> {
  return text(`slurm.${what} must be a path without arguments`, BARE_PATH);
}

export const Slurm = section({
  bin_path: key(
    text('slurm.bin_path is required', /./u),
    '/usr/bin',
    'every SLURM command is started from here',
  ),
  config_path: key(
    text('slurm.config_path must be an absolute path', /^\//u),
    '/etc/slurm/slurm.conf',
    'slurm.conf, or its directory',
  ),
  private_data: key(
    text("slurm.private_data must be 'CLOUD' for power save nodes to be visible", /^cloud$/iu),
    'CLOUD',
  ),
  user: key(text('@user must be a user name', /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/u), 'slurm'),
  cluster_name: option(
    text('@cluster_name must be a cluster name', /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/u),
    'as ClusterName in slurm.conf, which is read when this is not set',
  ),
  state_dir: option(text('slurm.state_dir must be an absolute path', /^\//u), 'of the ledger'),
  resume_program: key(bare('resume_program'), '/usr/local/libexec/asbb/resume', 'bare path'),
  suspend_program: key(bare('suspend_program'), '/usr/local/libexec/asbb/suspend', 'bare path'),
  resume_rate: key(
    whole(0, 1000, 'slurm.resume_rate must be between 1 and 1000'),
    0,
    'any other rate splits gangs',
  ),
  suspend_rate: key(whole(0, 1000, 'slurm.suspend_rate must be between 0 and 1000'), 0),
  resume_timeout: key(positive('resume_timeout'), 300, 'seconds'),
  suspend_timeout: key(positive('suspend_timeout'), 120, 'seconds'),
  suspend_time: key(positive('suspend_time'), 350, 'seconds'),
  tree_width: key(positive('tree_width'), 60_000),
  command_timeout: key(duration(1), '20s', 'of one SLURM command'),
  allow_split_gangs: key(flag(), false, 'lets resume_rate differ from 0; gangs are then refused'),
  default_partition: key(text(), 'cpu', 'when a job names none'),
  job_monitor_enabled: key(flag(), true, { noEffect: 'recovery asks SLURM' }),
  monitor_interval: key(duration(), '30s', { noEffect: 'recovery asks SLURM' }),
  epilog_script: key(text(), '', { noEffect: 'see slurm-conf/' }),
  partitions: key(list(Partition), []),
}).superRefine((slurm, context) => {
  const hasGangs = slurm.partitions.some((partition) =>
    partition.node_groups.some((group) => group.max_nodes > 1),
  );
  if (slurm.resume_rate !== 0 && hasGangs && !slurm.allow_split_gangs) {
    context.addIssue({ code: 'custom', path: ['resume_rate'], message: SPLIT_GANGS });
  }
  for (const [at, { partition_name }] of slurm.partitions.entries()) {
    if (slurm.partitions.findIndex((other) => other.partition_name === partition_name) !== at) {
      context.addIssue({
        code: 'custom',
        path: ['partitions', at, 'partition_name'],
        message: '@partition_name is given twice',
      });
    }
  }
});
