import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SqliteLedgerCare } from '../../../src/adapters/sqlite/sqlite-care.ts';
import { iamPolicyActions } from '../../../src/core/burst/iam-policy.ts';
import { liveChecks, validateIntegration } from '../../../src/flows/burst-validate.ts';
import type { SlurmNode } from '../../../src/ports/slurm.ts';
import { temporaryPlace } from '../../support/place.ts';
import { nodeNames, SUBNET_A, startSite, WORLD } from '../support/site.ts';
import {
  ACTOR,
  AMI,
  dir,
  HEALTHY,
  NODES,
  portsOf,
  portsWith,
  program,
  settingsOf,
  TEMPLATE,
  templateOf,
  type Wrong,
  writeConf,
  wrongOnes,
} from './place.ts';

// burst.md 1.5: everything that can be wrong with a site is found, by the id of its check, with a fix.

const BUCKET = { size: 10, per_second: 0.1 };
const SLOW_API = { launch: BUCKET, describe: BUCKET, terminate: BUCKET, mutate: BUCKET };

const WITH_EFA = templateOf({
  NetworkInterfaces: [{ DeviceIndex: 0, InterfaceType: 'efa', Groups: [NODES] }],
});

describe('a site in order', () => {
  it('has no errors, and every check of 1.5 looked at something', async () => {
    const checks = await validateIntegration(await portsOf({}));
    expect(wrongOnes(checks)).toEqual([]);
    const ids = new Set(checks.map(({ id }) => id));
    expect([...ids]).toEqual([
      ...['config', 'ledger', 'slurm-version', 'slurm-conf'],
      ...['CONF-SlurmctldParameters', 'nodes', 'caller', 'clock', 'permission', 'subnet'],
      ...['security-group', 'launch-template', 'network-reach', 'image', 'instance-type'],
      ...['placement-groups', 'vcpu-quota', 'cost-dir', 'prices', 'advisor'],
    ]);
    expect(checks.filter(({ id }) => id === 'permission').map(({ path }) => path)).toEqual(
      iamPolicyActions(true).map((action) => `ec2:${action}`),
    );
    const fixless = checks.filter(({ severity, fix }) => severity !== 'ok' && fix === '');
    expect(fixless).toEqual([]);
  });

  it('--live looks at SLURM and AWS alone, and changes neither', async () => {
    const site = await startSite();
    await site.fake.world(HEALTHY);
    const settings = settingsOf(site, {});
    writeConf(settings);
    const before = await site.fake.state();
    expect(wrongOnes(await liveChecks(portsWith(site, settings)))).toEqual([]);
    expect(await site.fake.state()).toEqual(before);
  });
});

describe('whatever is wrong is found (burst.md 1.5)', () => {
  it.each<[string, Wrong, readonly string[]]>([
    ['SLURM too old', { version: '21.08.8' }, ['error slurm-version', 'error CONF-version']],
    [
      'slurm.conf of another rate',
      { settings: (s) => ({ ...s, slurm: { ...s.slurm, resume_rate: 10 } }) },
      ['error CONF-ResumeRate'],
    ],
    [
      'no slurm.conf',
      {
        settings: (s) => ({ ...s, slurm: { ...s.slurm, config_path: '/nonexistent/slurm.conf' } }),
      },
      ['error slurm-conf'],
    ],
    ['nodes that SLURM does not know', { nodes: (n) => n.slice(2) }, ['error nodes']],
    [
      'nodes that are no cloud nodes',
      { nodes: (n) => n.map((node) => ({ ...node, flags: [] })) },
      ['error nodes'],
    ],
    [
      'nodes of another size',
      { nodes: (n) => n.map((node, at) => (at === 0 ? { ...node, cpus: 2 } : node)) },
      ['error nodes'],
    ],
    [
      'nodes of another memory',
      { nodes: (n) => n.map((node) => ({ ...node, realMemoryMib: 6000 })) },
      ['error nodes'],
    ],
    [
      'nodes without their GPUs',
      { group: { slurm_specifications: { CPUs: '4', RealMemory: '7000', Gres: 'gpu:1' } } },
      ['error CONF-NodeName-aws-cpu-001-004-c5-xlarge', 'error nodes'],
    ],
    [
      'more nodes than can be named in time',
      {
        group: { max_nodes: 40 },
        nodes: (n) => nodeNames('cpu', 1, 40).map((name) => ({ ...n[0], name }) as SlurmNode),
        settings: (s) => ({
          ...s,
          burst: { ...s.burst, api_budget: SLOW_API },
        }),
      },
      ['warning tag-rate'],
    ],
    [
      'nodes without their feature',
      { nodes: (n) => n.map((node) => ({ ...node, features: ['efa'] })) },
      ['error nodes'],
    ],
    ['F56: an unknown subnet', { group: { subnet_ids: [SUBNET_A, 'subnet-9'] } }, ['error subnet']],
    [
      'two subnets of one zone',
      {
        group: { subnet_ids: ['subnet-0b1', 'subnet-0b2'] },
        world: {
          subnets: [
            ...(WORLD.subnets ?? []),
            { id: 'subnet-0b1', az: 'us-east-1a', cidr: '10.1.0.0/18' },
            { id: 'subnet-0b2', az: 'us-east-1a', cidr: '10.1.64.0/18' },
          ],
        },
      },
      ['error subnet-zone'],
    ],
    [
      'too few addresses',
      {
        group: { max_nodes: 600, subnet_ids: ['subnet-0c1', 'subnet-0c2'] },
        world: {
          subnets: [
            ...(WORLD.subnets ?? []),
            { id: 'subnet-0c1', az: 'us-east-1a', cidr: '10.2.0.0/24' },
            { id: 'subnet-0c2', az: 'us-east-1b', cidr: '10.2.1.0/24' },
          ],
        },
        nodes: (n) => nodeNames('cpu', 1, 600).map((name) => ({ ...n[0], name }) as SlurmNode),
      },
      ['error subnet-addresses'],
    ],
    [
      'too few addresses in one zone',
      {
        group: { max_nodes: 300, subnet_ids: ['subnet-0d1', 'subnet-0d2'] },
        world: {
          subnets: [
            ...(WORLD.subnets ?? []),
            { id: 'subnet-0d1', az: 'us-east-1a', cidr: '10.2.0.0/24' },
            { id: 'subnet-0d2', az: 'us-east-1b', cidr: '10.2.1.0/24' },
          ],
        },
        nodes: (n) => nodeNames('cpu', 1, 300).map((name) => ({ ...n[0], name }) as SlurmNode),
      },
      ['warning subnet-addresses'],
    ],
    [
      'a template version that does not exist',
      {
        group: { launch_template_specification: { launch_template_id: TEMPLATE, version: '7' } },
      },
      ['error launch-template'],
    ],
    [
      'an unknown template',
      {
        group: { launch_template_specification: { launch_template_name: 'x', version: '1' } },
      },
      ['error launch-template'],
    ],
    [
      'a template whose nodes never learn their name',
      templateOf({ MetadataOptions: { HttpTokens: 'required' } }),
      ['warning template-tags'],
    ],
    [
      'a template that stops instead of terminating, with open metadata',
      templateOf({
        MetadataOptions: { InstanceMetadataTags: 'enabled' },
        InstanceInitiatedShutdownBehavior: 'stop',
      }),
      ['warning template-tokens', 'warning template-shutdown'],
    ],
    ['an unknown image', templateOf({ ImageId: 'ami-9' }), ['error image']],
    [
      'an image that is not ready',
      { world: { images: [{ id: AMI, state: 'pending' }] } },
      ['error image'],
    ],
    [
      'an image for another architecture',
      { world: { images: [{ id: AMI, arch: 'arm64' }] } },
      ['error image-architecture'],
    ],
    [
      'a security group of another VPC',
      {
        world: { security_groups: [{ ...HEALTHY.security_groups?.[0], id: NODES, vpc: 'vpc-9' }] },
      },
      ['error security-group'],
    ],
    [
      '4.7: nodes that nothing reaches',
      { world: { security_groups: [{ id: NODES }] } },
      ['warning network-reach'],
    ],
    [
      '4.7: nodes that slurmctld does not reach',
      {
        world: {
          security_groups: [{ id: NODES, permissions: [{ protocol: 'udp', groups: [NODES] }] }],
        },
      },
      ['warning network-reach'],
    ],
    [
      '4.7: EFA without a security group that lets its own traffic through, on a type without EFA',
      {
        ...WITH_EFA,
        world: {
          ...WITH_EFA.world,
          security_groups: [{ id: NODES, permissions: [{ protocol: 'tcp', groups: [NODES] }] }],
        },
      },
      ['error efa-security-group', 'error template-efa'],
    ],
    [
      'an unknown security group, and not the template’s',
      { group: { security_group_ids: ['sg-9'] } },
      ['error security-group', 'error template-groups'],
    ],
    [
      'a type that the region has not, and without a price',
      { group: { launch_template_overrides: [{ instance_type: 'm9.large' }] } },
      ['error instance-type', 'error prices'],
    ],
    [
      'a type that no zone of ours has',
      {
        world: {
          types: (WORLD.types ?? []).map((type) => ({ ...type, zones: ['us-east-1c'] })),
          zones: [...(WORLD.zones ?? []), { name: 'us-east-1c', id: 'use1-az3' }],
        },
      },
      ['error instance-type-zone'],
    ],
    [
      'a type that one zone lacks',
      { world: { types: (WORLD.types ?? []).map((type) => ({ ...type, zones: ['us-east-1a'] })) } },
      ['warning instance-type-zone'],
    ],
    [
      'a type that is not sold as spot',
      {
        group: { purchasing_option: 'spot' },
        world: { types: (WORLD.types ?? []).map((type) => ({ ...type, usage: ['on-demand'] })) },
      },
      ['warning instance-type-spot'],
    ],
    [
      'a placement group too many',
      {
        world: {
          placement_groups: Array.from({ length: 460 }, (_, at) => ({
            name: `g${at}`,
            strategy: 'cluster',
          })),
        },
      },
      ['warning placement-groups'],
    ],
    [
      'a clock that is a little wrong',
      { ports: ({ clock }) => ({ clock: { nowUs: () => clock.nowUs() + 61_000_000 } }) },
      ['warning clock'],
    ],
    [
      'a clock that is wrong',
      { ports: ({ clock }) => ({ clock: { nowUs: () => clock.nowUs() - 301_000_000 } }) },
      ['error clock'],
    ],
    [
      'a cost directory in a place of others',
      { settings: (s) => ({ ...s, cost: { ...s.cost, data_dir: '/proc/1/costs' } }) },
      ['error cost-dir'],
    ],
    [
      'an advisor that must be there and is not',
      { settings: (s) => ({ ...s, absa: { ...s.absa, enabled: 'true', command: 'absa-9' } }) },
      ['error advisor'],
    ],
    [
      'an advisor that fails',
      {
        settings: (s) => ({
          ...s,
          absa: { ...s.absa, command: program('bad', '#!/bin/sh\nexit 3\n') },
        }),
      },
      ['error advisor'],
    ],
    [
      'a ledger that is not there',
      {
        ports: ({ clock }) => ({
          care: new SqliteLedgerCare({
            place: temporaryPlace(join(dir, 'nothing')),
            clock,
            actor: ACTOR,
          }),
        }),
      },
      ['error ledger'],
    ],
  ])('%s', async (_, wrong, expected) => {
    const checks = await validateIntegration(await portsOf(wrong));
    expect(wrongOnes(checks)).toEqual(expected);
    for (const { severity, message, fix } of checks) {
      expect(message).not.toBe('');
      expect(severity === 'ok' || fix !== '').toBe(true);
    }
  });

  it('spot, before this account has ever asked for it: how the role is made', async () => {
    const checks = await validateIntegration(
      await portsOf({ group: { purchasing_option: 'spot' } }),
    );
    expect(checks.find(({ id }) => id === 'spot-role')).toMatchObject({
      severity: 'note',
      fix: expect.stringContaining('create-service-linked-role'),
    });
  });

  it('what cannot be asked of EC2 is told with the command that asks', async () => {
    const checks = await validateIntegration(await portsOf({}));
    expect(checks.find(({ id }) => id === 'vcpu-quota')).toMatchObject({
      severity: 'skipped',
      fix: expect.stringMatching(/^aws service-quotas /u),
    });
  });

  it('EC2 that cannot be reached: one sentence what to do, and the rest is still looked at', async () => {
    const ports = await portsOf({
      settings: (s) => ({ ...s, aws: { ...s.aws, endpoint_url: 'http://127.0.0.1:9' } }),
    });
    const checks = await validateIntegration(ports);
    const caller = checks.find(({ id }) => id === 'caller');
    expect(caller).toMatchObject({ severity: 'error', fix: expect.stringContaining('port 443') });
    expect(checks.find(({ id }) => id === 'nodes')).toMatchObject({ severity: 'ok' });
    expect(checks.find(({ id }) => id === 'prices')).toMatchObject({ severity: 'ok' });
  });

  it('keys that AWS does not know', async () => {
    const ports = await portsOf({ world: { keys: ['OTHER'] } });
    const checks = await validateIntegration(ports);
    expect(checks.find(({ id }) => id === 'caller')).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('AuthFailure'),
    });
  });
});
