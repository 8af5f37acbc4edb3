import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, onTestFinished } from 'vitest';
import { Ec2Cloud } from '../../../src/adapters/ec2/ec2-cloud.ts';
import type { StoredCatalog } from '../../../src/core/burst/catalog.ts';
import { onDemandRates } from '../../../src/core/burst/prices.ts';
import type { Settings } from '../../../src/core/config/settings.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { placeHold } from '../../../src/core/ledger/place-hold.ts';
import { compressNodelist } from '../../../src/core/slurm/nodelist.ts';
import { type ResumeResult, resume } from '../../../src/flows/resume.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import type { CatalogStore } from '../../../src/ports/catalog.ts';
import type { Clock, LogFields } from '../../../src/ports/system.ts';
import type { FaultRule } from '../../fake-ec2/faults.ts';
import type { WorldInput } from '../../fake-ec2/world.ts';
import { type FakeEc2, startFakeEc2 } from '../../support/fake-ec2.ts';
import {
  seedAccount,
  TEST_CLUSTER,
  type TemporaryLedger,
  temporaryLedger,
  usd,
} from '../../support/ledger.ts';
import { exampleSettings } from '../../support/settings.ts';
import { type ModelJob, SlurmModel } from './slurm-model.ts';

export const SUBNET_A = 'subnet-0a11ce00000000001';
export const SUBNET_B = 'subnet-0a11ce00000000002';
const HASTE = 20;
const TEMPLATE_ID = 'lt-0a11ce00000000001';
const EFA_TEMPLATE_ID = 'lt-0a11ce00000000002';
/** The instant at which TestClock begins. */
const EPOCH = '2026-11-21T12:00:00Z';

function instanceType(type: string, vcpu: number, mib: number, dollarsE10: number) {
  return {
    type,
    vcpu,
    cores: vcpu / 2,
    mib,
    arch: ['x86_64'],
    efa: type === 'c5n.18xlarge',
    cards: 1,
    od_e10: dollarsE10,
    usage: ['on-demand', 'spot'],
    strategies: ['cluster', 'partition', 'spread'],
  };
}

export const WORLD: WorldInput = {
  region: 'us-east-1',
  account: '111122223333',
  keys: ['FAKE1'],
  epoch: EPOCH,
  clock: { mode: 'manual' },
  zones: [
    { name: 'us-east-1a', id: 'use1-az1' },
    { name: 'us-east-1b', id: 'use1-az2' },
  ],
  subnets: [
    { id: SUBNET_A, az: 'us-east-1a', cidr: '10.0.0.0/18' },
    { id: SUBNET_B, az: 'us-east-1b', cidr: '10.0.64.0/18' },
  ],
  types: [
    instanceType('c5.xlarge', 4, 8192, 1_700_000_000),
    instanceType('c6i.xlarge', 4, 8192, 1_800_000_000),
    instanceType('c5n.18xlarge', 72, 196_608, 38_880_000_000),
  ],
  spot_prices: ['us-east-1a', 'us-east-1b'].flatMap((az) => [
    { type: 'c5.xlarge', az, at: '2026-11-01T00:00:00Z', e10: 681_000_000 },
    { type: 'c6i.xlarge', az, at: '2026-11-01T00:00:00Z', e10: 700_000_000 },
  ]),
  launch_templates: [
    {
      id: TEMPLATE_ID,
      name: 'asbb-node',
      versions: [{ ImageId: 'ami-0a11ce00000000001', SecurityGroupIds: ['sg-0a11ce00000000001'] }],
    },
    {
      id: EFA_TEMPLATE_ID,
      name: 'asbb-efa',
      versions: [
        {
          ImageId: 'ami-0a11ce00000000001',
          NetworkInterfaces: [
            { DeviceIndex: 0, InterfaceType: 'efa', Groups: ['sg-0a11ce00000000001'] },
          ],
        },
      ],
    },
  ],
  images: [{ id: 'ami-0a11ce00000000001' }],
  security_groups: [{ id: 'sg-0a11ce00000000001' }],
  life: { pending_s: [20, 45], shutdown_s: [1, 3] },
  boot: null,
};

export function group(name: string, more: object) {
  return {
    node_group_name: name,
    max_nodes: 2000,
    purchasing_option: 'on-demand',
    spot_fallback: 'on-demand',
    launch_template_specification: { launch_template_name: 'asbb-node', version: '$Latest' },
    launch_template_overrides: [{ instance_type: 'c5.xlarge', on_demand_price: '0.17' }],
    subnet_ids: [SUBNET_A, SUBNET_B],
    security_group_ids: ['sg-0a11ce00000000001'],
    slurm_specifications: { CPUs: '4', RealMemory: '7000' },
    ...more,
  };
}

export const PARTITIONS = [
  {
    partition_name: 'aws',
    node_groups: [
      group('cpu', {}),
      group('spot', {
        purchasing_option: 'spot',
        launch_template_overrides: [
          { instance_type: 'c5.xlarge', spot_price: '0.15', on_demand_price: '0.17' },
        ],
      }),
      group('two', {
        launch_template_overrides: [
          { instance_type: 'c5.xlarge', on_demand_price: '0.17' },
          { instance_type: 'c6i.xlarge', on_demand_price: '0.18' },
        ],
      }),
      group('run', { api: 'run-instances' }),
      group('slow', { boot_timeout: 100_000 }),
      group('efa', {
        launch_template_overrides: [{ instance_type: 'c5n.18xlarge', on_demand_price: '3.888' }],
        launch_template_specification: { launch_template_name: 'asbb-efa', version: '$Latest' },
        slurm_specifications: { CPUs: '36', RealMemory: '170000' },
      }),
    ],
  },
];

export interface SiteOptions {
  readonly world?: WorldInput;
  readonly faults?: readonly FaultRule[];
  readonly seed?: number;
  /** Changes of config.example.yaml. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Dollars of the account `chem`. */
  readonly deposit?: string;
  readonly atEnd?: (act: () => Promise<void>) => void;
}

export interface Site {
  readonly fake: FakeEc2;
  readonly books: TemporaryLedger;
  readonly slurm: SlurmModel;
  readonly ports: BurstPorts;
  readonly settings: Settings;
  readonly logged: { readonly event: string; readonly fields: LogFields }[];
  readonly spooled: { readonly kind: string; readonly record: unknown }[];
  /** Both clocks. */
  forward(seconds: number): Promise<void>;
  /** A job with its hold, pending. */
  submit(options?: SubmitOptions): Promise<ModelJob>;
  /** slurmctld starts the job on these nodes: its ResumeProgram. */
  start(job: ModelJob, nodes: readonly string[]): Promise<ResumeResult>;
  /** ResumeProgram for what is given. */
  resume(nodeList: string, jobs?: readonly ModelJob[]): Promise<ResumeResult>;
  /** The same site as another process sees it. */
  otherPorts(changes?: Partial<BurstPorts>): BurstPorts;
}

export interface SubmitOptions extends Partial<ModelJob> {
  /** Dollars; none: priced at one hour of 0.17 a node, with room. */
  readonly amount?: string | undefined;
  readonly hasHold?: boolean;
  readonly tasks?: number | undefined;
}

let tokens = 0;

export function newToken(): string {
  tokens += 1;
  return `t${String(tokens).padStart(25, '0')}`;
}

export function nodeNames(groupName: string, first: number, last: number): readonly string[] {
  return Array.from(
    { length: last - first + 1 },
    (_, at) => `aws-${groupName}-${String(first + at).padStart(3, '0')}`,
  );
}

/** A fake cloud, a ledger file and a model of slurmctld, joined by the real ports. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const atEnd = options.atEnd ?? onTestFinished;
  const fake = await fakeFor(options, atEnd);
  const books = await temporaryLedger({ atEnd });
  const settings = siteSettings(fake.url, options.settings ?? {});
  await seedAccount(books.ledger, { name: 'chem', deposit: options.deposit ?? '100000' });
  const { clock } = books;
  const nodes = ['cpu', 'spot', 'two', 'run', 'slow', 'efa'].flatMap((name) =>
    nodeNames(name, 1, 1100),
  );
  const slurm = new SlurmModel(nodes, () => Math.floor(clock.nowUs() / 1_000_000));
  const logged: Site['logged'] = [];
  const spooled: Site['spooled'] = [];
  let chance = 1;
  const ports: BurstPorts = {
    ledger: books.ledger,
    slurm,
    cloud: new Ec2Cloud(settings),
    catalog: memoryCatalog(),
    clock: {
      nowUs: () => clock.nowUs(),
      ...pausesOnly(),
    },
    hash: { sha256: (text) => createHash('sha256').update(text).digest('hex') },
    ids: {
      token: newToken,
      hex: (bytes) => {
        chance = (chance * 48_271) % 2_147_483_647;
        return chance
          .toString(16)
          .padStart(8, '0')
          .slice(-bytes * 2);
      },
    },
    log: { write: (_level, event, fields) => logged.push({ event, fields }) },
    spool: {
      put: (kind, record) => spooled.push({ kind, record }),
      list: () => [],
      remove: () => undefined,
    },
    settings,
    rateOf: onDemandRates(settings, undefined),
    stop: { isRequested: false },
  };
  const site: Site = {
    fake,
    books,
    slurm,
    ports,
    settings,
    logged,
    spooled,
    forward: async (seconds) => {
      clock.forward(seconds);
      await fake.advance(seconds);
    },
    submit: (ask = {}) => submitJob(site, ask),
    start: (job, names) => site.resume(compressNodelist(slurm.allocate(job.jobId, names)), [job]),
    resume: (nodeList, jobs) => callResume(ports, nodeList, jobs),
    otherPorts: (changes = {}) => ({ ...ports, ledger: books.open(), ...changes }),
  };
  return site;
}

/** Of one site: each begins without an answer of EC2. */
export function memoryCatalog(): CatalogStore {
  let kept: StoredCatalog | undefined;
  return {
    read: () => kept,
    write: (catalog) => {
      kept = catalog;
    },
  };
}

/**
 * A monotonic clock on which only pauses take time: what a deadline cuts off does not depend on how fast
 * this machine is today. Pauses are much shorter than they say.
 */
function pausesOnly(): Pick<Clock, 'monotonicMs' | 'sleep'> {
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    sleep: async (milliseconds) => {
      const until = nowMs + milliseconds;
      await pause(milliseconds / HASTE);
      nowMs = Math.max(nowMs, until);
    },
  };
}

let shared: FakeEc2 | undefined;

/** The tests of a file share one fake cloud; each begins with an empty one. */
async function fakeFor(
  { world, seed, faults = [] }: SiteOptions,
  atEnd: (act: () => Promise<void>) => void,
): Promise<FakeEc2> {
  if (world !== undefined || seed !== undefined) {
    return await startFakeEc2({ ...WORLD, ...world }, { atEnd, faults, seed: seed ?? 1 });
  }
  shared ??= await startFakeEc2(WORLD);
  await shared.reset();
  if (faults.length > 0) {
    await shared.addFaults(...faults);
  }
  return shared;
}

afterAll(async () => {
  await shared?.stop();
});

function siteSettings(url: string, changes: Readonly<Record<string, unknown>>): Settings {
  const base = exampleSettings({
    test_mode: true,
    slurm: {
      cluster_name: TEST_CLUSTER,
      partitions: PARTITIONS,
      resume_timeout: 100,
      ...(changes['slurm'] ?? {}),
    },
    aws: {
      endpoint_url: url,
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'none' },
      retry_mode: 'standard',
      connect_timeout: '120s',
      request_timeout: '120s',
    },
    burst: { reconcile_gap: 0, ...(changes['burst'] ?? {}) },
    cost: { ...(changes['cost'] ?? {}) },
    ...Object.fromEntries(
      Object.entries(changes).filter(([key]) => !['burst', 'cost', 'slurm'].includes(key)),
    ),
  });
  // The example's own ceilings and discounts are not what these tests are about.
  const ceiling = 'ceiling' in Object(changes['burst']) ? base.burst.ceiling : {};
  return {
    ...base,
    burst: { ...base.burst, ceiling },
    cost: { ...base.cost, discount_percent: {} },
  };
}

/** What submit leaves behind: a hold that no job is known of yet. Returns its token. */
export async function holdFor(
  { books }: Pick<Site, 'books'>,
  { amount = '5000', tasks = 1 }: Pick<SubmitOptions, 'amount' | 'tasks'> = {},
): Promise<string> {
  const token = newToken();
  const answer = await books.ledger.decide(
    { scope: TEST_CLUSTER, key: `hold:${token}`, verb: 'submit', args: { token } },
    { payer: { slurmAccount: 'chem', userName: 'ada' } },
    (view) =>
      placeHold(view, {
        token,
        slurmAccount: 'chem',
        partitions: ['aws'],
        userName: 'ada',
        amount: usd(amount),
        tasks,
        expiresS: view.nowS + 600,
        pricing: '',
      }),
  );
  if (isRefused(answer)) {
    throw new Error(answer.text);
  }
  return token;
}

async function submitJob(site: Site, ask: SubmitOptions): Promise<ModelJob> {
  const { amount, hasHold = true, tasks, ...job } = ask;
  const token = hasHold ? await holdFor(site, { amount, tasks }) : '';
  return site.slurm.submit({
    account: 'chem',
    partition: 'aws',
    adminComment: hasHold ? `asbb:hold=${token}` : '',
    ...job,
  });
}

export async function callResume(
  ports: BurstPorts,
  nodeList: string,
  jobs?: readonly ModelJob[],
): Promise<ResumeResult> {
  const result = await resume(
    {
      nodeList,
      jobs: jobs?.map((job) => ({
        jobId: job.jobId,
        nodes: job.nodes,
        allocated: job.nodes,
        oversubscribe: 'NO' as const,
      })),
      entryOf: (jobId) => `{"job_id":${jobId}}`,
    },
    ports,
  );
  if (isRefused(result)) {
    throw new Error(result.text);
  }
  return result;
}
