import {
  DescribeInstanceTypesCommand,
  type EC2Client,
  type InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import type { TypeFacts } from '../../core/burst/catalog.ts';
import { allPages, inBatches } from './pages.ts';

const FILTER_VALUES_MAX = 200;
const PAGE_SIZE = 100;

/** By filter, not by name: one name that EC2 does not know would fail the whole call. */
export async function describeInstanceTypes(
  client: EC2Client,
  names: readonly string[],
): Promise<readonly TypeFacts[]> {
  const found: TypeFacts[] = [];
  for (const values of inBatches([...new Set(names)], FILTER_VALUES_MAX)) {
    const types = await allPages('DescribeInstanceTypes', async (token) => {
      const { InstanceTypes, NextToken } = await client.send(
        new DescribeInstanceTypesCommand({
          Filters: [{ Name: 'instance-type', Values: [...values] }],
          MaxResults: PAGE_SIZE,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      );
      return { items: InstanceTypes, nextToken: NextToken };
    });
    found.push(...types.flatMap(factsOf));
  }
  return [...new Map(found.map((facts) => [facts.instanceType, facts])).values()];
}

/** None when EC2 left out what every type has. */
function factsOf(info: InstanceTypeInfo): readonly TypeFacts[] {
  const { InstanceType: instanceType, NetworkInfo: network } = info;
  const vcpus = info.VCpuInfo?.DefaultVCpus;
  const mib = info.MemoryInfo?.SizeInMiB;
  if (instanceType === undefined || vcpus === undefined || mib === undefined) {
    return [];
  }
  const isEfa = network?.EfaSupported === true;
  return [
    {
      instanceType,
      vcpus,
      cores: info.VCpuInfo?.DefaultCores ?? vcpus,
      mib,
      gpus: (info.GpuInfo?.Gpus ?? []).map(({ Name = '', Count = 0 }) => ({
        name: Name,
        count: Count,
      })),
      efaInterfaces: isEfa ? (network.EfaInfo?.MaximumEfaInterfaces ?? 1) : 0,
      usageClasses: info.SupportedUsageClasses ?? [],
      strategies: info.PlacementGroupInfo?.SupportedStrategies ?? [],
      architectures: info.ProcessorInfo?.SupportedArchitectures ?? [],
      bareMetal: info.BareMetal ?? false,
      currentGeneration: info.CurrentGeneration ?? true,
    },
  ];
}
