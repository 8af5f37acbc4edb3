import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ec2Cloud } from '../../src/adapters/ec2/ec2-cloud.ts';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { exampleSettings } from '../support/settings.ts';
import { priceE10 } from './launch-spec.ts';
import type { World } from './world.ts';

// test/demo/world.json is the cloud that config.example.yaml was written for.

const FILE = new URL('../demo/world.json', import.meta.url).pathname;

let fake: FakeEc2;

beforeAll(async () => {
  fake = await startFakeEc2(FILE);
});

afterAll(async () => {
  await fake.stop();
});

it('has every template, subnet, group and type of the example configuration, at its price', async () => {
  const settings = exampleSettings({
    test_mode: true,
    aws: {
      endpoint_url: fake.url,
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'secret' },
    },
  });
  const cloud = new Ec2Cloud(settings);
  const world = JSON.parse(readFileSync(FILE, 'utf8')) as World;
  const groups = settings.slurm.partitions.flatMap((partition) => partition.node_groups);
  expect(groups).not.toEqual([]);
  for (const group of groups) {
    const {
      launch_template_name: name,
      launch_template_id: id,
      version,
    } = group.launch_template_specification;
    const template = await cloud.launchTemplate(name ?? '', id ?? '', version ?? '$Default');
    expect(template).toHaveProperty('version');
    expect(await cloud.subnets(group.subnet_ids)).toHaveLength(group.subnet_ids.length);
    for (const override of group.launch_template_overrides) {
      const type = world.types.find((spec) => spec.type === override.instance_type);
      expect(type?.od_e10).toBe(priceE10('on_demand_price', override.on_demand_price));
    }
    const known = world.security_groups.map((one) => one.id);
    expect(known).toEqual(expect.arrayContaining([...(group.security_group_ids ?? [])]));
  }
});
