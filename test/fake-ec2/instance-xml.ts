// An instance as DescribeInstances and RunInstances show it.
import type { Engine } from './engine.ts';
import { type Instance, type Look, STATE_CODES } from './state.ts';
import { tagSet, visibleTags } from './tags.ts';
import { isoSeconds } from './time.ts';
import type { Xml } from './xml.ts';

/** The state that a reader sees, perhaps an old one. */
export function lookOf(engine: Engine, instance: Instance): Look {
  const asOf = engine.state.nowUs - instance.staleUs;
  const first = instance.looks[0];
  const look = instance.looks.findLast((candidate) => candidate.atUs <= asOf) ?? first;
  if (look === undefined) {
    throw new Error(`${instance.id} has no state`);
  }
  return look;
}

export function privateDns(engine: Engine, ip: string): string {
  const { region } = engine.world;
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${ip.replaceAll('.', '-')}.${domain}`;
}

export function instanceXml(engine: Engine, instance: Instance): Xml {
  const look = lookOf(engine, instance);
  const isGone = look.state === 'terminated';
  const subnet = engine.state.subnets.get(instance.subnetId);
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: { code: STATE_CODES[look.state], name: look.state },
    privateDnsName: isGone ? '' : privateDns(engine, instance.ip),
    dnsName: '',
    reason: look.reason,
    ...(instance.keyName === '' ? {} : { keyName: instance.keyName }),
    amiLaunchIndex: instance.launchIndex,
    instanceType: instance.type,
    launchTime: isoSeconds(instance.launchUs),
    placement: {
      availabilityZone: instance.az,
      groupName: instance.groupName,
      tenancy: instance.tenancy,
    },
    monitoring: { state: 'disabled' },
    ...(isGone
      ? {}
      : {
          subnetId: instance.subnetId,
          vpcId: subnet?.vpc,
          privateIpAddress: instance.ip,
        }),
    ...(look.code === '' ? {} : { stateReason: { code: look.code, message: look.message } }),
    architecture: instance.arch,
    ...(instance.market === 'on-demand' ? {} : { instanceLifecycle: instance.market }),
    ...(instance.spotRequestId === '' ? {} : { spotInstanceRequestId: instance.spotRequestId }),
    clientToken: instance.clientToken,
    tagSet: tagSet(visibleTags(instance, engine.state.nowUs)),
    groupSet: isGone ? [] : instance.securityGroups.map((id) => securityGroup(engine, id)),
    networkInterfaceSet: isGone ? [] : nicsXml(instance),
    ...(instance.capacityReservationId === ''
      ? {}
      : { capacityReservationId: instance.capacityReservationId }),
    ...(instance.profile === ''
      ? {}
      : {
          iamInstanceProfile: {
            arn: `arn:aws:iam::${engine.world.account}:instance-profile/${instance.profile}`,
          },
        }),
  };
}

function nicsXml(instance: Instance): Xml {
  return instance.nics.map((nic) => ({
    networkInterfaceId: nic.id,
    // Only the first interface takes an address of the subnet here.
    ...(nic.device === 0 && nic.card === 0 ? { privateIpAddress: instance.ip } : {}),
    interfaceType: nic.type,
    attachment: { deviceIndex: nic.device, networkCardIndex: nic.card },
  }));
}

function securityGroup(engine: Engine, id: string): Xml {
  const spec = engine.world.security_groups.find((group) => group.id === id);
  return { groupId: id, groupName: spec?.name ?? id };
}

/** Reservation by reservation, in order of launch. */
export function reservationsXml(engine: Engine, instances: readonly Instance[]): Xml {
  const byReservation = new Map<string, Instance[]>();
  for (const instance of instances) {
    const members = byReservation.get(instance.reservationId) ?? [];
    members.push(instance);
    byReservation.set(instance.reservationId, members);
  }
  return [...byReservation].map(([id, members]) => ({
    reservationId: id,
    ownerId: engine.world.account,
    groupSet: [],
    instancesSet: members.map((instance) => instanceXml(engine, instance)),
  }));
}
