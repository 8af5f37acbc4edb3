import { iamPolicyActions } from '../../core/burst/iam-policy.ts';
import type { Check } from '../../core/burst/validate/check.ts';
import { isUnanswered, type SiteTemplate } from '../../core/burst/validate/facts.ts';
import { checkGroupInCloud, type GroupInCloud } from '../../core/burst/validate/group-checks.ts';
import {
  checkCaller,
  checkClock,
  checkPermission,
  checkPlacementQuota,
  checkSpotRole,
  checkTagRate,
  usesSpot,
} from '../../core/burst/validate/site-checks.ts';
import type { NodeGroupSettings, Settings } from '../../core/config/settings.ts';
import type { CloudSite, Rehearsal } from '../../ports/cloud-site.ts';
import type { Clock } from '../../ports/system.ts';

export interface LookPorts {
  readonly settings: Settings;
  readonly site: CloudSite;
  readonly clock: Pick<Clock, 'nowUs'>;
  /** RebootProgram is installed. */
  readonly hasReboot: boolean;
}

const MICROS_PER_SECOND = 1_000_000;
const AMI = /^ami-/u;

interface Group {
  readonly name: string;
  readonly group: NodeGroupSettings;
}

function groupsOf({ slurm }: Settings): readonly Group[] {
  return slurm.partitions.flatMap((partition) =>
    partition.node_groups.map((group) => ({
      name: `${partition.partition_name}-${group.node_group_name}`,
      group,
    })),
  );
}

async function pairs<T>(
  ids: readonly string[],
  ask: (id: string) => Promise<T>,
): Promise<readonly (readonly [string, T])[]> {
  return await Promise.all([...new Set(ids)].map(async (id) => [id, await ask(id)] as const));
}

async function lookAtGroup(site: CloudSite, { name, group }: Group): Promise<GroupInCloud> {
  const { launch_template_specification: wanted, launch_template_overrides: overrides } = group;
  const types = overrides.map(({ instance_type }) => instance_type).filter((t) => t !== 'auto');
  const { launch_template_name = '', launch_template_id = '', version } = wanted;
  const template = await site.template(launch_template_name, launch_template_id, version);
  const imageId = isUnanswered(template) ? '' : template.imageId;
  const own = overrides.flatMap(({ subnet_id }) => subnet_id ?? []);
  return {
    name,
    group,
    template,
    subnets: await pairs([...group.subnet_ids, ...own], (id) => site.subnet(id)),
    image: AMI.test(imageId) ? await site.image(imageId) : undefined,
    securityGroups: await pairs(securityGroupsOf(group, template), (id) => site.securityGroup(id)),
    types: await site.types(types),
    offerings: await site.offerings(types),
  };
}

function securityGroupsOf(
  group: NodeGroupSettings,
  template: GroupInCloud['template'],
): readonly string[] {
  return isUnanswered(template)
    ? group.security_group_ids
    : [...group.security_group_ids, ...template.securityGroupIds];
}

/** A whole launch of the first node group whose template is known. */
async function rehearsalOf(
  { settings, site }: LookPorts,
  looked: readonly GroupInCloud[],
): Promise<Rehearsal> {
  const { cluster_name: cluster } = settings.slurm;
  const found = await site.someInstance(cluster);
  const first = looked.find(({ template }) => !isUnanswered(template));
  const template = first?.template as SiteTemplate | undefined;
  return {
    cluster,
    instanceId: typeof found === 'string' ? found : '',
    templateId: template?.id ?? '',
    templateVersion: template?.version ?? '',
    instanceType: first?.group.launch_template_overrides[0]?.instance_type ?? '',
    subnetId: first?.group.subnet_ids[0] ?? '',
    iamInstanceProfile: first?.group.iam_instance_profile ?? '',
  };
}

/** Everything that AWS can be asked about a site; nothing is changed there (burst.md 1.5). */
export async function lookAtCloud(ports: LookPorts): Promise<readonly Check[]> {
  const { settings, site, clock } = ports;
  const caller = checkCaller(await site.caller(), settings);
  const looked: GroupInCloud[] = [];
  for (const each of groupsOf(settings)) {
    looked.push(await lookAtGroup(site, each));
  }
  const nowS = Math.floor(clock.nowUs() / MICROS_PER_SECOND);
  const clockCheck = checkClock(nowS, site.serverTimeS());
  const rehearsal = await rehearsalOf(ports, looked);
  const permissions = await Promise.all(
    iamPolicyActions(ports.hasReboot).map(async (action) =>
      checkPermission(action, await site.mayDo(action, rehearsal)),
    ),
  );
  return [
    caller,
    clockCheck,
    ...permissions,
    ...looked.flatMap(checkGroupInCloud),
    ...checkTagRate(settings),
    ...(usesSpot(settings) ? [checkSpotRole(await site.hasSpotRequests())] : []),
    checkPlacementQuota(await site.placementGroupCount()),
    VCPU_QUOTA,
  ];
}

/** Service Quotas is another service, and its answer says nothing of what is used already. */
const VCPU_QUOTA: Check = {
  id: 'vcpu-quota',
  severity: 'skipped',
  path: 'vCPU quota',
  message: 'cannot be read with EC2 alone',
  fix: 'aws service-quotas get-service-quota --service-code ec2 --quota-code L-1216C47A',
};
