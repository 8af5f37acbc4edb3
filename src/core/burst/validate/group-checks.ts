import type { NodeGroupSettings } from '../../config/settings.ts';
import { type Check, check, ok } from './check.ts';
import {
  isUnanswered,
  type SiteGroup,
  type SiteImage,
  type SiteOffering,
  type SiteSubnet,
  type SiteTemplate,
  type SiteType,
  type Unanswered,
} from './facts.ts';
import { checkNetwork } from './network-checks.ts';

/** A node group and what EC2 says of everything that it names (burst.md 1.5, 2.3). */
export interface GroupInCloud {
  /** `aws-cpu`. */
  readonly name: string;
  readonly group: NodeGroupSettings;
  readonly subnets: readonly (readonly [id: string, SiteSubnet | Unanswered])[];
  readonly template: SiteTemplate | Unanswered;
  /** Undefined: the template names none that can be looked up. */
  readonly image: SiteImage | Unanswered | undefined;
  readonly securityGroups: readonly (readonly [id: string, SiteGroup | Unanswered])[];
  readonly types: readonly SiteType[] | Unanswered;
  readonly offerings: readonly SiteOffering[] | Unanswered;
}

export function said({ code, message }: Unanswered): string {
  return code === '' ? message : `${code}: ${message}`;
}

function typesOf(group: NodeGroupSettings): readonly string[] {
  const named = group.launch_template_overrides.map(({ instance_type }) => instance_type);
  return [...new Set(named)].filter((type) => type !== 'auto');
}

function knownSubnets({ subnets }: GroupInCloud): readonly SiteSubnet[] {
  return subnets.flatMap(([, subnet]) => (isUnanswered(subnet) ? [] : [subnet]));
}

function checkSubnets(at: GroupInCloud): readonly Check[] {
  const path = `${at.name} subnet_ids`;
  const unknown = at.subnets.flatMap(([id, subnet]) =>
    isUnanswered(subnet)
      ? [check('error', 'subnet', `${path} ${id}`, [said(subnet), 'name a subnet of the region'])]
      : [],
  );
  const known = knownSubnets(at);
  const twice = known.filter(
    ({ zone, subnetId }) => known.find((other) => other.zone === zone)?.subnetId !== subnetId,
  );
  return [
    ...unknown,
    ...twice.map(({ zone, subnetId }) =>
      check('error', 'subnet-zone', `${path} ${subnetId}`, [
        `a second subnet in ${zone}: a fleet cannot span two subnets of one zone`,
        'keep one subnet per zone',
      ]),
    ),
    ...(unknown.length > 0 ? [] : [...checkAddresses(at, known), ...checkVpc(at, known)]),
  ];
}

function checkAddresses(
  { name, group }: GroupInCloud,
  subnets: readonly SiteSubnet[],
): readonly Check[] {
  const path = `${name} subnet_ids`;
  const free = subnets.reduce((sum, { freeAddresses }) => sum + freeAddresses, 0);
  const most = Math.max(0, ...subnets.map(({ freeAddresses }) => freeAddresses));
  const zones = subnets.map(({ zone, freeAddresses }) => `${zone} ${freeAddresses}`).join(', ');
  const fix = 'use larger subnets, or a smaller max_nodes';
  if (free < group.max_nodes) {
    const message = `${free} free addresses (${zones}) for ${group.max_nodes} nodes`;
    return [check('error', 'subnet-addresses', path, [message, fix])];
  }
  if (most < group.max_nodes) {
    const message = `a job on one zone's nodes alone finds ${most} free addresses (${zones}) for ${group.max_nodes} nodes`;
    return [check('warning', 'subnet-addresses', path, [message, fix])];
  }
  return [ok('subnet', path, `${zones} free addresses`)];
}

/** A subnet and a security group of two VPCs never launch together. */
function checkVpc(at: GroupInCloud, subnets: readonly SiteSubnet[]): readonly Check[] {
  const { name, securityGroups } = at;
  const vpcs = new Set(subnets.map(({ vpc }) => vpc));
  const foreign = securityGroups.flatMap(([id, group]) => {
    const path = `${name} security_group_ids ${id}`;
    if (isUnanswered(group)) {
      const fix = 'name a security group of the region';
      return [check('error', 'security-group', path, [said(group), fix])];
    }
    const message = `is in ${group.vpc}, the subnets are in ${[...vpcs].join(', ')}`;
    return vpcs.has(group.vpc)
      ? []
      : [check('error', 'security-group', path, [message, 'use groups of the VPC of the subnets'])];
  });
  const mixed =
    vpcs.size > 1
      ? [
          check('error', 'subnet-vpc', `${name} subnet_ids`, [
            `the subnets are in ${vpcs.size} VPCs`,
            'use subnets of one VPC',
          ]),
        ]
      : [];
  return foreign.length + mixed.length > 0 || securityGroups.length === 0
    ? [...foreign, ...mixed]
    : [ok('security-group', name, `${securityGroups.length} in the VPC of the subnets`)];
}

function checkTemplate(at: GroupInCloud): readonly Check[] {
  const path = `${at.name} launch_template_specification`;
  const { template } = at;
  if (isUnanswered(template)) {
    const fix = 'create it, or name one that exists, with a version that it has';
    return [check('error', 'launch-template', path, [said(template), fix])];
  }
  return [
    ok('launch-template', path, `${template.id} version ${template.version}`),
    ...templateGroups(at, template),
    ...templateHabits(path, template),
  ];
}

/** CreateFleet takes the template's groups, whatever the configuration says (burst.md 2.3). */
function templateGroups({ name, group }: GroupInCloud, template: SiteTemplate): readonly Check[] {
  const wanted = group.security_group_ids;
  const isSame =
    wanted.length === 0 ||
    group.api === 'run-instances' ||
    (wanted.every((id) => template.securityGroupIds.includes(id)) &&
      template.securityGroupIds.length === new Set(wanted).size);
  const message = `differ from those of the launch template (${template.securityGroupIds.join(', ') || 'none'}), which CreateFleet uses`;
  return isSame
    ? []
    : [
        check('error', 'template-groups', `${name} security_group_ids`, [
          message,
          'make both the same, or leave security_group_ids out',
        ]),
      ];
}

interface Habit {
  readonly id: string;
  readonly holds: (template: SiteTemplate) => boolean;
  readonly message: string;
  readonly fix: string;
}

/** How an instance learns its name and goes away by itself (burst.md 5.9). */
const HABITS: readonly Habit[] = [
  {
    id: 'template-tags',
    holds: ({ metadataTags }) => metadataTags === 'enabled',
    message: 'instances cannot read their tags: a node does not learn its name',
    fix: 'MetadataOptions.InstanceMetadataTags: enabled in the launch template',
  },
  {
    id: 'template-tokens',
    holds: ({ metadataTokens }) => metadataTokens === 'required',
    message: 'metadata is open to IMDSv1: any request that a job forges reads it',
    fix: 'MetadataOptions.HttpTokens: required in the launch template',
  },
  {
    id: 'template-shutdown',
    holds: ({ shutdownBehavior }) => shutdownBehavior === 'terminate',
    message: 'an instance that powers itself off is kept, stopped and paid for its volumes',
    fix: 'InstanceInitiatedShutdownBehavior: terminate in the launch template',
  },
];

function templateHabits(path: string, template: SiteTemplate): readonly Check[] {
  return HABITS.filter(({ holds }) => !holds(template)).map(({ id, message, fix }) =>
    check('warning', id, path, [message, fix]),
  );
}

function checkImage({ name, template, image, group, types }: GroupInCloud): readonly Check[] {
  const path = `${name} image`;
  if (isUnanswered(template)) {
    return [];
  }
  if (image === undefined) {
    const [message, fix] =
      template.imageId === ''
        ? ['the launch template names no image', 'name an AMI in the launch template']
        : [`${template.imageId} is looked up by EC2 at each launch`, 'nothing, if that is meant'];
    return [check(template.imageId === '' ? 'error' : 'skipped', 'image', path, [message, fix])];
  }
  if (isUnanswered(image)) {
    return [check('error', 'image', path, [said(image), 'name an AMI that this account may use'])];
  }
  const wrong = isUnanswered(types) ? [] : misfits(image, types, typesOf(group));
  return [
    ...(image.state === 'available'
      ? [ok('image', path, `${image.imageId} ${image.architecture}`)]
      : [
          check('error', 'image', path, [
            `${image.imageId} is ${image.state}`,
            'wait for it, or use another',
          ]),
        ]),
    ...wrong.map((type) =>
      check('error', 'image-architecture', path, [
        `${image.imageId} is for ${image.architecture}, ${type.instanceType} runs ${type.architectures.join(', ')}`,
        'use an image for the architecture of the instance types',
      ]),
    ),
  ];
}

function misfits(
  { architecture }: SiteImage,
  types: readonly SiteType[],
  wanted: readonly string[],
): readonly SiteType[] {
  return types.filter(
    ({ instanceType, architectures }) =>
      wanted.includes(instanceType) && !architectures.includes(architecture),
  );
}

function checkTypes(at: GroupInCloud): readonly Check[] {
  const { name, group, offerings, types } = at;
  if (isUnanswered(offerings) || isUnanswered(types)) {
    const why = isUnanswered(offerings) ? offerings : (types as Unanswered);
    const fix = 'allow ec2:DescribeInstanceTypes and ec2:DescribeInstanceTypeOfferings';
    return [check('error', 'instance-type', name, [said(why), fix])];
  }
  const zones = [...new Set(knownSubnets(at).map(({ zone }) => zone))];
  return typesOf(group).flatMap((instanceType) => {
    const path = `${name} ${instanceType}`;
    if (!types.some((type) => type.instanceType === instanceType)) {
      const message = 'EC2 does not know this instance type here';
      return [check('error', 'instance-type', path, [message, 'use a type of the region'])];
    }
    const offered = zones.filter((zone) =>
      offerings.some((each) => each.instanceType === instanceType && each.zone === zone),
    );
    return [zoneCheck(path, zones, offered), ...spotCheck(path, group, types, instanceType)];
  });
}

function zoneCheck(path: string, zones: readonly string[], offered: readonly string[]): Check {
  const lacking = zones.filter((zone) => !offered.includes(zone));
  if (offered.length === 0 && zones.length > 0) {
    const message = `is not offered in ${zones.join(', ')}`;
    return check('error', 'instance-type-zone', path, [message, 'use a subnet where it is']);
  }
  return lacking.length === 0
    ? ok('instance-type', path, `offered in ${offered.join(', ')}`)
    : check('warning', 'instance-type-zone', path, [
        `is not offered in ${lacking.join(', ')}`,
        'nothing, if the other zones are enough',
      ]);
}

function spotCheck(
  path: string,
  group: NodeGroupSettings,
  types: readonly SiteType[],
  instanceType: string,
): readonly Check[] {
  const found = types.find((type) => type.instanceType === instanceType);
  const lacksSpot = found !== undefined && !found.usage.includes('spot');
  return lacksSpot && group.purchasing_option !== 'on-demand'
    ? [
        check('warning', 'instance-type-spot', path, [
          'EC2 does not sell it as spot: it is launched on demand',
          'purchasing_option: on-demand, or other types',
        ]),
      ]
    : [];
}

/** Everything that EC2 can say of one node group before it launches anything. */
export function checkGroupInCloud(at: GroupInCloud): readonly Check[] {
  return [
    ...checkSubnets(at),
    ...checkTemplate(at),
    ...checkNetwork({ ...at, wanted: typesOf(at.group) }),
    ...checkImage(at),
    ...checkTypes(at),
  ];
}
