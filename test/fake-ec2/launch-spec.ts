// What one launch asks for, after the template and the request's own values are laid together.
import type { Pool } from './capacity.ts';
import { type Call, typeOf } from './engine.ts';
import { ApiError, invalidValue, missing } from './errors.ts';
import type { Params } from './params.ts';
import type { SubnetState, Template, TemplateVersion } from './state.ts';
import { readVolumes, type Volume } from './volumes.ts';
import type { Market } from './world.ts';

export interface NicSpec {
  readonly device: number;
  readonly card: number;
  readonly type: string;
}

export interface LaunchSpec {
  readonly pool: Pool;
  readonly imageId: string;
  readonly nics: readonly NicSpec[];
  readonly volumes: readonly Volume[];
  readonly tenancy: string;
  readonly profile: string;
  readonly keyName: string;
  readonly securityGroups: readonly string[];
  readonly onShutdown: 'terminate' | 'stop';
  readonly isProtected: boolean;
  readonly template: { readonly template: Template; readonly version: TemplateVersion } | undefined;
}

const PRICE = /^\d{1,6}(\.\d{1,10})?$/;

/** `0.55` → 1e-10 dollars per hour; exact. */
export function priceE10(name: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!PRICE.test(text)) {
    throw invalidValue(name, text);
  }
  const [whole = '', fraction = ''] = text.split('.');
  return Number(whole + fraction.padEnd(10, '0'));
}

export interface PoolChoice {
  readonly index: number;
  readonly market: Market;
  readonly maxPriceE10: number | undefined;
  readonly reservations: Pool['reservations'];
}

/** Checks everything that is wrong with the request whatever the capacity. */
export function readLaunchSpec(
  call: Call,
  params: Params,
  choice: PoolChoice,
  template: LaunchSpec['template'],
): LaunchSpec {
  const { world, state } = call.engine;
  const imageId = params.need('ImageId');
  const image = world.images.find((spec) => spec.id === imageId);
  if (image === undefined) {
    throw new ApiError('InvalidAMIID.NotFound', `The image id '[${imageId}]' does not exist`);
  }
  const nics = readNics(params);
  const groupName = params.text('Placement.GroupName') ?? '';
  if (groupName !== '' && !state.groups.has(groupName)) {
    throw new ApiError(
      'InvalidPlacementGroup.Unknown',
      `The Placement Group '${groupName}' is unknown.`,
    );
  }
  const type = typeOf(world, params.text('InstanceType') ?? 'm1.small');
  if (nics.some((nic) => nic.card >= type.cards)) {
    throw new ApiError('InvalidParameterValue', `${type.type} has ${type.cards} network card(s).`);
  }
  return {
    pool: {
      ...choice,
      type,
      subnet: subnetOf(call, params),
      arch: image.arch ?? 'x86_64',
      wantsEfa: nics.some((nic) => nic.type === 'efa' || nic.type === 'efa-only'),
      groupName,
    },
    imageId,
    nics,
    volumes: readVolumes(params, image),
    tenancy: params.text('Placement.Tenancy') ?? 'default',
    profile: profileOf(call, params),
    keyName: keyOf(call, params),
    securityGroups: securityGroups(call, params),
    onShutdown: params.text('InstanceInitiatedShutdownBehavior') === 'stop' ? 'stop' : 'terminate',
    isProtected: params.bool('DisableApiTermination'),
    template,
  };
}

function readNics(params: Params): readonly NicSpec[] {
  const nics = params.structs('NetworkInterface').map((nic, i) => ({
    device: nic.int('DeviceIndex', 0, 99) ?? i,
    card: nic.int('NetworkCardIndex', 0, 99) ?? 0,
    type: nic.oneOf('InterfaceType', ['interface', 'efa', 'efa-only']) ?? 'interface',
  }));
  return nics.length > 0 ? nics : [{ device: 0, card: 0, type: 'interface' }];
}

/** By subnet, by zone (its first subnet), or the first subnet of all. */
function subnetOf(call: Call, params: Params): SubnetState {
  const { subnets } = call.engine.state;
  const id = params.text('SubnetId') ?? params.text('NetworkInterface.1.SubnetId');
  const az = params.text('Placement.AvailabilityZone');
  if (id !== undefined) {
    const subnet = subnetById(call, id);
    if (az !== undefined && az !== subnet.az) {
      throw new ApiError('InvalidParameterCombination', `Subnet ${id} is not in ${az}.`);
    }
    return subnet;
  }
  for (const subnet of subnets.values()) {
    if ((az ?? subnet.az) === subnet.az) {
      return subnet;
    }
  }
  throw az === undefined ? missing('SubnetId') : invalidValue('AvailabilityZone', az);
}

export function subnetById(call: Call, id: string): SubnetState {
  const subnet = call.engine.state.subnets.get(id);
  if (subnet === undefined) {
    throw new ApiError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
  }
  return subnet;
}

function profileOf(call: Call, params: Params): string {
  const arn = params.text('IamInstanceProfile.Arn');
  const name = params.text('IamInstanceProfile.Name') ?? arn?.split('/').at(-1) ?? '';
  const known = call.engine.world.instance_profiles;
  if (name !== '' && known !== undefined && !known.includes(name)) {
    throw invalidValue('iamInstanceProfile.name', name);
  }
  return name;
}

function keyOf(call: Call, params: Params): string {
  const name = params.text('KeyName') ?? '';
  const known = call.engine.world.key_pairs;
  if (name !== '' && known !== undefined && !known.includes(name)) {
    throw new ApiError('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
  }
  return name;
}

function securityGroups(call: Call, params: Params): readonly string[] {
  const ids = [
    ...params.list('SecurityGroupId'),
    ...params.structs('NetworkInterface').flatMap((nic) => nic.list('SecurityGroupId')),
  ];
  for (const id of ids) {
    if (!call.engine.world.security_groups.some((group) => group.id === id)) {
      throw new ApiError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
    }
  }
  return [...new Set(ids)];
}
