import type {
  CreateFleetCommandInput,
  CreateFleetCommandOutput,
  FleetLaunchTemplateOverridesRequest,
  RunInstancesCommandInput,
  RunInstancesCommandOutput,
  TagSpecification,
} from '@aws-sdk/client-ec2';
import type { LaunchRequest, Lifecycle } from '../../core/burst/launch.ts';
import type { JsonObject } from '../../core/json.ts';
import type {
  DescribedLaunch,
  LaunchAnswer,
  LaunchError,
  LaunchedInstance,
} from '../../ports/cloud.ts';

type ResourceType = NonNullable<TagSpecification['ResourceType']>;

/** What `launch` sends; the SDK's input is plain JSON but for keys that are undefined. */
export function describedLaunch(request: LaunchRequest): DescribedLaunch {
  return request.api === 'create-fleet'
    ? { action: 'CreateFleet', request: plain(createFleetInput(request)) }
    : { action: 'RunInstances', request: plain(runInstancesInput(request)) };
}

function plain(input: object): JsonObject {
  return JSON.parse(JSON.stringify(input)) as JsonObject;
}

/** burst.md 5.2; `Type: instant` answers with the instances themselves. */
export function createFleetInput(request: LaunchRequest): CreateFleetCommandInput {
  const { lifecycle, count, spotCount = 0 } = request;
  const isMixed = lifecycle === 'mixed';
  return {
    Type: 'instant',
    ClientToken: request.clientToken,
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: {
          LaunchTemplateId: request.launchTemplateId,
          Version: request.launchTemplateVersion,
        },
        Overrides: request.overrides.map((_, at) => fleetOverride(request, at)),
      },
    ],
    TargetCapacitySpecification: {
      TotalTargetCapacity: count,
      DefaultTargetCapacityType: isMixed ? 'on-demand' : lifecycle,
      ...(isMixed
        ? { OnDemandTargetCapacity: count - spotCount, SpotTargetCapacity: spotCount }
        : {}),
    },
    ...(isMixed || lifecycle === 'spot'
      ? { SpotOptions: spotOptions(request, isMixed ? spotCount : count) }
      : {}),
    // A capacity block has no options of its own: these are for everything but spot.
    ...(lifecycle === 'spot' ? {} : { OnDemandOptions: demandOptions(request, count - spotCount) }),
    TagSpecifications: tagged(request, ['instance', 'volume', 'fleet', 'network-interface']),
  };
}

type SpotOptions = NonNullable<CreateFleetCommandInput['SpotOptions']>;
type DemandOptions = NonNullable<CreateFleetCommandInput['OnDemandOptions']>;

// The strategies are checked by schema/config; the SDK's types are closed lists of the same words.

function spotOptions(request: LaunchRequest, count: number): SpotOptions {
  const strategy = request.spotAllocationStrategy ?? request.allocationStrategy;
  return {
    AllocationStrategy: strategy as SpotOptions['AllocationStrategy'],
    ...togetherOf(request, count),
    InstanceInterruptionBehavior: 'terminate',
    ...(request.maxTotalPrice === undefined ? {} : { MaxTotalPrice: request.maxTotalPrice }),
    ...(request.poolsToUse === undefined ? {} : { InstancePoolsToUseCount: request.poolsToUse }),
  };
}

function demandOptions(request: LaunchRequest, count: number): DemandOptions {
  return {
    AllocationStrategy: request.allocationStrategy as DemandOptions['AllocationStrategy'],
    ...togetherOf(request, count),
    ...(request.useReservationsFirst === true
      ? { CapacityReservationOptions: { UsageStrategy: 'use-capacity-reservations-first' } }
      : {}),
  };
}

/** Each part of a fleet has a minimum of its own. */
function togetherOf(
  request: LaunchRequest,
  count: number,
): Pick<SpotOptions, 'SingleInstanceType' | 'SingleAvailabilityZone' | 'MinTargetCapacity'> {
  return {
    ...(request.singleInstanceType ? { SingleInstanceType: true } : {}),
    ...(request.singleZone ? { SingleAvailabilityZone: true } : {}),
    ...(request.allOrNothing ? { MinTargetCapacity: count } : {}),
  };
}

function fleetOverride(request: LaunchRequest, at: number): FleetLaunchTemplateOverridesRequest {
  const override = request.overrides[at];
  return {
    // A type that the SDK does not list yet is still a type.
    InstanceType: override?.instanceType as FleetLaunchTemplateOverridesRequest['InstanceType'],
    SubnetId: override?.subnetId,
    Priority: override?.priority,
    ...(override?.maxPrice === undefined ? {} : { MaxPrice: override.maxPrice }),
    ...(request.placementGroup === undefined
      ? {}
      : { Placement: { GroupName: request.placementGroup } }),
    ...(request.iamInstanceProfile === undefined
      ? {}
      : { IamInstanceProfile: profileOf(request.iamInstanceProfile) }),
  };
}

/** One type and one subnet a call; EC2's own all-or-nothing by MinCount. */
export function runInstancesInput(request: LaunchRequest): RunInstancesCommandInput {
  const [override] = request.overrides;
  return {
    ClientToken: request.clientToken,
    MinCount: request.allOrNothing ? request.count : 1,
    MaxCount: request.count,
    LaunchTemplate: {
      LaunchTemplateId: request.launchTemplateId,
      Version: request.launchTemplateVersion,
    },
    InstanceType: override?.instanceType as RunInstancesCommandInput['InstanceType'],
    SubnetId: override?.subnetId,
    ...(request.placementGroup === undefined
      ? {}
      : { Placement: { GroupName: request.placementGroup } }),
    ...(request.securityGroupIds.length === 0
      ? {}
      : { SecurityGroupIds: [...request.securityGroupIds] }),
    ...(request.iamInstanceProfile === undefined
      ? {}
      : { IamInstanceProfile: profileOf(request.iamInstanceProfile) }),
    ...(request.userData === undefined
      ? {}
      : { UserData: Buffer.from(request.userData, 'utf8').toString('base64') }),
    ...(request.useReservationsFirst === true
      ? { CapacityReservationSpecification: { CapacityReservationPreference: 'open' } }
      : {}),
    ...marketOf(request),
    TagSpecifications: tagged(request, ['instance', 'volume', 'network-interface']),
  };
}

/** Spot, or the block that the launch template's capacity reservation names. */
function marketOf({
  lifecycle,
  overrides,
}: LaunchRequest): Pick<RunInstancesCommandInput, 'InstanceMarketOptions'> {
  const maxPrice = overrides[0]?.maxPrice;
  switch (lifecycle) {
    case 'spot':
      return {
        InstanceMarketOptions: {
          MarketType: 'spot',
          SpotOptions: {
            SpotInstanceType: 'one-time',
            InstanceInterruptionBehavior: 'terminate',
            ...(maxPrice === undefined ? {} : { MaxPrice: maxPrice }),
          },
        },
      };
    case 'capacity-block':
      return { InstanceMarketOptions: { MarketType: 'capacity-block' } };
    case 'on-demand':
    case 'mixed': // shares.ts has made two calls of it
      return {};
  }
}

function profileOf(profile: string): { Arn: string } | { Name: string } {
  return profile.startsWith('arn:') ? { Arn: profile } : { Name: profile };
}

function tagged(request: LaunchRequest, resources: readonly ResourceType[]): TagSpecification[] {
  const tags = tagList(request.tags);
  return resources.map((resource) => ({ ResourceType: resource, Tags: tags }));
}

export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value }));
}

/** Every id of every instance group; partial results and errors beside a full fill are normal. */
export function fleetAnswer(output: CreateFleetCommandOutput): LaunchAnswer {
  if (output.FleetId === undefined) {
    return { kind: 'unknown', message: 'CreateFleet gave an answer that cannot be read' };
  }
  const instances = (output.Instances ?? []).flatMap((group): LaunchedInstance[] => {
    const overrides = group.LaunchTemplateAndOverrides?.Overrides;
    return (group.InstanceIds ?? []).map((instanceId) => ({
      instanceId,
      instanceType: group.InstanceType ?? overrides?.InstanceType ?? '',
      subnetId: overrides?.SubnetId ?? '',
      zone: overrides?.AvailabilityZone ?? '',
      lifecycle: lifecycleOf(group.Lifecycle),
    }));
  });
  const errors = (output.Errors ?? []).map((error): LaunchError => {
    const overrides = error.LaunchTemplateAndOverrides?.Overrides;
    return {
      code: error.ErrorCode ?? '',
      message: error.ErrorMessage ?? '',
      instanceType: overrides?.InstanceType ?? '',
      subnetId: overrides?.SubnetId ?? '',
      zone: overrides?.AvailabilityZone ?? '',
      lifecycle: lifecycleOf(error.Lifecycle),
    };
  });
  return { kind: 'answered', fleetId: output.FleetId, instances, errors };
}

export function runAnswer(output: RunInstancesCommandOutput): LaunchAnswer {
  if (output.Instances === undefined || output.ReservationId === undefined) {
    return { kind: 'unknown', message: 'RunInstances gave an answer that cannot be read' };
  }
  const instances = output.Instances.map((instance) => ({
    instanceId: instance.InstanceId ?? '',
    instanceType: instance.InstanceType ?? '',
    subnetId: instance.SubnetId ?? '',
    zone: instance.Placement?.AvailabilityZone ?? '',
    lifecycle: lifecycleOf(instance.InstanceLifecycle),
  }));
  return { kind: 'answered', fleetId: '', instances, errors: [] };
}

/** EC2 leaves the word out for on-demand. */
export function lifecycleOf(word: string | undefined): Lifecycle {
  return word === 'spot' ? 'spot' : 'on-demand';
}
