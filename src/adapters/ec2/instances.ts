import {
  DescribeInstancesCommand,
  type EC2Client,
  type Filter,
  type Instance,
} from '@aws-sdk/client-ec2';
import { TAG } from '../../core/burst/tags.ts';
import type { CloudInstance, InstanceSelector } from '../../ports/cloud.ts';
import { lifecycleOf } from './launch-calls.ts';
import { allPages, inBatches } from './pages.ts';

const PAGE_SIZE = 1000;
/** EC2 takes at most 200 values in one filter. */
const FILTER_VALUES_MAX = 200;
const MS_PER_SECOND = 1000;
/** What the original tags its instances with (burst.md 5.5). */
const LEGACY = 'aws-slurm-burst';

/** Every instance that the selector names, each once, whatever pages repeat. */
export async function describeInstances(
  client: EC2Client,
  selector: InstanceSelector,
): Promise<readonly CloudInstance[]> {
  const lists = await Promise.all(
    filtersOf(selector).map((filters) =>
      allPages('DescribeInstances', async (token) => {
        const { Reservations, NextToken } = await client.send(
          new DescribeInstancesCommand({
            Filters: filters,
            MaxResults: PAGE_SIZE,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        );
        return {
          items: Reservations?.flatMap(({ Instances }) => Instances ?? []),
          nextToken: NextToken,
        };
      }),
    ),
  );
  const found = lists.flat().map(cloudInstance);
  return [...new Map(found.map((instance) => [instance.instanceId, instance])).values()];
}

/** One list of filters a call. */
function filtersOf(selector: InstanceSelector): readonly Filter[][] {
  switch (selector.by) {
    case 'ids':
      return inBatches(selector.ids, FILTER_VALUES_MAX).map((ids) => [
        { Name: 'instance-id', Values: [...ids] },
      ]);
    case 'intent':
      return [[...ofCluster(selector.cluster), tag(TAG.intent, [`${selector.intentId}`])]];
    case 'intents':
      return inBatches(selector.intentIds, FILTER_VALUES_MAX).map((ids) => [
        ...ofCluster(selector.cluster),
        tag(
          TAG.intent,
          ids.map((id) => `${id}`),
        ),
      ]);
    case 'cluster':
      return [ofCluster(selector.cluster)];
    case 'legacy':
      return [[tag(TAG.managedBy, [LEGACY])]];
    case 'nodes':
      return inBatches(selector.nodes, FILTER_VALUES_MAX).flatMap((nodes) => [
        [...ofCluster(selector.cluster), tag(TAG.slurmNode, nodes)],
        [...ofCluster(selector.cluster), tag(TAG.name, nodes)],
      ]);
  }
}

function ofCluster(cluster: string): Filter[] {
  return [tag(TAG.cluster, [cluster])];
}

/** Cluster and node names hold no `*` or `?`, which would be wildcards here. */
function tag(key: string, values: readonly string[]): Filter {
  return { Name: `tag:${key}`, Values: [...values] };
}

function cloudInstance(instance: Instance): CloudInstance {
  const launched = instance.LaunchTime?.getTime() ?? 0;
  return {
    instanceId: instance.InstanceId ?? '',
    instanceType: instance.InstanceType ?? '',
    zone: instance.Placement?.AvailabilityZone ?? '',
    lifecycle: lifecycleOf(instance.InstanceLifecycle),
    state: instance.State?.Name ?? '',
    launchS: Math.floor(launched / MS_PER_SECOND),
    privateIp: instance.PrivateIpAddress ?? '',
    privateDnsName: instance.PrivateDnsName ?? '',
    clientToken: instance.ClientToken ?? '',
    spotRequestId: instance.SpotInstanceRequestId ?? '',
    tags: Object.fromEntries(
      (instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const),
    ),
    stateTransitionReason: instance.StateTransitionReason ?? '',
    stateReasonCode: instance.StateReason?.Code ?? '',
  };
}
