// The data of a launch template: kept under its wire names, written by people in the command line's
// JSON, answered in XML.
import { Params } from './params.ts';
import type { Xml } from './xml.ts';

const DIGITS = /^\d+$/;

/** Names of a launch specification that templates and RunInstances share. */
const COMMON = [
  'ImageId',
  'InstanceType',
  'KeyName',
  'UserData',
  'EbsOptimized',
  'SecurityGroupId.n',
  'SecurityGroup.n',
  'IamInstanceProfile.Arn',
  'IamInstanceProfile.Name',
  'Monitoring.Enabled',
  'DisableApiTermination',
  'DisableApiStop',
  'InstanceInitiatedShutdownBehavior',
  'Placement.GroupName',
  'Placement.AvailabilityZone',
  'Placement.Tenancy',
  'Placement.PartitionNumber',
  'InstanceMarketOptions.MarketType',
  'InstanceMarketOptions.SpotOptions.MaxPrice',
  'InstanceMarketOptions.SpotOptions.SpotInstanceType',
  'InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior',
  'CapacityReservationSpecification.CapacityReservationPreference',
  'CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId',
  'CpuOptions.CoreCount',
  'CpuOptions.ThreadsPerCore',
  'CreditSpecification.CpuCredits',
  'MetadataOptions.HttpTokens',
  'MetadataOptions.HttpPutResponseHopLimit',
  'MetadataOptions.HttpEndpoint',
  'MetadataOptions.InstanceMetadataTags',
  'TagSpecification.n.ResourceType',
  'TagSpecification.n.Tag.n.Key',
  'TagSpecification.n.Tag.n.Value',
  'BlockDeviceMapping.n.DeviceName',
  'BlockDeviceMapping.n.NoDevice',
  'BlockDeviceMapping.n.Ebs.VolumeSize',
  'BlockDeviceMapping.n.Ebs.VolumeType',
  'BlockDeviceMapping.n.Ebs.Iops',
  'BlockDeviceMapping.n.Ebs.Throughput',
  'BlockDeviceMapping.n.Ebs.Encrypted',
  'BlockDeviceMapping.n.Ebs.DeleteOnTermination',
  'BlockDeviceMapping.n.Ebs.SnapshotId',
  ...[
    'DeviceIndex',
    'NetworkCardIndex',
    'InterfaceType',
    'SubnetId',
    'SecurityGroupId.n',
    'AssociatePublicIpAddress',
    'DeleteOnTermination',
    'Description',
  ].map((name) => `NetworkInterface.n.${name}`),
];

export const LAUNCH_NAMES: readonly string[] = COMMON;
export const TEMPLATE_NAMES: readonly string[] = COMMON.map((name) => `LaunchTemplateData.${name}`);

/** JSON names whose list is not simply the plural of its wire name. */
const LIST_NAMES: Readonly<Record<string, string>> = { Groups: 'SecurityGroupId' };

/** `{SecurityGroupIds: ['sg-1']}` → `SecurityGroupId.1=sg-1`. */
export function flattenTemplate(data: Readonly<Record<string, unknown>>): Map<string, string> {
  const flat = new Map<string, string>();
  flattenInto(flat, '', data);
  return flat;
}

function flattenInto(flat: Map<string, string>, prefix: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    flat.set(prefix.slice(0, -1), String(value));
    return;
  }
  for (const [name, child] of Object.entries(value)) {
    if (Array.isArray(child)) {
      const wire = LIST_NAMES[name] ?? name.slice(0, -1);
      for (const [i, item] of child.entries()) {
        flattenInto(flat, `${prefix}${wire}.${i + 1}.`, item);
      }
    } else {
      flattenInto(flat, `${prefix}${name}.`, child);
    }
  }
}

interface Tree {
  [name: string]: Tree | string;
}

function treeOf(flat: ReadonlyMap<string, string>): Tree {
  const root: Tree = {};
  for (const [name, value] of flat) {
    const parts = name.split('.');
    const leaf = parts.pop() ?? '';
    let node = root;
    for (const part of parts) {
      const child = node[part] ?? {};
      node[part] = child;
      node = typeof child === 'string' ? {} : child;
    }
    node[leaf] = value;
  }
  return root;
}

export function templateXml(flat: ReadonlyMap<string, string>): Xml {
  return nodeXml(treeOf(flat), false);
}

function nodeXml(node: Tree | string, isInterface: boolean): Xml {
  if (typeof node === 'string') {
    return node;
  }
  const result: Record<string, Xml> = {};
  for (const [name, child] of Object.entries(node)) {
    const lower = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const items = itemsOf(child);
    if (items === undefined) {
      result[lower] = nodeXml(child, false);
    } else if (isInterface && name === 'SecurityGroupId') {
      result['groupSet'] = { 'groupId*': items.map((item) => nodeXml(item, false)) };
    } else {
      result[`${lower}Set`] = items.map((item) => nodeXml(item, name === 'NetworkInterface'));
    }
  }
  return result;
}

function itemsOf(node: Tree | string): readonly (Tree | string)[] | undefined {
  if (typeof node === 'string' || !Object.keys(node).every((key) => DIGITS.test(key))) {
    return undefined;
  }
  return Object.entries(node)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}

/** Lists that a request replaces as a whole; tag specifications are joined, the request's tags win. */
const WHOLE_LISTS = ['NetworkInterface', 'SecurityGroupId', 'SecurityGroup', 'BlockDeviceMapping'];

/** A template's data with the request's own values laid over them. */
export function overlay(
  template: ReadonlyMap<string, string>,
  request: ReadonlyMap<string, string>,
): Params {
  const over = new Params(request);
  const result = new Map<string, string>();
  for (const [name, value] of template) {
    const list = WHOLE_LISTS.find((prefix) => name.startsWith(`${prefix}.`));
    if (!(name.startsWith('TagSpecification.') || (list !== undefined && over.has(list)))) {
      result.set(name, value);
    }
  }
  for (const [name, value] of request) {
    result.set(name, value);
  }
  return new Params(result);
}
