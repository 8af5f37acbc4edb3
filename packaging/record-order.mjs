// One `hook submit` by an executable that is being built, on a ledger of its own: the runtime writes down
// which functions it used, and the next link lays those side by side (`bun build --bytecode-order`).
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const ACCOUNT = ['--account', 'build', '--name', 'Build', '--budget', '1000'];
const DATES = ['--start', '2020-01-01', '--end', '2099-12-31'];
/** The first submit reads the YAML and unpacks the addon; the second is what slurmctld waits for. */
const SUBMITS = 2;

/** JSON is YAML. */
function config(root) {
  const size = { CPUs: '4', RealMemory: '7000' };
  return {
    test_mode: true,
    database: { dsn: `${root}/state/asbb.db`, allow_volatile: true },
    cost: { data_dir: `${root}/costs`, price_file: `${root}/prices.json` },
    aws: { region: 'us-east-1' },
    slurm: {
      user: userInfo().username,
      cluster_name: 'build',
      bin_path: '/usr/bin',
      state_dir: `${root}/state`,
      partitions: [
        {
          partition_name: 'aws',
          partition_options: { DefaultTime: '01:00:00', MaxTime: '2-00:00:00' },
          node_groups: ['cpu', 'spot'].map((name) => ({
            node_group_name: name,
            max_nodes: 8,
            purchasing_option: name === 'spot' ? 'spot' : 'on-demand',
            launch_template_specification: { launch_template_name: 'build', version: '1' },
            launch_template_overrides: [
              { instance_type: 'c5.xlarge', spot_price: '0.15', on_demand_price: '0.17' },
            ],
            subnet_ids: ['subnet-0a11ce00000000001'],
            slurm_specifications: size,
          })),
        },
      ],
    },
    logging: { level: 'info', file: `${root}/state/asbb.log` },
  };
}

/** As job_submit.lua writes it (src/core/slurm/job-request.ts): sbatch -p aws -N 1 -t 30. */
const REQUEST = {
  v: 1,
  verb: 'submit',
  uid: 1000,
  cluster: 'build',
  user_id: 1000,
  het_job_offset: 4_294_967_294,
  time_limit: 30,
  min_nodes: 1,
  min_cpus: 1,
  name: 'wrap',
  account: 'build',
  default_account: 'build',
  user_name: 'somebody',
  partition: 'aws',
  parts: { aws: { max_time: 2880, default_time: 60, min_nodes: 1, max_nodes: 4_294_967_294 } },
};

/** Writes the order file to `path`; throws where no such run is possible, and then there is none. */
export function recordOrder(executable, path) {
  const root = mkdtempSync(join(tmpdir(), 'asbb-build-'));
  try {
    chmodSync(root, 0o755);
    const requests = join(root, 'state/submit');
    mkdirSync(requests, { recursive: true, mode: 0o750 });
    const file = join(root, 'config.yaml');
    writeFileSync(file, JSON.stringify(config(root)));
    const env = { ASBB_CONFIG: file, BUN_JSC_useJIT: '0' }; // as the shim starts it
    const run = (args, more) =>
      execFileSync(executable, args, {
        ...{ cwd: '/', encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
        env: { ...env, ...more },
      });
    run(['ledger', 'migrate']);
    run(['account', 'create', ...ACCOUNT, ...DATES]);
    const seconds = Math.floor(Date.now() / 1000);
    for (let at = 1; at <= SUBMITS; at += 1) {
      const name = `${seconds.toString(16).padStart(8, '0')}${at.toString(16).padStart(6, '0')}`;
      writeFileSync(join(requests, name), `${JSON.stringify(REQUEST)}\n`, { mode: 0o600 });
      const answer = run(
        ['hook', 'submit', name],
        at === SUBMITS && { BUN_BYTECODE_ORDER_OUT: path },
      );
      if (!answer.startsWith('asbb1 ok ')) {
        throw new Error(`hook submit answers ${answer}`);
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
