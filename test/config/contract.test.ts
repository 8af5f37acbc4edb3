import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { renderProblem } from '../../src/adapters/config/problem.ts';
import { readConfig } from '../../src/adapters/config/read-config.ts';

// The messages of burst.md 2.1 to 2.5 are part of the contract: each is provoked by its key alone, in a
// file that is otherwise in order, and is the only thing that is said.

const GROUP = {
  node_group_name: 'cpu',
  max_nodes: 2,
  purchasing_option: 'spot',
  launch_template_specification: { launch_template_name: 't' },
  launch_template_overrides: [{ instance_type: 'c5.large' }],
  subnet_ids: ['s'],
};
const BASE = {
  aws: { region: 'us-east-1' },
  slurm: {
    cluster_name: 'hpc1',
    partitions: [{ partition_name: 'aws', node_groups: [GROUP] }],
  },
};
const P = 'partitions[0]';
const G = `${P}.node_groups[0]`;

type Tree = Record<string, unknown>;

/** BASE with `slurm.partitions.0.fail` or the like set; `undefined` takes the key out. */
function changed(path: string, value: unknown): string {
  const tree: Tree = parse(stringify(BASE));
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let at: Tree = tree;
  for (const step of steps) {
    at[step] ??= {};
    at = at[step] as Tree; // made one line above, or a part of BASE
  }
  at[last] = value;
  return stringify(JSON.parse(JSON.stringify(tree)));
}

function said(path: string, value: unknown): readonly string[] {
  return readConfig(changed(path, value), '/c.yaml', {}).problems.map(renderProblem);
}

const GROUP_KEY = 'slurm.partitions.0.node_groups.0';

describe('every message of burst.md 2 (the contract)', () => {
  it.each<[string, unknown, string]>([
    ['aws.region', undefined, 'aws.region is required'],
    ['aws.authentication_method', 'X', 'unsupported authentication method: X'],
    ['aws.authentication_method', 'assume_role', 'assume_role configuration required'],
    ['aws.authentication_method', 'sso', 'sso configuration required'],
    ['aws.authentication_method', 'web_identity', 'web_identity configuration required'],
    ['aws.authentication_method', 'cross_account', 'cross_account configuration required'],
    ['aws.authentication_method', 'access_keys', 'access_keys configuration required'],
    [
      'aws.access_keys',
      { access_key_id: 'A', secret_access_key: 'B' },
      'aws.access_keys: no key belongs in this file; use a profile or the instance role',
    ],
    ['aws.retry_max_attempts', 0, 'aws.retry_max_attempts must be between 1 and 10'],
    ['aws.retry_mode', 'legacy', 'aws.retry_mode must be one of: standard, adaptive'],
    ['slurm.bin_path', '', 'slurm.bin_path is required'],
    [
      'slurm.private_data',
      'jobs',
      "slurm.private_data must be 'CLOUD' for power save nodes to be visible",
    ],
    ['slurm.resume_rate', 1001, 'slurm.resume_rate must be between 1 and 1000'],
    [
      'slurm.resume_rate',
      100,
      'slurm.resume_rate must be 0: any other rate makes SLURM split a gang over several ResumeProgram calls',
    ],
    ['slurm.suspend_rate', 1001, 'slurm.suspend_rate must be between 0 and 1000'],
    ['slurm.resume_timeout', 0, 'slurm.resume_timeout must be positive'],
    ['slurm.suspend_timeout', 0, 'slurm.suspend_timeout must be positive'],
    ['slurm.suspend_time', 0, 'slurm.suspend_time must be positive'],
    ['slurm.tree_width', 0, 'slurm.tree_width must be positive'],
    ['slurm.resume_program', '/x -c /y', 'slurm.resume_program must be a path without arguments'],
    ['slurm.suspend_program', 'x', 'slurm.suspend_program must be a path without arguments'],
    ['slurm.partitions', [], 'at least one partition must be configured'],
    ['slurm.partitions.0.partition_name', undefined, `${P}.partition_name is required`],
    [
      'slurm.partitions.0.partition_name',
      'aws-dev',
      `${P}.partition_name must contain only alphanumeric characters`,
    ],
    ['slurm.partitions.0.node_groups', [], `${P}.node_groups cannot be empty`],
    ['slurm.partitions.0.fail', 'maybe', `${P}.fail must be 'closed' or 'open'`],
    [`${GROUP_KEY}.node_group_name`, undefined, `${G}.node_group_name is required`],
    [
      `${GROUP_KEY}.node_group_name`,
      'c-u',
      `${G}.node_group_name must contain only alphanumeric characters`,
    ],
    [`${GROUP_KEY}.max_nodes`, 0, `${G}.max_nodes must be positive`],
    [
      `${GROUP_KEY}.purchasing_option`,
      'cheap',
      `${G}.purchasing_option must be 'spot', 'on-demand' or 'mixed'`,
    ],
    [
      `${GROUP_KEY}.launch_template_specification`,
      {},
      `${G}.missing launch template specification`,
    ],
    [
      `${GROUP_KEY}.launch_template_overrides`,
      [],
      `${G}.launch_template_overrides cannot be empty`,
    ],
    [
      `${GROUP_KEY}.launch_template_overrides.0.instance_type`,
      'c5',
      `${G}.launch_template_overrides[0].instance_type is invalid`,
    ],
    [
      `${GROUP_KEY}.launch_template_overrides.0.weighted_capacity`,
      2,
      `${G}.launch_template_overrides[0].weighted_capacity must be 1`,
    ],
    [`${GROUP_KEY}.subnet_ids`, [], `${G}.subnet_ids cannot be empty`],
    [`${GROUP_KEY}.on_demand_options`, { X: 'y' }, `${G}.on_demand_options.X is not supported`],
    [`${GROUP_KEY}.spot_options`, { X: 'y' }, `${G}.spot_options.X is not supported`],
    [`${GROUP_KEY}.tags`, [{ key: 'asbb:cluster', value: 'x' }], `${G}.tags[0].key is reserved`],
    [`${GROUP_KEY}.tags`, [{ key: 'aws:x', value: 'x' }], `${G}.tags[0].key is reserved`],
    ['absa.enabled', 'maybe', 'absa.enabled must be one of: auto-detect, true, false'],
    [
      'mpi.efa_default',
      'never',
      'mpi.efa_default must be one of: required, preferred, optional, disabled',
    ],
    ['mpi.hpc_instances_threshold', 0, 'mpi.hpc_instances_threshold must be positive'],
    ['logging.level', 'loud', 'logging.level must be one of: debug, info, warn, error, fatal'],
    ['cost.charge_idle', 'pool', 'cost.pool_account is required when cost.charge_idle is pool'],
  ])('%s = %j', (path, value, message) => {
    const problems = said(path, value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });

  it.each<[string, unknown, string]>([
    ['aws.assume_role', {}, 'aws.assume_role.role_arn is required'],
    ['aws.cross_account', {}, 'aws.cross_account.target_role_arn is required'],
    [
      'aws.web_identity',
      { role_arn: 'arn:aws:iam::111122223333:role/x' },
      'aws.web_identity.token_file is required',
    ],
    ['aws.sso', { start_url: 'u', account_id: '1' }, 'aws.sso.role_name is required'],
  ])('%s = %j lacks what its method needs', (path, value, message) => {
    const tree: { aws: Tree } = parse(changed(path, value));
    tree.aws['authentication_method'] = path.slice('aws.'.length);
    const { problems } = readConfig(stringify(tree), '/c.yaml', {});
    expect(problems.map(renderProblem)).toEqual([expect.stringContaining(message)]);
  });

  it.each<[string, unknown, RegExp]>([
    ['aws.assume_role.role_arn', 'role/x', /must be the ARN of a role/u],
    ['aws.assume_role.duration_seconds', 899, /between 900 and 43200/u],
    ['aws.connect_timeout', '500ms', /between 1s and 120s/u],
    ['aws.endpoint_url', 'http://10.0.0.1', /unless test_mode is true/u],
    ['slurm.command_timeout', '0s', /must be a duration/u],
    ['mpi.placement_group_threshold', 1, /at least 2/u],
    ['burst.batch_size', 1001, /between 1 and 1000/u],
    ['burst.terminate_batch_size', 0, /between 1 and 1000/u],
    ['burst.reconcile_gap', 0, /only with test_mode/u],
    ['burst.spot_notice', 'no', /requeue, signal, wait/u],
    ['burst.node_hostname', 'x', /nodename, private-dns, ip/u],
    ['cost.aborted_attempts', 'x', /job, site/u],
    ['cost.discount_percent', { 'c6i.*': '5.12345' }, /at most 4 decimals/u],
    ['cost.discount_percent', { 'c6i.*': 101 }, /percentage/u],
    ['cost.billing_model', 'hourly', /must be per-second/u],
    ['cost.include_ebs', true, /ebs_gb_month_price is required when cost.include_ebs is true/u],
    ['cost.ebs_gb_month_price', '0', /above 0 and at most 50/u],
    ['cost.ebs_gb_month_price', '51', /above 0 and at most 50/u],
    [`${GROUP_KEY}.spot_ratio`, 1.5, /between 0 and 1/u],
    [`${GROUP_KEY}.tags`, [{ key: '', value: 'x' }], /1 to 128 characters/u],
    [`${GROUP_KEY}.tags`, [{ key: 'k', value: 'x'.repeat(257) }], /at most 256 characters/u],
    [
      `${GROUP_KEY}.tags`,
      Array.from({ length: 38 }, (_, at) => ({ key: `k${at}`, value: 'v' })),
      /cannot be more than 37/u,
    ],
    [
      `${GROUP_KEY}.launch_template_specification`,
      { launch_template_name: 't', launch_template_id: 'lt-1' },
      /needs one of/u,
    ],
    [`${GROUP_KEY}.spot_options`, { allocation_strategy: 'best' }, /is not supported/u],
    [`${GROUP_KEY}.placement_group`, 'rack', /auto, none, cluster, partition, spread/u],
    [`${GROUP_KEY}.api`, 'run', /create-fleet, run-instances/u],
  ])('%s = %j is refused', (path, value, pattern) => {
    const problems = said(path, value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(pattern);
  });

  it('has the defaults of burst.md 2', () => {
    const { settings, problems } = readConfig(stringify(BASE), '/c.yaml', {});
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      aws: {
        authentication_method: 'instance_profile',
        credentials_profile: undefined,
        retry_max_attempts: 3,
        retry_mode: 'adaptive',
        connect_timeout: 3000,
        request_timeout: 20_000,
      },
      slurm: {
        bin_path: '/usr/bin/',
        config_path: '/etc/slurm/slurm.conf',
        private_data: 'CLOUD',
        resume_rate: 0,
        suspend_rate: 0,
        resume_timeout: 300,
        suspend_timeout: 120,
        suspend_time: 350,
        tree_width: 60_000,
        command_timeout: 20_000,
        user: 'slurm',
        state_dir: '/var/lib/asbb',
        allow_split_gangs: false,
        partitions: [
          {
            fail: 'closed',
            node_groups: [
              {
                region: 'us-east-1',
                launch_template_specification: { version: '$Default' },
                node_digits: 3,
                first_index: 1,
                placement_group: 'auto',
                api: 'create-fleet',
                spot_fallback: 'on-demand',
                boot_timeout: 240,
              },
            ],
          },
        ],
      },
      absa: {
        enabled: 'auto-detect',
        timeout_seconds: 30,
        at_submit: false,
        plan_dir: '/var/spool/asbb/plans',
        plan_max_age: 86_400_000,
        on_bad_plan: 'abort',
        on_unavailable: 'standalone',
      },
      mpi: {
        efa_default: 'preferred',
        hpc_instances_threshold: 8,
        placement_group_threshold: 2,
        force_cluster_placement_group: false,
      },
      cost: {
        data_dir: '/var/spool/asbx',
        charge_idle: 'job',
        aborted_attempts: 'job',
        discount_percent: {},
        billing_model: 'per-second',
        price_file: '/var/lib/asbb/prices.json',
        overhead_seconds: 650,
      },
      burst: {
        batch_size: 1000,
        terminate_batch_size: 500,
        breaker: { window: 600_000, threshold: 1, open_for: 600_000 },
        protected_failure_count: 10,
        orphan_grace: 300,
        node_hostname: 'nodename',
        spot_notice: 'signal',
        requeue_delay: 30,
        max_aborts_per_job: 5,
        reconcile_gap: 5,
        api_budget: {
          launch: { size: 1000, per_second: 1.6 },
          describe: { size: 100, per_second: 16 },
          terminate: { size: 1000, per_second: 16 },
          mutate: { size: 100, per_second: 8 },
        },
      },
    });
  });

  it('says what is legal and seldom meant', () => {
    expect(readConfig(changed('cost.charge_idle', 'job'), '/c.yaml', {}).notes).toEqual([
      'slurm.resume_timeout 300 is below 600: nodes that boot slowly are given up',
    ]);
  });
});
