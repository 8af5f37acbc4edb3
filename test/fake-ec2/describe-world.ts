// The Describe calls about what the world file declares (fake-ec2.md 3.4).
import type { Call } from './engine.ts';
import { ApiError } from './errors.ts';
import { readFilter } from './filters.ts';
import { paginate } from './paging.ts';
import { freeAddresses, type SubnetState } from './state.ts';
import type { ImageSpec, SecurityGroupSpec, TypeSpec } from './world.ts';
import type { Xml } from './xml.ts';

const VPC = 'vpc-0a11ce00000000001';

/** The items of the given ids, or all; the first unknown id fails the call. */
function byId<T>(
  ids: readonly string[],
  all: readonly T[],
  idOf: (item: T) => string,
  error: (id: string) => ApiError,
): readonly T[] {
  if (ids.length === 0) {
    return all;
  }
  return ids.map((id) => {
    const found = all.find((item) => idOf(item) === id);
    if (found === undefined) {
      throw error(id);
    }
    return found;
  });
}

export function describeSubnets(call: Call): Xml {
  const { engine, params } = call;
  function zoneId(az: string): string {
    return engine.world.zones.find((zone) => zone.name === az)?.id ?? '';
  }
  const subnets = byId(
    params.list('SubnetId'),
    [...engine.state.subnets.values()],
    (subnet) => subnet.id,
    (id) => new ApiError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`),
  );
  const keep = readFilter<SubnetState>(params, {
    'subnet-id': (subnet) => [subnet.id],
    'availability-zone': (subnet) => [subnet.az],
    'vpc-id': (subnet) => [subnet.vpc],
    state: () => ['available'],
  });
  return {
    subnetSet: subnets.filter(keep).map((subnet) => ({
      subnetId: subnet.id,
      state: 'available',
      vpcId: subnet.vpc,
      cidrBlock: subnet.cidr,
      availableIpAddressCount: freeAddresses(subnet),
      availabilityZone: subnet.az,
      availabilityZoneId: zoneId(subnet.az),
    })),
  };
}

export function describeImages(call: Call): Xml {
  const images = byId<ImageSpec>(
    call.params.list('ImageId'),
    call.engine.world.images,
    (image) => image.id,
    (id) => new ApiError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`),
  );
  return {
    imagesSet: images.map((image) => ({
      imageId: image.id,
      imageState: image.state ?? 'available',
      architecture: image.arch ?? 'x86_64',
      name: image.name ?? image.id,
      rootDeviceName: image.root ?? '/dev/xvda',
      ...(image.volumes === undefined
        ? {}
        : {
            blockDeviceMapping: image.volumes.map(({ device, gib, kept = false }) => ({
              deviceName: device,
              ebs: { volumeSize: gib, deleteOnTermination: !kept },
            })),
          }),
    })),
  };
}

export function describeSecurityGroups(call: Call): Xml {
  const groups = byId<SecurityGroupSpec>(
    call.params.list('GroupId'),
    call.engine.world.security_groups,
    (group) => group.id,
    (id) => new ApiError('InvalidGroup.NotFound', `The security group '${id}' does not exist`),
  );
  const keep = readFilter<SecurityGroupSpec>(call.params, {
    'group-id': (group) => [group.id],
    'group-name': (group) => [group.name ?? group.id],
    'vpc-id': (group) => [group.vpc ?? VPC],
  });
  return {
    securityGroupInfo: groups.filter(keep).map((group) => ({
      groupId: group.id,
      groupName: group.name ?? group.id,
      groupDescription: group.description ?? '',
      vpcId: group.vpc ?? VPC,
      ipPermissions: (group.permissions ?? []).map((rule) => ({
        ipProtocol: rule.protocol,
        groups: rule.groups.map((id) => ({ groupId: id })),
      })),
    })),
  };
}

export function describeCapacityReservations(call: Call): Xml {
  const { world, state } = call.engine;
  const reservations = byId(
    call.params.list('CapacityReservationId'),
    world.capacity_reservations,
    (reservation) => reservation.id,
    (id) => new ApiError('InvalidCapacityReservationId.NotFound', `The ID '${id}' does not exist`),
  );
  return {
    capacityReservationSet: reservations.map((reservation) => ({
      capacityReservationId: reservation.id,
      instanceType: reservation.type,
      availabilityZone: reservation.az,
      totalInstanceCount: reservation.total,
      availableInstanceCount: reservation.total - (state.reservedUse.get(reservation.id) ?? 0),
      state: 'active',
    })),
  };
}

export function describeAvailabilityZones(call: Call): Xml {
  const { world } = call.engine;
  const zones = byId(
    call.params.list('ZoneName'),
    world.zones,
    (zone) => zone.name,
    (name) => new ApiError('InvalidParameterValue', `Invalid availability zone: [${name}]`),
  );
  return {
    availabilityZoneInfo: zones.map((zone) => ({
      zoneName: zone.name,
      zoneState: 'available',
      regionName: world.region,
      zoneId: zone.id,
      zoneType: 'availability-zone',
      optInStatus: 'opt-in-not-required',
    })),
  };
}

export function describeInstanceTypes(call: Call): Xml {
  const names = call.params.list('InstanceType');
  const types = byId<TypeSpec>(
    names,
    call.engine.world.types,
    (type) => type.type,
    (name) =>
      new ApiError(
        'InvalidInstanceType',
        `The following supplied instance types do not exist: [${name}]`,
      ),
  );
  if (names.length > 100) {
    throw new ApiError('InvalidParameterValue', 'More than 100 instance types.');
  }
  const keep = readFilter<TypeSpec>(call.params, {
    'instance-type': (type) => [type.type],
    'current-generation': (type) => [String(type.current ?? true)],
    'supported-usage-class': (type) => type.usage,
    'network-info.efa-supported': (type) => [String(type.efa)],
    'processor-info.supported-architecture': (type) => type.arch,
  });
  const page = paginate(call, types, { min: 5, max: 100, position: (_type, i) => i, keep });
  return {
    instanceTypeSet: page.items.map(typeXml),
    ...(page.next === undefined ? {} : { nextToken: page.next }),
  };
}

function typeXml(type: TypeSpec): Xml {
  return {
    instanceType: type.type,
    currentGeneration: type.current ?? true,
    bareMetal: type.type.endsWith('.metal'),
    supportedUsageClasses: type.usage,
    processorInfo: { supportedArchitectures: type.arch },
    vCpuInfo: {
      defaultVCpus: type.vcpu,
      defaultCores: type.cores,
      defaultThreadsPerCore: Math.round(type.vcpu / type.cores),
    },
    memoryInfo: { sizeInMiB: type.mib },
    networkInfo: {
      maximumNetworkInterfaces: type.interfaces ?? type.cards * 4,
      maximumNetworkCards: type.cards,
      efaSupported: type.efa,
      ...(type.efa ? { efaInfo: { maximumEfaInterfaces: type.efa_interfaces ?? 1 } } : {}),
    },
    ...(type.gpus === undefined
      ? {}
      : {
          gpuInfo: {
            gpus: type.gpus.map((gpu) => ({
              name: gpu.name,
              manufacturer: gpu.manufacturer,
              count: gpu.count,
              memoryInfo: { sizeInMiB: gpu.mib },
            })),
            totalGpuMemoryInMiB: type.gpus.reduce((sum, gpu) => sum + gpu.count * gpu.mib, 0),
          },
        }),
    placementGroupInfo: { supportedStrategies: type.strategies },
  };
}

export function describeInstanceTypeOfferings(call: Call): Xml {
  const { world } = call.engine;
  const kind =
    call.params.oneOf('LocationType', ['region', 'availability-zone', 'availability-zone-id']) ??
    'region';
  const rows = world.types.flatMap((type) => {
    const zones = world.zones.filter((zone) => type.zones?.includes(zone.name) ?? true);
    const places = zones.map((zone) => (kind === 'availability-zone' ? zone.name : zone.id));
    const locations = kind === 'region' ? [world.region] : places;
    return locations.map((location) => ({ instanceType: type.type, locationType: kind, location }));
  });
  const keep = readFilter<(typeof rows)[number]>(call.params, {
    'instance-type': (row) => [row.instanceType],
    location: (row) => [row.location],
  });
  const page = paginate(call, rows, { min: 5, max: 1000, position: (_row, i) => i, keep });
  return {
    instanceTypeOfferingSet: page.items,
    ...(page.next === undefined ? {} : { nextToken: page.next }),
  };
}
