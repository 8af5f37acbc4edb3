import type { WorldInput } from '../../fake-ec2/world.ts';
import { group, nodeNames, type Site, startSite, WORLD } from './site.ts';

// One gang on a node group of the test's own, and the parameters of its launch calls (burst.md 5.2).

export type Params = Readonly<Record<string, string>>;

export async function callsOf(site: Site, action: string): Promise<readonly Params[]> {
  return (await site.fake.callsOf(action)).map((call) => ({ ...(call['params'] as Params) }));
}

export const SUBNET_C = 'subnet-0a11ce00000000003';

/** The site with this node group under the name `cpu`. */
export async function siteWith(more: object, world?: WorldInput): Promise<Site> {
  const partitions = [{ partition_name: 'aws', node_groups: [group('cpu', more)] }];
  return await startSite({ settings: { slurm: { partitions } }, ...(world && { world }) });
}

export async function launched(site: Site, nodes: number): Promise<readonly Params[]> {
  const { gangs } = await site.start(await site.submit(), nodeNames('cpu', 1, nodes));
  if (gangs[0]?.kind !== 'bound') {
    throw new Error(gangs[0]?.cause?.sentence ?? 'no gang');
  }
  return [...(await callsOf(site, 'CreateFleet')), ...(await callsOf(site, 'RunInstances'))];
}

export const TYPES = [
  { instance_type: 'c5.xlarge', on_demand_price: '0.17', spot_price: '0.12' },
  { instance_type: 'c6i.xlarge', on_demand_price: '0.18' },
];
export const OVERRIDES = 'LaunchTemplateConfigs.1.Overrides';
export const TARGET = 'TargetCapacitySpecification';

/** Without the tags, which have a test of their own. */
export function withoutTags(params: Params | undefined): Params {
  return Object.fromEntries(
    Object.entries(params ?? {}).filter(([name]) => !/^(?:TagSpecification|Version$)/.test(name)),
  );
}

/** A world that sells capacity blocks of every type. */
export const BLOCKS: WorldInput = {
  ...WORLD,
  types: (WORLD.types ?? []).map((type) => ({
    ...type,
    usage: [...(type.usage ?? []), 'capacity-block'],
  })),
};

export function reservation(
  total: number,
): NonNullable<WorldInput['capacity_reservations']>[number] {
  return { id: 'cr-0a11ce00000000001', type: 'c5.xlarge', az: 'us-east-1a', total };
}
