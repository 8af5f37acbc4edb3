import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Ec2Site } from '../../../src/adapters/ec2/ec2-site.ts';
import { SqliteLedgerCare } from '../../../src/adapters/sqlite/sqlite-care.ts';
import { ExecaRun } from '../../../src/adapters/system/execa-run.ts';
import { LocalFiles } from '../../../src/adapters/system/local-files.ts';
import { shippedLua } from '../../../src/adapters/system/shipped.ts';
import { onDemandRates } from '../../../src/core/burst/prices.ts';
import type { Check } from '../../../src/core/burst/validate/check.ts';
import type { Settings } from '../../../src/core/config/settings.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { slurmConfText } from '../../../src/core/slurm/conf/lines.ts';
import { luaText } from '../../../src/core/slurm/conf/lua.ts';
import type { BurstValidatePorts } from '../../../src/flows/burst-validate.ts';
import type { SlurmNode } from '../../../src/ports/slurm.ts';
import type { WorldInput } from '../../fake-ec2/world.ts';
import { exampleSettings } from '../../support/settings.ts';
import { nodeNames, type Site, SUBNET_A, SUBNET_B, startSite, WORLD } from '../support/site.ts';

export const dir = mkdtempSync(join(tmpdir(), 'asbb-validate-'));
const template = await shippedLua();
const SELF = ['/usr/bin/asbb'];
export const TEMPLATE = 'lt-0a11ce00000000009';
const GROUP = {
  node_group_name: 'cpu',
  max_nodes: 4,
  purchasing_option: 'on-demand',
  launch_template_specification: { launch_template_name: 'asbb-whole', version: '$Latest' },
  launch_template_overrides: [{ instance_type: 'c5.xlarge', on_demand_price: '0.17' }],
  subnet_ids: [SUBNET_A, SUBNET_B],
  security_group_ids: ['sg-0a11ce00000000001'],
  slurm_specifications: { CPUs: '4', RealMemory: '7000', Feature: 'od' },
};

afterAll(() => rmSync(dir, { recursive: true, force: true }));

export function program(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

export interface Wrong {
  /** Keys of the node group. */
  readonly group?: Readonly<Record<string, unknown>>;
  readonly world?: WorldInput;
  readonly settings?: (settings: Settings) => Settings;
  readonly ports?: (ports: BurstValidatePorts) => Partial<BurstValidatePorts>;
  readonly nodes?: (nodes: readonly SlurmNode[]) => readonly SlurmNode[];
  readonly version?: string;
}

export function settingsOf(site: Site, group: object): Settings {
  const libexec = join(dir, 'libexec');
  mkdirSync(libexec, { recursive: true });
  for (const name of ['resume', 'suspend', 'resume-fail', 'epilog', 'reboot']) {
    program(`libexec/${name}`, '#!/bin/sh\n');
  }
  const settings = exampleSettings({
    test_mode: true,
    aws: {
      endpoint_url: site.fake.url,
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'none' },
      retry_mode: 'standard',
      connect_timeout: '120s',
      request_timeout: '120s',
    },
    cost: { data_dir: join(dir, 'costs') },
    absa: { command: program('absa', '#!/bin/sh\necho absa 1.2.0\n') },
    slurm: {
      config_path: join(dir, 'slurm.conf'),
      state_dir: dir,
      resume_program: join(libexec, 'resume'),
      suspend_program: join(libexec, 'suspend'),
      partitions: [
        {
          partition_name: 'aws',
          partition_options: { DefaultTime: '01:00:00' },
          node_groups: [{ ...GROUP, ...group }],
        },
      ],
    },
  });
  return { ...settings, cost: { ...settings.cost, discount_percent: {} } };
}

function cloudNodes(): readonly SlurmNode[] {
  return nodeNames('cpu', 1, 4).map((name) => ({
    name,
    state: 'IDLE',
    flags: ['CLOUD', 'POWERED_DOWN'],
    address: name,
    hostname: name,
    partitions: ['aws'],
    reason: '',
    cpus: 4,
    realMemoryMib: 7000,
    features: ['od', 'efa'],
    gres: '',
  }));
}

/** slurm.conf and job_submit.lua as `asbb slurm conf` prints them. */
export function writeConf(settings: Settings): void {
  const lua = luaText(settings, { template, self: SELF });
  writeFileSync(join(dir, 'job_submit.lua'), isRefused(lua) ? '' : lua);
  const text = `${slurmConfText(settings)}JobAcctGatherType=jobacct_gather/linux\n`;
  writeFileSync(join(dir, 'slurm.conf'), text);
}

let shared: Site | undefined;

export async function portsOf(wrong: Wrong): Promise<BurstValidatePorts> {
  shared ??= await startSite({ atEnd: afterAll });
  const site = shared;
  await site.fake.reset();
  await site.fake.world({ ...HEALTHY, ...wrong.world });
  const first = settingsOf(site, wrong.group ?? {});
  writeConf(first);
  const settings = wrong.settings?.(first) ?? first;
  const ports = portsWith(site, settings, wrong);
  return { ...ports, ...wrong.ports?.(ports) };
}

export function portsWith(site: Site, settings: Settings, wrong: Wrong = {}): BurstValidatePorts {
  const { clock, place } = site.books;
  return {
    settings,
    clock,
    template,
    self: SELF,
    slurm: {
      version: () => Promise.resolve(wrong.version ?? '22.05.8'),
      nodes: () => Promise.resolve(wrong.nodes?.(cloudNodes()) ?? cloudNodes()),
    },
    site: new Ec2Site(settings),
    care: new SqliteLedgerCare({ place, clock, actor: ACTOR }),
    files: new LocalFiles(),
    run: new ExecaRun(),
    rateOf: () => onDemandRates(settings, undefined),
    hasReboot: true,
  };
}

export const ACTOR = { uid: 0, name: 'test' };
/** The security group of the nodes. */
export const NODES = 'sg-0a11ce00000000001';
export const AMI = 'ami-0a11ce00000000001';
const TEMPLATE_DATA = {
  ImageId: AMI,
  SecurityGroupIds: ['sg-0a11ce00000000001'],
  MetadataOptions: { InstanceMetadataTags: 'enabled', HttpTokens: 'required' },
  InstanceInitiatedShutdownBehavior: 'terminate',
};
/** The world of these tests, all that rows change included: the fake is shared. */
export const HEALTHY: WorldInput = {
  keys: ['FAKE1'],
  deny: [],
  zones: WORLD.zones ?? [],
  subnets: WORLD.subnets ?? [],
  types: WORLD.types ?? [],
  images: [{ id: AMI }],
  security_groups: [{ id: NODES, permissions: [{ protocol: '-1', groups: [NODES] }] }],
  placement_groups: [],
  launch_templates: [{ id: TEMPLATE, name: 'asbb-whole', versions: [TEMPLATE_DATA] }],
};

let templates = 0;

/** A launch template of its own, and the node group that names it. */
export function templateOf(data: Readonly<Record<string, unknown>>): Wrong {
  templates += 1;
  const [id, name] = [`lt-0b${String(templates).padStart(15, '0')}`, `asbb-t${templates}`];
  return {
    world: { launch_templates: [{ id, name, versions: [{ ...TEMPLATE_DATA, ...data }] }] },
    group: { launch_template_specification: { launch_template_name: name, version: '1' } },
  };
}

export function wrongOnes(checks: readonly Check[]): readonly string[] {
  return checks
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map(({ severity, id }) => `${severity} ${id}`);
}
