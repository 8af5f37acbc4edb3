import type { Settings } from '../config/settings.ts';
import { TAG } from './tags.ts';

// burst.md 5.8: what the role of the head node must be allowed, and nothing more. Nodes need nothing.

export interface PolicyAsk {
  /** Role of the nodes; '' : named as their instance profile. */
  readonly nodeRole: string;
  /** Only what ResumeProgram calls. */
  readonly isResumeOnly: boolean;
  /** RebootProgram is installed. */
  readonly hasReboot: boolean;
}

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Condition;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

export interface Policy {
  readonly document: PolicyDocument;
  readonly notes: readonly string[];
}

interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly when?: Condition;
}

function allow(name: string, { actions, resources, when }: Allowed): PolicyStatement {
  return {
    Sid: `Asbb${name}`,
    Effect: 'Allow',
    Action: actions,
    Resource: resources,
    ...(when === undefined ? {} : { Condition: when }),
  };
}

/** Asked by resume. */
const RESUME_READS = [
  'DescribeInstances',
  'DescribeInstanceTypes',
  'DescribeInstanceTypeOfferings',
  'DescribeLaunchTemplates',
  'DescribeLaunchTemplateVersions',
  'DescribeImages',
  'DescribeSubnets',
  'DescribeSecurityGroups',
  'DescribePlacementGroups',
  'DescribeSpotPriceHistory',
  'DescribeCapacityReservations',
] as const;
/** Asked by reconcile and maintain. */
const OTHER_READS = ['DescribeInstanceStatus', 'DescribeSpotInstanceRequests'] as const;

/** Every action of EC2 that the whole policy names. */
export function iamPolicyActions(hasReboot: boolean): readonly string[] {
  return [
    ...RESUME_READS,
    ...OTHER_READS,
    'CreateFleet',
    'RunInstances',
    'CreateTags',
    'TerminateInstances',
    ...(hasReboot ? ['RebootInstances'] : []),
    'CreatePlacementGroup',
    'DeletePlacementGroup',
  ];
}

const LAUNCH = ['ec2:CreateFleet', 'ec2:RunInstances'] as const;
/** What a launch takes part in beside the instances, and that nobody can list beforehand. */
const PARTS = [
  'image/*',
  'snapshot/*',
  'network-interface/*',
  'volume/*',
  'key-pair/*',
  'capacity-reservation/*',
  'spot-instances-request/*',
] as const;
const TAGGED = ['instance', 'volume', 'network-interface', 'fleet', 'placement-group'] as const;
const SPOT_ROLES = ['spot.amazonaws.com', 'ec2fleet.amazonaws.com'] as const;
/** IAM's limit of a managed policy, without white space. */
const MANAGED_MAX = 6144;
const BLANKS = /\s/gu;
const ROLE_OF_PROFILE = /^arn:([a-z-]+):iam::([0-9]*):instance-profile\/(.+)$/u;

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) {
    return 'aws-cn';
  }
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

interface Site {
  readonly cluster: string;
  readonly regions: readonly string[];
  readonly groups: readonly Settings['slurm']['partitions'][number]['node_groups'][number][];
  readonly settings: Settings;
}

function siteOf(settings: Settings): Site {
  const { cluster_name: cluster, partitions } = settings.slurm;
  const groups = partitions.flatMap(({ node_groups }) => node_groups);
  const regions = [...new Set([settings.aws.region, ...groups.map(({ region }) => region)])];
  return { cluster, groups, settings, regions: regions.filter((region) => region !== '') };
}

/** `subnet/subnet-1` in each region of the site. */
function arns({ regions }: Site, names: readonly string[]): readonly string[] {
  return regions.flatMap((region) =>
    names.map((name) => {
      // Images and snapshots may be another account's, or Amazon's own, whose field is empty.
      const account = name.startsWith('image/') || name.startsWith('snapshot/') ? '' : '*';
      return `arn:${partitionOf(region)}:ec2:${region}:${account}:${name}`;
    }),
  );
}

/** The ids where all are known, else any: a name says nothing of the id that stands in an ARN. */
function listed(kind: string, ids: readonly (string | undefined)[]): readonly string[] {
  const known = [...new Set(ids)];
  return known.length === 0 || known.some((id) => (id ?? '') === '')
    ? [`${kind}/*`]
    : known.map((id) => `${kind}/${id}`);
}

function launchParts(site: Site): readonly string[] {
  const { groups, cluster, settings } = site;
  const templates = groups.map((group) => group.launch_template_specification.launch_template_id);
  const extra = settings.burst.allowed_launch_templates ?? [];
  const hasOwnGroups = groups.every((group) => group.security_group_ids.length > 0);
  const securityGroups = groups.flatMap((group) => group.security_group_ids);
  const subnets = groups.flatMap(({ subnet_ids, launch_template_overrides }) => [
    ...subnet_ids,
    ...launch_template_overrides.flatMap(({ subnet_id }) => subnet_id ?? []),
  ]);
  return [
    ...listed('launch-template', [...templates, ...extra]),
    ...listed('subnet', [...subnets, ...(settings.burst.allowed_subnets ?? [])]),
    ...listed('security-group', hasOwnGroups ? securityGroups : []),
    `placement-group/asbb-${cluster}-*`,
    ...PARTS,
  ];
}

function launching(site: Site): readonly PolicyStatement[] {
  const { cluster } = site;
  return [
    allow('Launch', {
      actions: LAUNCH,
      resources: arns(site, ['instance/*', 'fleet/*']),
      when: { StringEquals: { [`aws:RequestTag/${TAG.cluster}`]: cluster } },
    }),
    allow('LaunchParts', { actions: LAUNCH, resources: arns(site, launchParts(site)) }),
    allow('TagAtLaunch', {
      actions: ['ec2:CreateTags'],
      resources: arns(
        site,
        TAGGED.map((kind) => `${kind}/*`),
      ),
      when: {
        StringEquals: {
          'ec2:CreateAction': ['RunInstances', 'CreateFleet', 'CreatePlacementGroup'],
        },
      },
    }),
  ];
}

function running(site: Site, hasReboot: boolean): readonly PolicyStatement[] {
  const own = { [`aws:ResourceTag/${TAG.cluster}`]: site.cluster };
  const instances = arns(site, ['instance/*']);
  return [
    allow('TagAtBind', {
      actions: ['ec2:CreateTags'],
      resources: instances,
      when: {
        StringEquals: own,
        'ForAllValues:StringEquals': { 'aws:TagKeys': [TAG.name, TAG.slurmNode] },
      },
    }),
    allow('Terminate', {
      actions: ['ec2:TerminateInstances', ...(hasReboot ? ['ec2:RebootInstances'] : [])],
      resources: instances,
      when: { StringEquals: own },
    }),
    allow('Groups', {
      actions: ['ec2:CreatePlacementGroup', 'ec2:DeletePlacementGroup'],
      resources: arns(site, [`placement-group/asbb-${site.cluster}-*`]),
    }),
  ];
}

/** The role that an instance profile most likely holds: the console names both alike. */
function roleOf(profile: string, partition: string): string {
  const [, from = partition, account = '*', name = profile] = ROLE_OF_PROFILE.exec(profile) ?? [];
  return `arn:${from}:iam::${account}:role/${name}`;
}

function nodeRoles({ groups, regions }: Site, nodeRole: string): readonly string[] {
  const partition = partitionOf(regions[0] ?? '');
  const profiles = new Set(groups.map((group) => group.iam_instance_profile ?? ''));
  if (nodeRole !== '') {
    return [nodeRole];
  }
  return profiles.has('') || profiles.size === 0
    ? [`arn:${partition}:iam::*:role/*`]
    : [...profiles].map((profile) => roleOf(profile, partition));
}

function passing(site: Site, nodeRole: string): PolicyStatement {
  return allow('NodeRole', {
    actions: ['iam:PassRole'],
    resources: nodeRoles(site, nodeRole),
    when: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  });
}

function optional({ regions }: Site): readonly PolicyStatement[] {
  const partition = partitionOf(regions[0] ?? '');
  return [
    allow('ServiceRoles', {
      actions: ['iam:CreateServiceLinkedRole'],
      resources: SPOT_ROLES.map(
        (service) => `arn:${partition}:iam::*:role/aws-service-role/${service}/*`,
      ),
      when: { StringEquals: { 'iam:AWSServiceName': [...SPOT_ROLES] } },
    }),
    allow('Prices', { actions: ['pricing:GetProducts'], resources: ['*'] }),
  ];
}

/** The policy of the head node's role, by the configuration. */
export function iamPolicy(settings: Settings, ask: PolicyAsk): Policy {
  const site = siteOf(settings);
  const reads = ask.isResumeOnly ? RESUME_READS : [...RESUME_READS, ...OTHER_READS];
  const statements: readonly PolicyStatement[] = [
    allow('Read', { actions: reads.map((action) => `ec2:${action}`).toSorted(), resources: ['*'] }),
    ...launching(site),
    ...running(site, ask.hasReboot && !ask.isResumeOnly),
    passing(site, ask.nodeRole),
    ...(ask.isResumeOnly ? [] : optional(site)),
  ];
  const document: PolicyDocument = { Version: '2012-10-17', Statement: statements };
  return { document, notes: notesOn(site, ask, JSON.stringify(document)) };
}

function notesOn(site: Site, ask: PolicyAsk, text: string): readonly string[] {
  const length = text.replaceAll(BLANKS, '').length;
  const isAnyRole = nodeRoles(site, ask.nodeRole).some((arn) => arn.endsWith('role/*'));
  const isGuessed = ask.nodeRole === '' && !isAnyRole;
  return [
    ...(isAnyRole
      ? ['iam:PassRole names any role: give --node-role, or set iam_instance_profile']
      : []),
    ...(isGuessed
      ? ['iam:PassRole names the roles as their instance profiles: give --node-role if they differ']
      : []),
    ...(length > MANAGED_MAX
      ? [`${length} characters: a managed policy has at most ${MANAGED_MAX}; split it by Sid`]
      : []),
  ];
}
