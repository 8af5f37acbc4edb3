import type {
  CreateFleetCommandInput,
  CreateFleetCommandOutput,
  FleetLaunchTemplateOverridesRequest,
  RunInstancesCommandInput,
  RunInstancesCommandOutput,
  TagSpecification,
} from '@aws-sdk/client-ec2';
import type { LaunchRequest, Lifecycle } from '../../core/burst/launch.ts';
import type { LaunchAnswer, LaunchError, LaunchedInstance } from '../../ports/cloud.ts';

type ResourceType = NonNullable<TagSpecification['ResourceType']>;

/** burst.md 5.2; `Type: instant` answers with the instances themselves. */
export function createFleetInput(request: LaunchRequest): CreateFleetCommandInput {
  const options = {
    AllocationStrategy: request.allocationStrategy,
    ...(request.singleInstanceType ? { SingleInstanceType: true } : {}),
    ...(request.singleZone ? { SingleAvailabilityZone: true } : {}),
    ...(request.allOrNothing ? { MinTargetCapacity: request.count } : {}),
  };
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
      TotalTargetCapacity: request.count,
      DefaultTargetCapacityType: request.lifecycle,
    },
    // The strategies are checked by schema/config; the SDK's types are closed lists of the same words.
    ...(request.lifecycle === 'spot'
      ? {
          SpotOptions: {
            ...options,
            InstanceInterruptionBehavior: 'terminate',
          } as CreateFleetCommandInput['SpotOptions'],
        }
      : { OnDemandOptions: options as CreateFleetCommandInput['OnDemandOptions'] }),
    TagSpecifications: tagged(request, ['instance', 'volume', 'fleet', 'network-interface']),
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
    ...(request.lifecycle === 'spot'
      ? {
          InstanceMarketOptions: {
            MarketType: 'spot',
            SpotOptions: {
              SpotInstanceType: 'one-time',
              InstanceInterruptionBehavior: 'terminate',
              ...(override?.maxPrice === undefined ? {} : { MaxPrice: override.maxPrice }),
            },
          },
        }
      : {}),
    TagSpecifications: tagged(request, ['instance', 'volume', 'network-interface']),
  };
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
