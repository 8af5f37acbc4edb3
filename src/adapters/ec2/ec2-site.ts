import {
  DescribeInstancesCommand,
  DescribePlacementGroupsCommand,
  DescribeSpotInstanceRequestsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Offering } from '../../core/burst/catalog.ts';
import { TAG } from '../../core/burst/tags.ts';
import type {
  Caller,
  SiteGroup,
  SiteImage,
  SiteSubnet,
  SiteTemplate,
  SiteType,
} from '../../core/burst/validate/facts.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { ApiBudget } from '../../ports/api-budget.ts';
import type { CloudRefusal } from '../../ports/cloud.ts';
import type { CloudSite, Permission, Rehearsal } from '../../ports/cloud-site.ts';
import { commonConfig, ec2Clients } from './client.ts';
import { failureOf } from './failure.ts';
import { describeOfferings } from './market.ts';
import { rehearse } from './rehearse.ts';
import { groupFacts, imageFacts, subnetFacts, templateFacts, typeFacts } from './site-facts.ts';

const MS_PER_SECOND = 1000;
/** EC2 takes no smaller page of instances. */
const PAGE_MIN = 5;
const LIVE = ['pending', 'running', 'stopping', 'stopped'];

/** EC2 and STS as far as a site can be looked at without changing anything (burst.md 1.5). */
export class Ec2Site implements CloudSite {
  readonly #ec2: EC2Client;
  readonly #sts: STSClient;
  #serverTimeS: number | undefined;

  constructor({ aws, test_mode }: Pick<Settings, 'aws' | 'test_mode'>, budget?: ApiBudget) {
    const onDate = (date: string): void => {
      const milliseconds = Date.parse(date);
      this.#serverTimeS = Number.isNaN(milliseconds)
        ? this.#serverTimeS
        : Math.floor(milliseconds / MS_PER_SECOND);
    };
    this.#ec2 = ec2Clients(aws, test_mode, { onDate, budget }).reading;
    this.#sts = new STSClient({
      ...commonConfig(aws, test_mode),
      maxAttempts: aws.retry_max_attempts,
      retryMode: aws.retry_mode,
    });
  }

  async caller(): Promise<Caller | CloudRefusal> {
    return await answered(
      this.#sts
        .send(new GetCallerIdentityCommand({}))
        .then(({ Arn = '', Account = '' }) => ({ arn: Arn, account: Account })),
    );
  }

  async subnet(subnetId: string): Promise<SiteSubnet | CloudRefusal> {
    return await answered(subnetFacts(this.#ec2, subnetId));
  }

  async template(name: string, id: string, version: string): Promise<SiteTemplate | CloudRefusal> {
    return await answered(templateFacts(this.#ec2, { name, id, version }));
  }

  async image(imageId: string): Promise<SiteImage | CloudRefusal> {
    return await answered(imageFacts(this.#ec2, imageId));
  }

  async securityGroup(groupId: string): Promise<SiteGroup | CloudRefusal> {
    return await answered(groupFacts(this.#ec2, groupId));
  }

  async types(instanceTypes: readonly string[]): Promise<readonly SiteType[] | CloudRefusal> {
    return await answered(typeFacts(this.#ec2, instanceTypes));
  }

  async offerings(instanceTypes: readonly string[]): Promise<readonly Offering[] | CloudRefusal> {
    return await answered(describeOfferings(this.#ec2, instanceTypes));
  }

  async placementGroupCount(): Promise<number | CloudRefusal> {
    return await answered(
      this.#ec2
        .send(new DescribePlacementGroupsCommand({}))
        .then(({ PlacementGroups = [] }) => PlacementGroups.length),
    );
  }

  async hasSpotRequests(): Promise<boolean | CloudRefusal> {
    return await answered(
      this.#ec2
        .send(new DescribeSpotInstanceRequestsCommand({ MaxResults: PAGE_MIN }))
        .then(({ SpotInstanceRequests = [] }) => SpotInstanceRequests.length > 0),
    );
  }

  async someInstance(cluster: string): Promise<string | CloudRefusal> {
    const Filters = [
      { Name: `tag:${TAG.cluster}`, Values: [cluster] },
      { Name: 'instance-state-name', Values: LIVE },
    ];
    return await answered(
      this.#ec2
        .send(new DescribeInstancesCommand({ Filters, MaxResults: PAGE_MIN }))
        .then(({ Reservations = [] }) => Reservations[0]?.Instances?.[0]?.InstanceId ?? ''),
    );
  }

  async mayDo(action: string, rehearsal: Rehearsal): Promise<Permission> {
    return await rehearse(this.#ec2, action, rehearsal);
  }

  serverTimeS(): number | undefined {
    return this.#serverTimeS;
  }
}

/** Whatever goes wrong is an answer to whoever looks at a site. */
async function answered<T>(answer: Promise<T>): Promise<T | CloudRefusal> {
  try {
    return await answer;
  } catch (error) {
    return failureOf(error);
  }
}
