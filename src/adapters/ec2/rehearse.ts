import {
  CreateFleetCommand,
  CreatePlacementGroupCommand,
  CreateTagsCommand,
  DeletePlacementGroupCommand,
  DescribeCapacityReservationsCommand,
  DescribeImagesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribePlacementGroupsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  RebootInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { LaunchRequest } from '../../core/burst/launch.ts';
import { nodeTags, TAG } from '../../core/burst/tags.ts';
import type { CloudRefusal } from '../../ports/cloud.ts';
import type { Permission, Rehearsal } from '../../ports/cloud-site.ts';
import { failureOf } from './failure.ts';
import { createFleetInput, runInstancesInput, tagList } from './launch-calls.ts';

type Send = (client: EC2Client, rehearsal: Rehearsal) => Promise<unknown>;

const DryRun = true;
/** EC2's word for: you may. */
const ALLOWED = 'DryRunOperation';
const NODE = 'asbb-rehearsal';

/** As resume would launch one node (burst.md 5.2). */
function launchOf(rehearsal: Rehearsal, api: LaunchRequest['api']): LaunchRequest {
  const { cluster, instanceType, subnetId, iamInstanceProfile } = rehearsal;
  return {
    api,
    clientToken: `asbb-rehearsal-${Date.now()}`,
    count: 1,
    lifecycle: 'on-demand',
    allOrNothing: false,
    singleInstanceType: false,
    singleZone: false,
    launchTemplateId: rehearsal.templateId,
    launchTemplateVersion: rehearsal.templateVersion,
    overrides: [{ instanceType, subnetId, priority: 0 }],
    allocationStrategy: 'prioritized',
    iamInstanceProfile: iamInstanceProfile === '' ? undefined : iamInstanceProfile,
    securityGroupIds: [],
    tags: { [TAG.cluster]: cluster },
  };
}

function groupName({ cluster }: Rehearsal): string {
  return `asbb-${cluster}-rehearsal`;
}

const CALLS: Readonly<Record<string, Send>> = {
  DescribeInstances: (client) => client.send(new DescribeInstancesCommand({ DryRun })),
  DescribeInstanceStatus: (client) => client.send(new DescribeInstanceStatusCommand({ DryRun })),
  DescribeInstanceTypes: (client) => client.send(new DescribeInstanceTypesCommand({ DryRun })),
  DescribeInstanceTypeOfferings: (client) =>
    client.send(new DescribeInstanceTypeOfferingsCommand({ DryRun })),
  DescribeLaunchTemplates: (client) => client.send(new DescribeLaunchTemplatesCommand({ DryRun })),
  DescribeLaunchTemplateVersions: (client, { templateId }) =>
    client.send(
      new DescribeLaunchTemplateVersionsCommand({ DryRun, LaunchTemplateId: templateId }),
    ),
  DescribeImages: (client) => client.send(new DescribeImagesCommand({ DryRun })),
  DescribeSubnets: (client) => client.send(new DescribeSubnetsCommand({ DryRun })),
  DescribeSecurityGroups: (client) => client.send(new DescribeSecurityGroupsCommand({ DryRun })),
  DescribePlacementGroups: (client) => client.send(new DescribePlacementGroupsCommand({ DryRun })),
  DescribeSpotInstanceRequests: (client) =>
    client.send(new DescribeSpotInstanceRequestsCommand({ DryRun })),
  DescribeSpotPriceHistory: (client) =>
    client.send(new DescribeSpotPriceHistoryCommand({ DryRun })),
  DescribeCapacityReservations: (client) =>
    client.send(new DescribeCapacityReservationsCommand({ DryRun })),
  CreateFleet: (client, rehearsal) =>
    client.send(
      new CreateFleetCommand({
        ...createFleetInput(launchOf(rehearsal, 'create-fleet')),
        DryRun,
      }),
    ),
  RunInstances: (client, rehearsal) =>
    client.send(
      new RunInstancesCommand({
        ...runInstancesInput(launchOf(rehearsal, 'run-instances')),
        DryRun,
      }),
    ),
  CreateTags: (client, { instanceId }) =>
    client.send(
      new CreateTagsCommand({ DryRun, Resources: [instanceId], Tags: tagList(nodeTags(NODE)) }),
    ),
  TerminateInstances: (client, { instanceId }) =>
    client.send(new TerminateInstancesCommand({ DryRun, InstanceIds: [instanceId] })),
  RebootInstances: (client, { instanceId }) =>
    client.send(new RebootInstancesCommand({ DryRun, InstanceIds: [instanceId] })),
  CreatePlacementGroup: (client, rehearsal) =>
    client.send(
      new CreatePlacementGroupCommand({
        DryRun,
        GroupName: groupName(rehearsal),
        Strategy: 'cluster',
        TagSpecifications: [
          { ResourceType: 'placement-group', Tags: tagList({ [TAG.cluster]: rehearsal.cluster }) },
        ],
      }),
    ),
  DeletePlacementGroup: (client, rehearsal) =>
    client.send(new DeletePlacementGroupCommand({ DryRun, GroupName: groupName(rehearsal) })),
};

const NEEDS_INSTANCE: ReadonlySet<string> = new Set([
  'CreateTags',
  'TerminateInstances',
  'RebootInstances',
]);
const NEEDS_TEMPLATE: ReadonlySet<string> = new Set([
  'CreateFleet',
  'RunInstances',
  'DescribeLaunchTemplateVersions',
]);

/**
 * Whether EC2 would let us: a call with DryRun, which never does anything. What would need an instance
 * or a launch template that is not there is not asked.
 */
export async function rehearse(
  client: EC2Client,
  action: string,
  rehearsal: Rehearsal,
): Promise<Permission> {
  const send = CALLS[action];
  if (send === undefined) {
    return untried(`${action} has no dry run`);
  }
  if (NEEDS_INSTANCE.has(action) && rehearsal.instanceId === '') {
    return untried('no instance of this cluster runs');
  }
  if (NEEDS_TEMPLATE.has(action) && rehearsal.templateId === '') {
    return untried('its launch template is not known');
  }
  try {
    await send(client, rehearsal);
    return untried('EC2 did not take it as a dry run');
  } catch (error) {
    const refusal = failureOf(error);
    return refusal.code === ALLOWED ? 'allowed' : refusal;
  }
}

function untried(message: string): CloudRefusal {
  return { code: '', status: 0, message };
}
