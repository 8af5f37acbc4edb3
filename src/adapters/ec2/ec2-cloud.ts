import {
  CreateFleetCommand,
  CreatePlacementGroupCommand,
  CreateTagsCommand,
  DeletePlacementGroupCommand,
  DescribePlacementGroupsCommand,
  type EC2Client,
  RebootInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Offering, TypeFacts } from '../../core/burst/catalog.ts';
import { launchClassOf } from '../../core/burst/errors.ts';
import type { LaunchRequest, SpotPrice } from '../../core/burst/launch.ts';
import { TAG } from '../../core/burst/tags.ts';
import type { Settings } from '../../core/config/settings.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { ApiBudget } from '../../ports/api-budget.ts';
import type {
  Cloud,
  CloudInstance,
  CloudRefusal,
  DescribedLaunch,
  InstanceHealth,
  InstanceSelector,
  LaunchAnswer,
  LaunchTemplate,
  SpotRequest,
  Subnet,
  TerminateAnswer,
} from '../../ports/cloud.ts';
import { type Ec2Clients, ec2Clients } from './client.ts';
import { failureOf, faultOf, unreadable } from './failure.ts';
import { describeHealth } from './health.ts';
import { describeInstanceTypes } from './instance-types.ts';
import { describeInstances } from './instances.ts';
import {
  createFleetInput,
  describedLaunch,
  fleetAnswer,
  runAnswer,
  runInstancesInput,
  tagList,
} from './launch-calls.ts';
import {
  describeOfferings,
  describeSpotNotices,
  describeSpotPrices,
  describeSpotRequests,
  describeSubnets,
  describeTemplate,
} from './market.ts';
import { inBatches } from './pages.ts';
import { joined, terminateBatch } from './terminate.ts';

const MS_PER_SECOND = 1000;
/** EC2's most in one zone. */
const PARTITIONS_PER_ZONE = 7;

/** Not sent: EC2 would have said the same (burst.md 5.7). */
function overBudget(roomInMs: number): LaunchAnswer {
  return {
    kind: 'refused',
    code: 'RequestLimitExceeded',
    status: 503,
    message: 'burst.api_budget.launch is used up for now',
    roomInMs,
  };
}

/** EC2 through its SDK. Refusals of launches are answers; every other failure is a Fault. */
export class Ec2Cloud implements Cloud {
  readonly #clients: Ec2Clients | undefined;
  readonly #terminateBatchSize: number;
  readonly #budget: ApiBudget | undefined;
  readonly #withVolumes: boolean;
  #serverTimeS: number | undefined;

  /** A site without burst partitions has no region; asking then is a Fault. */
  constructor(
    settings: Pick<Settings, 'aws' | 'burst' | 'test_mode' | 'cost'>,
    budget?: ApiBudget,
  ) {
    this.#budget = budget;
    const { aws, burst, test_mode, cost } = settings;
    this.#withVolumes = cost.include_ebs;
    const onDate = (date: string): void => {
      const milliseconds = Date.parse(date);
      this.#serverTimeS = Number.isNaN(milliseconds)
        ? this.#serverTimeS
        : Math.floor(milliseconds / MS_PER_SECOND);
    };
    this.#clients = aws.region === '' ? undefined : ec2Clients(aws, test_mode, { onDate, budget });
    this.#terminateBatchSize = burst.terminate_batch_size;
  }

  get #launching(): EC2Client {
    return (this.#clients ?? noRegion()).launching;
  }

  get #reading(): EC2Client {
    return (this.#clients ?? noRegion()).reading;
  }

  described(request: LaunchRequest): DescribedLaunch {
    return describedLaunch(request);
  }

  async permits(request: LaunchRequest): Promise<string> {
    const asked = { DryRun: true };
    try {
      await (request.api === 'create-fleet'
        ? this.#launching.send(new CreateFleetCommand({ ...createFleetInput(request), ...asked }))
        : this.#launching.send(
            new RunInstancesCommand({ ...runInstancesInput(request), ...asked }),
          ));
      return ''; // EC2 always answers a dry run with an error
    } catch (error) {
      const { code, message } = failureOf(error);
      return code === 'DryRunOperation' ? '' : code || message;
    }
  }

  async launch(request: LaunchRequest): Promise<LaunchAnswer> {
    const roomInMs = (await this.#budget?.draw('launch', request.count)) ?? 0;
    if (roomInMs > 0) {
      return overBudget(roomInMs);
    }
    const answer = await this.#send(request);
    if (answer.kind !== 'unknown') {
      const came = answer.kind === 'answered' ? answer.instances.length : 0;
      await this.#budget?.putBack('launch', Math.max(0, request.count - came));
    }
    return answer;
  }

  waitUntil(deadline: { leftMs(): number }): void {
    this.#budget?.waitUntil(deadline);
  }

  async #send(request: LaunchRequest): Promise<LaunchAnswer> {
    try {
      return request.api === 'create-fleet'
        ? fleetAnswer(await this.#launching.send(new CreateFleetCommand(createFleetInput(request))))
        : runAnswer(
            await this.#launching.send(new RunInstancesCommand(runInstancesInput(request))),
          );
    } catch (error) {
      const { code, status, message } = failureOf(error);
      return code === '' && status === 0
        ? { kind: 'unknown', message }
        : { kind: 'refused', code, status, message };
    }
  }

  async instances(selector: InstanceSelector): Promise<readonly CloudInstance[]> {
    return await asked('DescribeInstances', describeInstances(this.#reading, selector));
  }

  async terminate(instanceIds: readonly string[]): Promise<TerminateAnswer> {
    const answers: TerminateAnswer[] = [];
    for (const batch of inBatches([...new Set(instanceIds)], this.#terminateBatchSize)) {
      answers.push(await terminateBatch(batch, async (ids) => await this.#terminate(ids)));
    }
    return joined(answers);
  }

  async #terminate(ids: readonly string[]): Promise<TerminateAnswer['terminated']> {
    const { TerminatingInstances } = await this.#reading.send(
      new TerminateInstancesCommand({ InstanceIds: [...ids] }),
    );
    const states = new Map(
      TerminatingInstances?.map(({ InstanceId, PreviousState }) => [
        InstanceId,
        PreviousState?.Name ?? '',
      ]),
    );
    if (ids.some((id) => !states.has(id))) {
      throw unreadable('TerminateInstances');
    }
    return ids.map((instanceId) => ({ instanceId, previousState: states.get(instanceId) ?? '' }));
  }

  async reboot(instanceIds: readonly string[]): Promise<void> {
    await asked(
      'RebootInstances',
      this.#reading.send(new RebootInstancesCommand({ InstanceIds: [...instanceIds] })),
    );
  }

  async tag(instanceIds: readonly string[], tags: Readonly<Record<string, string>>): Promise<void> {
    await asked(
      'CreateTags',
      this.#reading.send(
        new CreateTagsCommand({ Resources: [...instanceIds], Tags: tagList(tags) }),
      ),
    );
  }

  async createPlacementGroup(
    name: string,
    strategy: 'cluster' | 'partition' | 'spread',
    tags: Readonly<Record<string, string>>,
  ): Promise<CloudRefusal | undefined> {
    try {
      await this.#launching.send(
        new CreatePlacementGroupCommand({
          GroupName: name,
          Strategy: strategy,
          ...(strategy === 'partition' ? { PartitionCount: PARTITIONS_PER_ZONE } : {}),
          TagSpecifications: [{ ResourceType: 'placement-group', Tags: tagList(tags) }],
        }),
      );
      return undefined;
    } catch (error) {
      const refusal = failureOf(error);
      const isOurs =
        refusal.code === 'InvalidPlacementGroup.Duplicate' &&
        (await this.#isOurGroup(name, strategy, tags));
      return isOurs ? undefined : refusal;
    }
  }

  async #isOurGroup(
    name: string,
    strategy: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    const { PlacementGroups = [] } = await asked(
      'DescribePlacementGroups',
      this.#reading.send(new DescribePlacementGroupsCommand({ GroupNames: [name] })),
    );
    return PlacementGroups.some(
      (group) =>
        group.Strategy === strategy &&
        group.Tags?.some(({ Key, Value }) => Key === TAG.cluster && Value === tags[TAG.cluster]),
    );
  }

  async deletePlacementGroup(name: string): Promise<boolean> {
    try {
      await this.#reading.send(new DeletePlacementGroupCommand({ GroupName: name }));
      return true;
    } catch (error) {
      const { code } = failureOf(error);
      if (code === 'InvalidPlacementGroup.InUse') {
        return false;
      }
      if (code === 'InvalidPlacementGroup.Unknown') {
        return true;
      }
      throw faultOf('DeletePlacementGroup', error);
    }
  }

  async placementGroups(
    cluster: string,
  ): Promise<readonly { name: string; tags: Readonly<Record<string, string>> }[]> {
    const { PlacementGroups } = await asked(
      'DescribePlacementGroups',
      this.#reading.send(
        new DescribePlacementGroupsCommand({
          Filters: [{ Name: `tag:${TAG.cluster}`, Values: [cluster] }],
        }),
      ),
    );
    if (PlacementGroups === undefined) {
      throw unreadable('DescribePlacementGroups');
    }
    return PlacementGroups.map(({ GroupName = '', Tags = [] }) => ({
      name: GroupName,
      tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value] as const)),
    }));
  }

  async placementStrategy(name: string): Promise<string | undefined> {
    const { PlacementGroups } = await asked(
      'DescribePlacementGroups',
      this.#reading.send(
        new DescribePlacementGroupsCommand({
          Filters: [{ Name: 'group-name', Values: [name] }],
        }),
      ),
    );
    if (PlacementGroups === undefined) {
      throw unreadable('DescribePlacementGroups');
    }
    return PlacementGroups.find(({ GroupName }) => GroupName === name)?.Strategy;
  }

  async launchTemplate(
    name: string,
    id: string,
    version: string,
  ): Promise<LaunchTemplate | CloudRefusal> {
    return await askedOrRefused(
      'DescribeLaunchTemplateVersions',
      describeTemplate(this.#reading, { name, id, version }, this.#withVolumes),
    );
  }

  async subnets(subnetIds: readonly string[]): Promise<readonly Subnet[] | CloudRefusal> {
    return await askedOrRefused('DescribeSubnets', describeSubnets(this.#reading, subnetIds));
  }

  async offerings(instanceTypes: readonly string[]): Promise<readonly Offering[]> {
    return await asked(
      'DescribeInstanceTypeOfferings',
      describeOfferings(this.#reading, instanceTypes),
    );
  }

  async instanceTypes(names: readonly string[]): Promise<readonly TypeFacts[]> {
    return await asked('DescribeInstanceTypes', describeInstanceTypes(this.#reading, names));
  }

  async spotPrices(
    instanceTypes: readonly string[],
    zones: readonly string[],
    fromS: number,
    toS: number,
  ): Promise<readonly SpotPrice[]> {
    return await asked(
      'DescribeSpotPriceHistory',
      describeSpotPrices(this.#reading, { instanceTypes, zones, fromS, toS }),
    );
  }

  async spotRequests(spotRequestIds: readonly string[]): Promise<readonly SpotRequest[]> {
    return await asked(
      'DescribeSpotInstanceRequests',
      describeSpotRequests(this.#reading, spotRequestIds),
    );
  }

  async spotNotices(): Promise<readonly SpotRequest[]> {
    return await asked('DescribeSpotInstanceRequests', describeSpotNotices(this.#reading));
  }

  async health(eventCodes: readonly string[]): Promise<readonly InstanceHealth[]> {
    return await asked('DescribeInstanceStatus', describeHealth(this.#reading, eventCodes));
  }

  serverTimeS(): number | undefined {
    return this.#serverTimeS;
  }
}

function noRegion(): never {
  throw new Fault('aws.region is missing: EC2 cannot be asked', {
    exitCode: EXIT.usage,
    advice: 'set aws.region in the configuration',
  });
}

/** What no repeat can heal is an answer: the flow tells SLURM and the operator (burst.md F22). */
async function askedOrRefused<T>(action: string, answer: Promise<T>): Promise<T | CloudRefusal> {
  try {
    return await answer;
  } catch (error) {
    const refusal = failureOf(error);
    const as = launchClassOf(refusal.code, refusal.status);
    if (refusal.code !== '' && (as === 'request' || as === 'permission')) {
      return refusal;
    }
    throw faultOf(action, error);
  }
}

async function asked<T>(action: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw faultOf(action, error);
  }
}
