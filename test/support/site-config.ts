import { stringify } from 'yaml';

/** What differs between the sites that demo and tests set up; everything else is the same for all. */
export interface SiteOptions {
  /** Everything of the site lies below this folder. */
  readonly root: string;
  readonly slurmUser: string;
  readonly clusterName: string;
  readonly binPath: string;
  readonly slurmConf: string;
  /** Address of the fake cloud. */
  readonly endpoint: string;
  /** Virtual time, kept by the fake cloud; none: the real clock. */
  readonly clockFile?: string;
  readonly resumeTimeout?: number;
  readonly suspendTimeout?: number;
  readonly suspendTime?: number;
  readonly requeueDelay?: number;
  readonly breakerOpenFor?: string;
  readonly orphanGrace?: number;
  readonly unboundHoldTtl?: string;
  /** Tokens in each bucket of burst.api_budget. */
  readonly apiBudget?: number;
  readonly cpuNodes?: number;
  readonly hpcNodes?: number;
  readonly userOpenHolds?: number;
  /** Nodes aws-hpc-001 …, which the seeds name. */
  readonly seedNodes?: number;
  /** Pays for nodes that no job asked for. */
  readonly poolAccount?: string;
}

export const SUBNETS = ['subnet-0a11ce00000000001', 'subnet-0a11ce00000000002'] as const;
export const TEMPLATE = 'asbb-node';

const EXCLUSIVE = { Default: 'NO', MaxTime: '2-00:00:00', OverSubscribe: 'EXCLUSIVE' };

function smallNodes(feature: string, weight: string) {
  return {
    launch_template_overrides: [
      { instance_type: 'c5.xlarge', spot_price: '0.15', on_demand_price: '0.17' },
    ],
    subnet_ids: [...SUBNETS],
    slurm_specifications: { CPUs: '4', RealMemory: '7000', Feature: feature, Weight: weight },
  };
}

/** Three node groups: on-demand, spot with fallback, and MPI with EFA in a placement group. */
function partitions({ cpuNodes = 32, hpcNodes = 16, seedNodes = 0 }: SiteOptions) {
  const common = {
    launch_template_specification: { launch_template_name: TEMPLATE, version: '1' },
    spot_fallback: 'on-demand',
  };
  return [
    {
      partition_name: 'aws',
      partition_options: { ...EXCLUSIVE, DefaultTime: '01:00:00' },
      node_groups: [
        {
          ...common,
          node_group_name: 'cpu',
          max_nodes: cpuNodes,
          purchasing_option: 'on-demand',
          ...smallNodes('od', '10'),
        },
        {
          ...common,
          node_group_name: 'spot',
          max_nodes: 8,
          purchasing_option: 'spot',
          ...smallNodes('spot', '20'),
        },
        ...(seedNodes === 0
          ? []
          : [
              {
                ...common,
                node_group_name: 'hpc',
                max_nodes: seedNodes,
                purchasing_option: 'on-demand',
                ...smallNodes('hpc', '30'),
              },
            ]),
      ],
    },
    {
      partition_name: 'hpc',
      partition_options: { ...EXCLUSIVE },
      node_groups: [
        {
          ...common,
          node_group_name: 'efa',
          max_nodes: hpcNodes,
          purchasing_option: 'on-demand',
          launch_template_overrides: [{ instance_type: 'c5n.18xlarge', on_demand_price: '3.888' }],
          subnet_ids: [SUBNETS[0]],
          placement_group: 'cluster',
          slurm_specifications: {
            CPUs: '36',
            RealMemory: '170000',
            Feature: 'c5n',
            Weight: '30',
          },
        },
      ],
    },
  ];
}

/** The text of a config.yaml (spec: budget.md 6.2 and burst.md 2 in one file). */
function everyBucket(tokens: number) {
  const bucket = { size: tokens, per_second: tokens };
  return { launch: bucket, describe: bucket, terminate: bucket, mutate: bucket };
}

export function configYaml(site: SiteOptions): string {
  const { root } = site;
  return stringify({
    test_mode: true,
    ...(site.clockFile !== undefined && { test_clock: site.clockFile }),
    site: { timezone: 'UTC', reports_dir: `${root}/reports` },
    database: { dsn: `${root}/state/asbb.db`, allow_volatile: true },
    budget: {
      unbound_hold_ttl: site.unboundHoldTtl ?? '10m',
      user_open_holds_max: site.userOpenHolds ?? 1000,
    },
    cost: {
      data_dir: `${root}/costs`,
      price_file: `${root}/prices.json`,
      overhead_seconds: 650,
      charge_idle: 'job',
      ...(site.poolAccount !== undefined && { pool_account: site.poolAccount }),
    },
    aws: {
      region: 'us-east-1',
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'not-a-secret' },
      endpoint_url: site.endpoint,
    },
    slurm: {
      user: site.slurmUser,
      cluster_name: site.clusterName,
      bin_path: site.binPath,
      config_path: site.slurmConf,
      state_dir: `${root}/state`,
      resume_program: `${root}/libexec/resume`,
      suspend_program: `${root}/libexec/suspend`,
      resume_timeout: site.resumeTimeout ?? 600,
      suspend_timeout: site.suspendTimeout ?? 120,
      suspend_time: site.suspendTime ?? 350,
      default_partition: 'aws',
      partitions: partitions(site),
    },
    burst: {
      reconcile_gap: 0,
      requeue_delay: site.requeueDelay ?? 30,
      orphan_grace: site.orphanGrace ?? 300,
      ...(site.apiBudget !== undefined && { api_budget: everyBucket(site.apiBudget) }),
      breaker: { window: '600s', threshold: 1, open_for: site.breakerOpenFor ?? '600s' },
    },
    logging: { level: 'info', file: `${root}/log/asbb.log` },
  });
}
