import {
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  type IpPermission,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type {
  SiteGroup,
  SiteImage,
  SiteRule,
  SiteSubnet,
  SiteTemplate,
  SiteType,
} from '../../core/burst/validate/facts.ts';
import { unreadable } from './failure.ts';
import { allPages, inBatches } from './pages.ts';
import { hasEfaInterface, type TemplateQuestion, templateVersion } from './template-version.ts';
import { imageOf, mappedVolumes } from './volumes.ts';

const FILTER_VALUES_MAX = 200;

export async function subnetFacts(client: EC2Client, subnetId: string): Promise<SiteSubnet> {
  const { Subnets } = await client.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
  const [found] = Subnets ?? [];
  if (found === undefined) {
    throw unreadable('DescribeSubnets');
  }
  return {
    subnetId,
    zone: found.AvailabilityZone ?? '',
    vpc: found.VpcId ?? '',
    freeAddresses: found.AvailableIpAddressCount ?? 0,
  };
}

export async function groupFacts(client: EC2Client, groupId: string): Promise<SiteGroup> {
  const { SecurityGroups } = await client.send(
    new DescribeSecurityGroupsCommand({ GroupIds: [groupId] }),
  );
  const [found] = SecurityGroups ?? [];
  if (found === undefined) {
    throw unreadable('DescribeSecurityGroups');
  }
  return {
    groupId,
    vpc: found.VpcId ?? '',
    ingress: (found.IpPermissions ?? []).map(ruleOf),
    egress: found.IpPermissionsEgress?.map(ruleOf),
  };
}

function ruleOf({ IpProtocol, FromPort, ToPort, UserIdGroupPairs = [] }: IpPermission): SiteRule {
  return {
    protocol: IpProtocol ?? '',
    fromPort: FromPort,
    toPort: ToPort,
    groupIds: UserIdGroupPairs.flatMap(({ GroupId }) => GroupId ?? []),
  };
}

export async function imageFacts(client: EC2Client, imageId: string): Promise<SiteImage> {
  const found = await imageOf(client, imageId);
  return {
    imageId,
    state: found.State ?? '',
    architecture: found.Architecture ?? '',
    volumes: mappedVolumes(found.BlockDeviceMappings),
  };
}

export async function templateFacts(
  client: EC2Client,
  asked: TemplateQuestion,
): Promise<SiteTemplate> {
  const { id, version, data } = await templateVersion(client, asked);
  return {
    id,
    version,
    imageId: data.ImageId ?? '',
    securityGroupIds: groupsOf(data),
    metadataTags: data.MetadataOptions?.InstanceMetadataTags ?? '',
    metadataTokens: data.MetadataOptions?.HttpTokens ?? '',
    shutdownBehavior: data.InstanceInitiatedShutdownBehavior ?? '',
    hasEfa: hasEfaInterface(data),
    volumes: mappedVolumes(data.BlockDeviceMappings),
  };
}

/** They stand with the network interfaces where there are such. */
function groupsOf(data: ResponseLaunchTemplateData): readonly string[] {
  const ofInterfaces = (data.NetworkInterfaces ?? []).flatMap(({ Groups = [] }) => Groups);
  return [...new Set([...(data.SecurityGroupIds ?? []), ...ofInterfaces])];
}

/** By a filter: an id that EC2 does not know would fail the call. */
export async function typeFacts(
  client: EC2Client,
  instanceTypes: readonly string[],
): Promise<readonly SiteType[]> {
  const lists = await Promise.all(
    inBatches([...new Set(instanceTypes)], FILTER_VALUES_MAX).map((types) =>
      allPages('DescribeInstanceTypes', async (token) => {
        const { InstanceTypes, NextToken } = await client.send(
          new DescribeInstanceTypesCommand({
            Filters: [{ Name: 'instance-type', Values: [...types] }],
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        );
        return { items: InstanceTypes, nextToken: NextToken };
      }),
    ),
  );
  return lists.flat().map((type) => ({
    instanceType: type.InstanceType ?? '',
    architectures: type.ProcessorInfo?.SupportedArchitectures ?? [],
    usage: type.SupportedUsageClasses ?? [],
    efa: type.NetworkInfo?.EfaSupported ?? false,
  }));
}
