import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryAssociations } from '../../src/adapters/system/directory-associations.ts';
import { DirectoryRequests } from '../../src/adapters/system/directory-requests.ts';
import { DirectorySpool } from '../../src/adapters/system/directory-spool.ts';
import { JsonLog } from '../../src/adapters/system/json-log.ts';
import { RandomIds } from '../../src/adapters/system/random-ids.ts';
import { SystemClock } from '../../src/adapters/system/system-clock.ts';
import { onDemandRates } from '../../src/core/burst/prices.ts';
import type { Settings } from '../../src/core/config/settings.ts';
import { isRefused } from '../../src/core/errors.ts';
import type { HoldRow } from '../../src/core/ledger/rows.ts';
import type { HookAnswer } from '../../src/core/policy/hook-answer.ts';
import { parseJobRequest } from '../../src/core/slurm/job-request.ts';
import { modify } from '../../src/flows/modify.ts';
import type { HotPorts } from '../../src/flows/steps/hot-ports.ts';
import { submit } from '../../src/flows/submit.ts';
import { type TemporaryLedger, temporaryLedger } from '../support/ledger.ts';
import { exampleSettings } from '../support/settings.ts';

export const NO_VAL = 4_294_967_294;
export const NO_VAL16 = 65_534;

function group(price: string, cpus: string, feature: string) {
  return {
    node_group_name: 'g',
    max_nodes: 50,
    purchasing_option: 'on-demand',
    launch_template_specification: { launch_template_name: 't' },
    launch_template_overrides: [{ instance_type: 'x.large', on_demand_price: price }],
    subnet_ids: ['s'],
    slurm_specifications: { CPUs: cpus, RealMemory: '16000', Feature: feature },
  };
}

/** aws: 16 CPUs at 1 $/h; big: 32 CPUs at 3 $/h; free: admits when the ledger is not there. */
const PARTITIONS = [
  { partition_name: 'aws', node_groups: [group('1', '16', 'od')] },
  { partition_name: 'big', node_groups: [group('3', '32', 'od')] },
  { partition_name: 'free', fail: 'open', node_groups: [group('1', '16', 'od')] },
];

export interface HotSite {
  readonly books: TemporaryLedger;
  readonly settings: Settings;
  readonly ports: HotPorts;
  /** Runs the request as the hook does, through its file. */
  ask(request: Record<string, unknown>, name?: string): Promise<HookAnswer>;
  holds(): Promise<readonly HoldRow[]>;
  spooled(): readonly Readonly<Record<string, unknown>>[];
}

let counter = 0;

export function nextName(): string {
  counter += 1;
  return `6a000000${counter.toString(16).padStart(6, '0')}`;
}

function settingsWith(changes: Record<string, unknown>, state: string): Settings {
  const { slurm, cost, ...others } = changes;
  return exampleSettings({
    ...others,
    slurm: { state_dir: state, partitions: PARTITIONS, ...(slurm as object) },
    cost: {
      overhead_seconds: 0,
      discount_percent: {},
      max_cost_per_hour: '100000',
      max_total_cost: '1000000',
      ...(cost as object),
    },
    budget: { default_hold_percentage: '1', ...(changes['budget'] as object) },
  });
}

/** A real ledger, real files, the real flows; 1 $ an hour and node, no overhead, no buffer. */
export async function hotSite(changes: Record<string, unknown> = {}): Promise<HotSite> {
  const books = await temporaryLedger();
  const settings = settingsWith(changes, books.directory);
  const { clock } = books;
  const real = new SystemClock();
  const ids = new RandomIds();
  const fullClock = {
    nowUs: () => clock.nowUs(),
    monotonicMs: () => 0,
    sleep: (ms: number) => real.sleep(ms),
  };
  const spool = new DirectorySpool(books.directory, fullClock, ids);
  const requests = new DirectoryRequests(books.directory, fullClock);
  const associations = new DirectoryAssociations(books.directory);
  const ports: HotPorts = {
    ledger: books.ledger,
    clock: fullClock,
    ids,
    spool,
    associations,
    log: new JsonLog(fullClock, {
      files: [join(books.directory, 'asbb.log')],
      level: 'debug',
      maxBytes: 1e9,
      mayStartLogger: false,
    }),
    pricing: { settings, rateOf: onDemandRates(settings, undefined), priceDate: '' },
  };
  const directory = join(books.directory, 'submit');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return {
    books,
    settings,
    ports,
    ask: async (given, name = nextName()) => {
      writeFileSync(join(directory, name), `${JSON.stringify(given)}\n`, { mode: 0o600 });
      const request = parseJobRequest(requests.read(name));
      if (isRefused(request)) {
        return request;
      }
      return request.verb === 'submit'
        ? await submit({ name, request }, ports)
        : await modify({ name, request }, ports);
    },
    holds: async () => {
      const { holds } = await books.ledger.read({ holds: { open: {} } });
      return holds;
    },
    spooled: () => spool.list().map(({ record }) => record),
  };
}

/** What the shim writes for `sbatch -p aws -t 60`; unset numbers as SLURM gives them. */
export function submitted(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    v: 1,
    verb: 'submit',
    uid: 64_101,
    cluster: 'hpc1',
    user_id: 64_101,
    het_job_offset: NO_VAL,
    time_limit: 60,
    time_min: NO_VAL,
    min_nodes: NO_VAL,
    max_nodes: NO_VAL,
    min_cpus: 1,
    max_cpus: NO_VAL,
    num_tasks: NO_VAL,
    ntasks_per_node: NO_VAL16,
    cpus_per_task: NO_VAL16,
    pn_min_cpus: NO_VAL16,
    shared: NO_VAL16,
    begin_time: 0,
    name: 'wrap',
    default_account: 'physics',
    user_name: 'alice',
    partition: 'aws',
    parts: { aws: { max_time: 2880, default_time: NO_VAL, max_nodes: NO_VAL } },
    ...more,
  };
}

/** `scontrol update jobid=…` of that job. */
export function updated(
  job: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const base = submitted({ time_limit: NO_VAL, min_cpus: NO_VAL, ...more });
  const { partition } = more;
  return {
    ...base,
    verb: 'modify',
    ...(partition === undefined && { partition: undefined }),
    job: {
      job_id: 100,
      array_job_id: 0,
      array_task_id: NO_VAL,
      het_job_id: 0,
      account: 'physics',
      partition: 'aws',
      admin_comment: '',
      job_state: 0,
      restart_cnt: 0,
      submit_time: 1_795_262_000,
      time_limit: 60,
      min_nodes: 1,
      max_nodes: 0,
      min_cpus: 1,
      total_cpus: 1,
      ...job,
    },
  };
}
