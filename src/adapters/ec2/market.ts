import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  type DescribeSpotPriceHistoryCommandInput,
  DescribeSubnetsCommand,
  type EC2Client,
  type SpotInstanceRequest,
} from '@aws-sdk/client-ec2';
import type { Offering } from '../../core/burst/catalog.ts';
import type { SpotPrice } from '../../core/burst/launch.ts';
import { parseRate } from '../../core/money/rate.ts';
import type { LaunchTemplate, SpotRequest, Subnet } from '../../ports/cloud.ts';
import { failureOf, unreadable } from './failure.ts';
import { allPages, inBatches } from './pages.ts';
import { hasEfaInterface, type TemplateQuestion, templateVersion } from './template-version.ts';
import { templateVolumes } from './volumes.ts';

const FILTER_VALUES_MAX = 200;
const PAGE_SIZE = 1000;
const MS_PER_SECOND = 1000;

export async function describeSubnets(
  client: EC2Client,
  subnetIds: readonly string[],
): Promise<readonly Subnet[]> {
  const lists = await Promise.all(
    inBatches([...new Set(subnetIds)], FILTER_VALUES_MAX).map(async (ids) => {
      const { Subnets } = await client.send(new DescribeSubnetsCommand({ SubnetIds: [...ids] }));
      if (Subnets === undefined) {
        throw unreadable('DescribeSubnets');
      }
      return Subnets;
    }),
  );
  return lists.flat().map((subnet) => ({
    subnetId: subnet.SubnetId ?? '',
    zone: subnet.AvailabilityZone ?? '',
    freeAddresses: subnet.AvailableIpAddressCount ?? 0,
  }));
}

/** `$Latest` and `$Default` as the number they stand for now; its volumes where they are reckoned. */
export async function describeTemplate(
  client: EC2Client,
  asked: TemplateQuestion,
  withVolumes: boolean,
): Promise<LaunchTemplate> {
  const { id, version, data } = await templateVersion(client, asked);
  return {
    id,
    version,
    hasEfa: hasEfaInterface(data),
    ...(withVolumes ? { volumes: await templateVolumes(client, data) } : {}),
  };
}

export async function describeOfferings(
  client: EC2Client,
  instanceTypes: readonly string[],
): Promise<readonly Offering[]> {
  const lists = await Promise.all(
    inBatches([...new Set(instanceTypes)], FILTER_VALUES_MAX).map((types) =>
      allPages('DescribeInstanceTypeOfferings', async (token) => {
        const { InstanceTypeOfferings, NextToken } = await client.send(
          new DescribeInstanceTypeOfferingsCommand({
            LocationType: 'availability-zone',
            Filters: [{ Name: 'instance-type', Values: [...types] }],
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        );
        return { items: InstanceTypeOfferings, nextToken: NextToken };
      }),
    ),
  );
  return lists.flat().map((offering) => ({
    instanceType: offering.InstanceType ?? '',
    zone: offering.Location ?? '',
  }));
}

interface PriceQuestion {
  readonly instanceTypes: readonly string[];
  readonly zones: readonly string[];
  readonly fromS: number;
  readonly toS: number;
}

/** Oldest first; EC2 includes the price valid at StartTime although it is older (COST-4). */
export async function describeSpotPrices(
  client: EC2Client,
  { instanceTypes, zones, fromS, toS }: PriceQuestion,
): Promise<readonly SpotPrice[]> {
  const rows = await allPages('DescribeSpotPriceHistory', async (token) => {
    const { SpotPriceHistory, NextToken } = await client.send(
      new DescribeSpotPriceHistoryCommand({
        // A type that the SDK does not list yet is still a type.
        InstanceTypes: [
          ...new Set(instanceTypes),
        ] as DescribeSpotPriceHistoryCommandInput['InstanceTypes'],
        ProductDescriptions: ['Linux/UNIX'],
        StartTime: new Date(fromS * MS_PER_SECOND),
        EndTime: new Date(toS * MS_PER_SECOND),
        MaxResults: PAGE_SIZE,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    return { items: SpotPriceHistory, nextToken: NextToken };
  });
  return rows
    .flatMap((row): SpotPrice[] => {
      const rate = parseRate(row.SpotPrice ?? '');
      const atMs = row.Timestamp?.getTime();
      const { InstanceType: instanceType, AvailabilityZone: zone } = row;
      return rate === undefined ||
        atMs === undefined ||
        instanceType === undefined ||
        zone === undefined
        ? []
        : [{ instanceType, zone, fromS: Math.floor(atMs / MS_PER_SECOND), rate }];
    })
    .filter(({ zone }) => zones.length === 0 || zones.includes(zone))
    .toSorted((a, b) => a.fromS - b.fromS);
}

const REQUESTS_PER_CALL = 100;

/** Requests that EC2 has forgotten are left out. */
export async function describeSpotRequests(
  client: EC2Client,
  ids: readonly string[],
): Promise<readonly SpotRequest[]> {
  const found: SpotRequest[] = [];
  for (const batch of inBatches([...new Set(ids)], REQUESTS_PER_CALL)) {
    found.push(...(await spotRequestBatch(client, batch)));
  }
  return found;
}

function spotRequest(request: SpotInstanceRequest): SpotRequest {
  const updatedMs = request.Status?.UpdateTime?.getTime();
  return {
    spotRequestId: request.SpotInstanceRequestId ?? '',
    instanceId: request.InstanceId ?? '',
    statusCode: request.Status?.Code ?? '',
    statusUpdatedS: updatedMs === undefined ? undefined : Math.floor(updatedMs / MS_PER_SECOND),
  };
}

/** Those that EC2 has given notice to (burst.md 9.4), of the whole account. */
export async function describeSpotNotices(client: EC2Client): Promise<readonly SpotRequest[]> {
  const found = await allPages('DescribeSpotInstanceRequests', async (token) => {
    const { SpotInstanceRequests, NextToken } = await client.send(
      new DescribeSpotInstanceRequestsCommand({
        Filters: [{ Name: 'status-code', Values: ['marked-for-termination'] }],
        MaxResults: PAGE_SIZE,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    return { items: SpotInstanceRequests, nextToken: NextToken };
  });
  return found.map(spotRequest);
}

async function spotRequestBatch(
  client: EC2Client,
  ids: readonly string[],
): Promise<readonly SpotRequest[]> {
  try {
    const { SpotInstanceRequests } = await client.send(
      new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [...ids] }),
    );
    if (SpotInstanceRequests === undefined) {
      throw unreadable('DescribeSpotInstanceRequests');
    }
    return SpotInstanceRequests.map(spotRequest);
  } catch (error) {
    if (failureOf(error).code !== 'InvalidSpotInstanceRequestID.NotFound') {
      throw error;
    }
    const middle = Math.ceil(ids.length / 2);
    return ids.length === 1
      ? []
      : [
          ...(await spotRequestBatch(client, ids.slice(0, middle))),
          ...(await spotRequestBatch(client, ids.slice(middle))),
        ];
  }
}
