// Every action of fake-ec2.md section 3, with the parameters it admits.

import { describeInstanceStatus, describeInstances } from './describe-instances.ts';
import {
  describeAvailabilityZones,
  describeCapacityReservations,
  describeImages,
  describeInstanceTypeOfferings,
  describeInstanceTypes,
  describeSecurityGroups,
  describeSubnets,
} from './describe-world.ts';
import type { Call } from './engine.ts';
import { FILTER_NAMES } from './filters.ts';
import { createFleet } from './fleet.ts';
import { FLEET_NAMES } from './fleet-request.ts';
import {
  createPlacementGroup,
  deletePlacementGroup,
  describePlacementGroups,
} from './group-actions.ts';
import { createTags, rebootInstances, terminateInstances } from './instance-actions.ts';
import { PAGE_NAMES } from './paging.ts';
import { RUN_NAMES, runInstances, runInstancesAgain } from './run-instances.ts';
import { describeSpotInstanceRequests, describeSpotPriceHistory } from './spot-actions.ts';
import type { Remembered } from './state.ts';
import { TEMPLATE_NAMES } from './template-data.ts';
import {
  createLaunchTemplate,
  createLaunchTemplateVersion,
  describeLaunchTemplates,
  describeLaunchTemplateVersions,
} from './templates.ts';
import type { Xml } from './xml.ts';

export interface Action {
  readonly accepts: readonly string[];
  readonly run: (call: Call) => Xml;
  /** What a repeat with a known ClientToken is answered; absent: the action takes no token. */
  readonly again?: (call: Call, known: Remembered) => Xml;
}

const TAG_SPEC = [
  'TagSpecification.n.ResourceType',
  'TagSpecification.n.Tag.n.Key',
  'TagSpecification.n.Tag.n.Value',
];

function stored(_call: Call, known: Remembered): Xml {
  return known.answer as Xml;
}

export const ACTIONS: Readonly<Record<string, Action>> = {
  RunInstances: { accepts: RUN_NAMES, run: runInstances, again: runInstancesAgain },
  CreateFleet: { accepts: FLEET_NAMES, run: createFleet, again: stored },
  DescribeInstances: {
    accepts: ['InstanceId.n', ...FILTER_NAMES, ...PAGE_NAMES],
    run: describeInstances,
  },
  DescribeInstanceStatus: {
    accepts: ['InstanceId.n', 'IncludeAllInstances', ...FILTER_NAMES, ...PAGE_NAMES],
    run: describeInstanceStatus,
  },
  TerminateInstances: { accepts: ['InstanceId.n'], run: terminateInstances },
  RebootInstances: { accepts: ['InstanceId.n'], run: rebootInstances },
  CreateTags: { accepts: ['ResourceId.n', 'Tag.n.Key', 'Tag.n.Value'], run: createTags },
  CreateLaunchTemplate: {
    accepts: [
      'LaunchTemplateName',
      'VersionDescription',
      'ClientToken',
      ...TAG_SPEC,
      ...TEMPLATE_NAMES,
    ],
    run: createLaunchTemplate,
    again: stored,
  },
  CreateLaunchTemplateVersion: {
    accepts: [
      'LaunchTemplateId',
      'LaunchTemplateName',
      'SourceVersion',
      'VersionDescription',
      'ClientToken',
      ...TEMPLATE_NAMES,
    ],
    run: createLaunchTemplateVersion,
    again: stored,
  },
  DescribeLaunchTemplates: {
    accepts: ['LaunchTemplateId.n', 'LaunchTemplateName.n'],
    run: describeLaunchTemplates,
  },
  DescribeLaunchTemplateVersions: {
    accepts: ['LaunchTemplateId', 'LaunchTemplateName', 'LaunchTemplateVersion.n'],
    run: describeLaunchTemplateVersions,
  },
  CreatePlacementGroup: {
    accepts: ['GroupName', 'Strategy', 'PartitionCount', ...TAG_SPEC],
    run: createPlacementGroup,
  },
  DeletePlacementGroup: { accepts: ['GroupName'], run: deletePlacementGroup },
  DescribePlacementGroups: {
    accepts: ['GroupName.n', ...FILTER_NAMES],
    run: describePlacementGroups,
  },
  DescribeSubnets: { accepts: ['SubnetId.n', ...FILTER_NAMES], run: describeSubnets },
  DescribeImages: { accepts: ['ImageId.n'], run: describeImages },
  DescribeSecurityGroups: { accepts: ['GroupId.n', ...FILTER_NAMES], run: describeSecurityGroups },
  DescribeCapacityReservations: {
    accepts: ['CapacityReservationId.n'],
    run: describeCapacityReservations,
  },
  DescribeAvailabilityZones: { accepts: ['ZoneName.n'], run: describeAvailabilityZones },
  DescribeInstanceTypes: {
    accepts: ['InstanceType.n', ...FILTER_NAMES, ...PAGE_NAMES],
    run: describeInstanceTypes,
  },
  DescribeInstanceTypeOfferings: {
    accepts: ['LocationType', ...FILTER_NAMES, ...PAGE_NAMES],
    run: describeInstanceTypeOfferings,
  },
  DescribeSpotInstanceRequests: {
    accepts: ['SpotInstanceRequestId.n', ...FILTER_NAMES, ...PAGE_NAMES],
    run: describeSpotInstanceRequests,
  },
  DescribeSpotPriceHistory: {
    accepts: [
      'InstanceType.n',
      'ProductDescription.n',
      'AvailabilityZone',
      'StartTime',
      'EndTime',
      ...FILTER_NAMES,
      ...PAGE_NAMES,
    ],
    run: describeSpotPriceHistory,
  },
};
