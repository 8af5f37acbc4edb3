import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/adapters/config/problem.ts';
import { readConfig } from '../../src/adapters/config/read-config.ts';

const EXAMPLE = readFileSync('test/fixtures/config.example.yaml', 'utf8');
const GROUP = `
      - node_group_name: cpu
        max_nodes: 2
        purchasing_option: spot
        launch_template_specification: { launch_template_name: t }
        launch_template_overrides: [{ instance_type: c5.large }]
        subnet_ids: [s]`;
const BASE = `aws: { region: us-east-1 }
slurm:
  cluster_name: hpc1
  partitions:
  - partition_name: aws
    node_groups:${GROUP}
`;

function lines(text: string, environment: Record<string, string> = {}): readonly string[] {
  return readConfig(text, '/c.yaml', environment).problems.map(renderProblem);
}

/** BASE with one line of a node group or partition replaced. */
function changed(from: string, to: string): string {
  if (!BASE.includes(from)) {
    throw new Error(`not in BASE: ${from}`);
  }
  return BASE.replace(from, to);
}

describe('a whole file', () => {
  it('loads as it stands: the example', () => {
    const read = readConfig(EXAMPLE, '/etc/asbb/config.yaml', {});
    expect(read.problems.map(renderProblem)).toEqual([]);
    expect(read.notes).toEqual([]);
    expect(read.settings).toMatchObject({
      source: '/etc/asbb/config.yaml',
      site: { timezone: 'America/New_York' },
      database: { lock_wait: { submit: 1500, epilog: 4000 } },
      budget: { unbound_hold_ttl: 600_000, default_hold_percentage: '1.2' },
      cost: { overhead_seconds: 650, discount_percent: { 'c6i.*': '5' } },
      aws: { request_timeout: 20_000, connect_timeout: 3000 },
      slurm: {
        bin_path: '/usr/bin/',
        command_timeout: 20_000,
        partitions: [
          {
            fail: 'closed',
            partition_options: { Default: 'NO' },
            node_groups: [
              { node_group_name: 'cpu', region: 'us-east-1', boot_timeout: 540, first_index: 1 },
              { node_group_name: 'mpi', boot_timeout: 540, slurm_specifications: { CPUs: '36' } },
            ],
          },
        ],
      },
      burst: { breaker: { window: 600_000 }, ceiling: { cost_per_hour: '800.00' } },
      logging: { file: '/var/log/slurm/asbb.log' },
    });
  });

  it('loads when it is empty, or not there', () => {
    for (const text of ['', '\n# nothing\n', 'slurm:\naws:\n']) {
      expect(lines(text)).toEqual([]);
    }
    expect(readConfig('', '', {}).settings?.slurm.state_dir).toBe('/var/lib/asbb');
  });

  it('of the burst original loads with both spellings', () => {
    const asba = BASE.replace('us-east-1 }', 'us-east-1, profile: hpc }')
      .replace(
        '  cluster_name',
        '  bin_dir: /opt/slurm/bin\n  config_path: /opt/slurm/etc\n  cluster_name',
      )
      .concat('asba: { enabled: "true", command: asba }\nasbb: { enabled: true }\n');
    const read = readConfig(asba, '/c.yaml', {});
    expect(read.problems).toEqual([]);
    expect(read.settings?.aws.credentials_profile).toBe('hpc');
    expect(read.settings?.slurm.bin_path).toBe('/opt/slurm/bin/');
    expect(read.settings?.slurm.config_path).toBe('/opt/slurm/etc/slurm.conf');
    expect(read.notes).toEqual([
      'asbb.enabled has no effect (built in)',
      'slurm.resume_timeout 300 is below 600: nodes that boot slowly are given up',
    ]);
  });

  it('warns of holds below their estimates', () => {
    const { notes, problems } = readConfig(
      'budget: { default_hold_percentage: 0.8 }',
      '/c.yaml',
      {},
    );
    expect(problems).toEqual([]);
    expect(notes).toEqual([
      'budget.default_hold_percentage 0.8 is below 1: less is held than a job will cost',
    ]);
  });

  it('COST-1: an 11th decimal of a price is rounded with a warning', () => {
    const priced = changed(
      '{ instance_type: c5.large }',
      '{ instance_type: c5.large, on_demand_price: "0.06812345678", spot_price: "0.0300000000" }',
    ).replace('cluster_name: hpc1', 'cluster_name: hpc1\n  resume_timeout: 600');
    const { notes, problems } = readConfig(priced, '/c.yaml', {});
    expect(problems).toEqual([]);
    expect(notes).toEqual(['the price 0.06812345678 of c5.large is rounded to ten decimals']);
  });

  it('of the budget original loads, but for its database', () => {
    const text =
      'service: { listen_addr: ":8080" }\nadvisor: { timeout: 30s }\nallocations: { process_interval: 1h }\nslurm: { config_path: /etc/slurm }\n';
    expect(lines(text)).toEqual([]);
    expect(
      lines(`${text}database: { driver: postgres, dsn: "postgresql://u:geheim@h/db" }\n`),
    ).toEqual([
      '/c.yaml:5: database.driver: database config: unsupported database driver: postgres',
    ]);
  });
});

describe('every problem at once, with file, line, key and what was there', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'no region, no partitions',
      'aws: {}',
      [
        '/c.yaml:1: aws.region is required',
        '/c.yaml: partitions: at least one partition must be configured',
      ],
    ],
    [
      'empty partitions',
      'aws: { region: x }\nslurm: { partitions: [] }',
      ['/c.yaml:2: partitions: at least one partition must be configured'],
    ],
    [
      'unknown keys',
      'slurm:\n  partitons: []\nbugdet: 1\npartitions: []\nlogging: { leve1: info }',
      [
        '/c.yaml:2: config: line 2: unknown key "slurm.partitons" (did you mean "partitions"?)',
        '/c.yaml:3: config: line 3: unknown key "bugdet" (did you mean "budget"?)',
        '/c.yaml:4: config: line 4: unknown key "partitions" (did you mean "slurm.partitions"?)',
        '/c.yaml:5: config: line 5: unknown key "logging.leve1" (did you mean "level"?)',
      ],
    ],
    [
      'prototype keys',
      '__proto__: { x: 1 }\nconstructor: 2',
      [
        '/c.yaml:1: config: line 1: unknown key "__proto__"',
        '/c.yaml:2: config: line 2: unknown key "constructor"',
      ],
    ],
    [
      'method',
      changed('us-east-1 }', 'us-east-1, authentication_method: magic }'),
      ['/c.yaml:1: aws.authentication_method: unsupported authentication method: magic'],
    ],
    ...['assume_role', 'sso', 'web_identity', 'cross_account'].map(
      (method): [string, string, readonly string[]] => [
        method,
        changed('us-east-1 }', `us-east-1, authentication_method: ${method} }`),
        [`/c.yaml:1: aws.authentication_method: ${method} configuration required (got ${method})`],
      ],
    ),
    [
      'keys in the file',
      changed(
        'us-east-1 }',
        'us-east-1, authentication_method: access_keys, access_keys: { access_key_id: AKIAX, secret_access_key: geheim } }',
      ),
      [
        '/c.yaml:1: aws.access_keys: no key belongs in this file; use a profile or the instance role',
      ],
    ],
    [
      'retries',
      changed('us-east-1 }', 'us-east-1, retry_max_attempts: 11, retry_mode: fast }'),
      [
        '/c.yaml:1: aws.retry_max_attempts must be between 1 and 10 (got 11)',
        '/c.yaml:1: aws.retry_mode must be one of: standard, adaptive (got fast)',
      ],
    ],
    [
      'foreign endpoint',
      changed('us-east-1 }', 'us-east-1, endpoint_url: "http://10.0.0.1/" }'),
      [
        '/c.yaml:1: aws.endpoint_url must be on this machine unless test_mode is true (got http://10.0.0.1/)',
      ],
    ],
    [
      'timeouts',
      changed('us-east-1 }', 'us-east-1, connect_timeout: 500ms, request_timeout: 3m }'),
      [
        '/c.yaml:1: aws.connect_timeout must be a duration between 1s and 120s (got 500ms)',
        '/c.yaml:1: aws.request_timeout must be a duration between 1s and 120s (got 3m)',
      ],
    ],
    [
      'slurm numbers',
      changed(
        'cluster_name: hpc1',
        'cluster_name: hpc1\n  bin_path: ""\n  private_data: jobs\n  suspend_rate: 1001\n  resume_timeout: 0\n  suspend_timeout: -1\n  suspend_time: soon\n  resume_program: /x --config y',
      ),
      [
        '/c.yaml:4: slurm.bin_path is required',
        "/c.yaml:5: slurm.private_data must be 'CLOUD' for power save nodes to be visible (got jobs)",
        '/c.yaml:10: slurm.resume_program must be a path without arguments (got /x --config y)',
        '/c.yaml:6: slurm.suspend_rate must be between 0 and 1000 (got 1001)',
        '/c.yaml:7: slurm.resume_timeout must be positive (got 0)',
        '/c.yaml:8: slurm.suspend_timeout must be positive (got -1)',
        '/c.yaml:9: slurm.suspend_time must be positive (got soon)',
      ],
    ],
    [
      'split gangs',
      changed('cluster_name: hpc1', 'cluster_name: hpc1\n  resume_rate: 100'),
      [
        '/c.yaml:4: slurm.resume_rate must be 0: any other rate makes SLURM split a gang over several ResumeProgram calls (got 100)',
      ],
    ],
    [
      'partition',
      changed('partition_name: aws', 'partition_name: aws-dev\n    fail: maybe'),
      [
        '/c.yaml:5: partitions[0].partition_name must contain only alphanumeric characters (got aws-dev)',
        "/c.yaml:6: partitions[0].fail must be 'closed' or 'open' (got maybe)",
      ],
    ],
    [
      'no names',
      changed('partition_name: aws', 'fail: open').replace(
        'node_group_name: cpu',
        'node_digits: 3',
      ),
      [
        '/c.yaml:5: partitions[0].partition_name is required',
        '/c.yaml:7: partitions[0].node_groups[0].node_group_name is required',
      ],
    ],
    [
      'no node groups',
      changed(GROUP, ' []'),
      ['/c.yaml:6: partitions[0].node_groups cannot be empty'],
    ],
    [
      'node group',
      changed('max_nodes: 2', 'max_nodes: 0')
        .replace('spot\n', 'cheap\n')
        .replace('[s]', '[]')
        .replace('cpu', 'c-u'),
      [
        '/c.yaml:7: partitions[0].node_groups[0].node_group_name must contain only alphanumeric characters (got c-u)',
        '/c.yaml:8: partitions[0].node_groups[0].max_nodes must be positive (got 0)',
        "/c.yaml:9: partitions[0].node_groups[0].purchasing_option must be 'spot', 'on-demand' or 'mixed' (got cheap)",
        '/c.yaml:12: partitions[0].node_groups[0].subnet_ids cannot be empty',
      ],
    ],
    [
      'template',
      changed('{ launch_template_name: t }', '{ version: "3" }'),
      [
        '/c.yaml:10: partitions[0].node_groups[0].launch_template_specification: partitions[0].node_groups[0].missing launch template specification',
      ],
    ],
    [
      'overrides',
      changed(
        '[{ instance_type: c5.large }]',
        '[{ instance_type: "c5 large", weighted_capacity: 2, on_demand_price: cheap }]',
      ),
      [
        '/c.yaml:11: partitions[0].node_groups[0].launch_template_overrides[0].instance_type is invalid (got c5 large)',
        '/c.yaml:11: partitions[0].node_groups[0].launch_template_overrides[0].on_demand_price must be dollars an hour such as "0.68" (got cheap)',
        '/c.yaml:11: partitions[0].node_groups[0].launch_template_overrides[0].weighted_capacity must be 1 (got 2)',
      ],
    ],
    [
      'options and tags',
      changed(
        '[s]',
        '[s]\n        on_demand_options: { foo: 1 }\n        spot_options: { allocation_strategy: best }\n        tags: [{ key: "asbb:x", value: y }]',
      ),
      [
        '/c.yaml:13: partitions[0].node_groups[0].on_demand_options.foo is not supported (got 1)',
        '/c.yaml:14: partitions[0].node_groups[0].spot_options.allocation_strategy: best is not supported (got best)',
        '/c.yaml:15: partitions[0].node_groups[0].tags[0].key is reserved (got asbb:x)',
      ],
    ],
    [
      'words',
      'absa: { enabled: maybe }\nmpi: { efa_default: never, hpc_instances_threshold: 0 }\nlogging: { level: loud }',
      [
        '/c.yaml:1: absa.enabled must be one of: auto-detect, true, false (got maybe)',
        '/c.yaml:2: mpi.efa_default must be one of: required, preferred, optional, disabled (got never)',
        '/c.yaml:2: mpi.hpc_instances_threshold must be positive (got 0)',
        '/c.yaml:3: logging.level must be one of: debug, info, warn, error, fatal (got loud)',
      ].toSorted(),
    ],
    [
      'disagreeing spellings',
      'absa: { command: a }\nasba: { command: b }',
      ['/c.yaml:2: absa.command and asba.command disagree'],
    ],
    [
      'pool',
      'cost: { charge_idle: pool }',
      ['/c.yaml:1: cost.pool_account is required when cost.charge_idle is pool'],
    ],
    [
      'budget side',
      'service: { listen_addr: "", tls_enabled: true }\nadvisor: { url: "", timeout: 0s }\nbudget: { default_hold_percentage: 0, min_budget_amount: -1 }',
      [
        '/c.yaml:1: service.listen_addr: service config: listen_addr is required',
        '/c.yaml:2: advisor.timeout: advisor config: advisor timeout must be positive (got 0s)',
        '/c.yaml:3: budget.default_hold_percentage: budget config: default_hold_percentage must be positive (got 0)',
        '/c.yaml:3: budget.min_budget_amount: budget config: min_budget_amount cannot be negative (got -1)',
      ],
    ],
    [
      'TLS',
      'service: { tls_enabled: true }',
      [
        '/c.yaml:1: service.tls_enabled: service config: TLS cert and key files are required when TLS is enabled (got true)',
      ],
    ],
    [
      'amounts',
      'budget: { min_budget_amount: 5, max_budget_amount: 4 }',
      [
        '/c.yaml:1: budget.max_budget_amount: budget config: max_budget_amount must be greater than min_budget_amount (got 4)',
      ],
    ],
    [
      'test mode',
      'test_clock: /x\nburst: { reconcile_gap: 0 }',
      [
        '/c.yaml:1: test_clock needs test_mode: true (got /x)',
        '/c.yaml:2: burst.reconcile_gap can be 0 only with test_mode: true (got 0)',
      ],
    ],
    [
      'zone',
      'site: { timezone: Mars/Base }',
      [
        '/c.yaml:1: site.timezone must be the name of a time zone such as America/New_York (got Mars/Base)',
      ],
    ],
    [
      'kinds',
      'slurm: 3\nbudget: [1]',
      ['/c.yaml:2: budget must be a map of keys', '/c.yaml:1: slurm must be a map of keys (got 3)'],
    ],
    [
      'not YAML',
      'slurm: {',
      [
        '/c.yaml:1: not valid YAML: Flow map in block collection must be sufficiently indented and end with a }',
      ],
    ],
    ['twice', 'mpi: {}\nmpi: {}', ['/c.yaml:2: not valid YAML: Map keys must be unique']],
    ['a list', '- 1', ['/c.yaml:1: the file must be a map of sections such as slurm: and budget:']],
  ])('%s', (_, text, expected) => {
    expect(lines(text).toSorted()).toEqual([...expected].toSorted());
  });

  it('shows no secret and no password', () => {
    const text = changed(
      'us-east-1 }',
      'us-east-1, access_keys: { access_key_id: AKIAPLANTED, secret_access_key: [planted] } }',
    ).concat(
      'auth: { jwt_secret: [planted] }\ndatabase: { driver: pg, dsn: "pg://u:planted@h" }\n',
    );
    expect(lines(text).join('\n')).not.toContain('lanted');
    expect(lines(text).length).toBeGreaterThan(2);
  });

  it('needs the cluster’s name, from slurm.conf or written', () => {
    const text = BASE.replace('  cluster_name: hpc1\n', '  config_path: /nonexistent/slurm.conf\n');
    expect(lines(text)).toEqual([
      '/c.yaml: slurm.cluster_name is not set, and /nonexistent/slurm.conf has no ClusterName that we can read',
    ]);
  });
});
