import type { NodeGroupSettings, Settings } from '../../config/settings.ts';
import { spreadMisfit } from '../shares.ts';
import { OWN_TAGS_MAX, RESERVED_TAG } from '../tags.ts';
import type { ExecutionPlan, PlanFinding } from './plan.ts';
import { planError, planWarning } from './plan.ts';

/** The node group that a plan is to be executed on. */
export interface PlanSite {
  readonly group: NodeGroupSettings;
  readonly allowed: Pick<
    Settings['burst'],
    'allowed_subnets' | 'allowed_launch_templates' | 'allow_plan_user_data'
  >;
  /** The group's template as EC2 knows it; absent: not asked. */
  readonly template?: KnownTemplate | undefined;
  /** Zone of each subnet; absent: not asked. */
  readonly zones?: ReadonlyMap<string, string> | undefined;
}

export interface KnownTemplate {
  readonly id: string;
  readonly name?: string | undefined;
}

const PATH = 'instance_specification';

/** What a plan may name of a node group, and what not: it decides where money and rights go. */
export function checkSite(plan: ExecutionPlan, site: PlanSite): readonly PlanFinding[] {
  return [
    ...subnetsOf(plan, site),
    ...templateOf(plan, site),
    ...securityOf(plan, site),
    ...tagsOf(plan, site),
  ];
}

/** The subnets of the plan, else the group's; those of its zones where zones are known. */
export function plannedSubnets(
  { instances, network }: ExecutionPlan,
  { group, zones }: Pick<PlanSite, 'group' | 'zones'>,
): readonly string[] {
  const named = instances.subnetIds.length === 0 ? group.subnet_ids : instances.subnetIds;
  return network.zones.length === 0 || zones === undefined
    ? named
    : named.filter((id) => network.zones.includes(zones.get(id) ?? ''));
}

function subnetsOf(plan: ExecutionPlan, site: PlanSite): readonly PlanFinding[] {
  const path = `${PATH}.subnet_ids`;
  const may = new Set([...site.group.subnet_ids, ...site.allowed.allowed_subnets]);
  const foreign = plan.instances.subnetIds.filter((id) => !may.has(id));
  const findings = foreign.map((id) => {
    const message = `${id} is neither of the node group nor in burst.allowed_subnets`;
    return planError('plan_no_subnet', { path, message });
  });
  const { zones } = plan.network;
  if (zones.length > 0 && plannedSubnets(plan, site).length === 0) {
    const message = `no subnet is in ${zones.join(', ')}`;
    findings.push(planError('plan_no_subnet', { path: zonePath(plan), message }));
  }
  return findings;
}

export function zonePath({ dialect }: ExecutionPlan): string {
  return dialect === 'asbx'
    ? 'network_configuration.availability_zones'
    : `${PATH}.availability_zones`;
}

/** Of the node group: as it is configured, and as EC2 knows it. */
function groupTemplate({ group, template }: Pick<PlanSite, 'group' | 'template'>): {
  readonly name: string | undefined;
  readonly id: string | undefined;
} {
  const spec = group.launch_template_specification;
  return {
    name: spec.launch_template_name ?? template?.name,
    id: spec.launch_template_id ?? template?.id,
  };
}

function templateOf({ instances }: ExecutionPlan, site: PlanSite): readonly PlanFinding[] {
  const own = groupTemplate(site);
  const { templateName: name, templateId: id } = instances;
  const findings = [
    ...mayName('launch_template_name', { given: name, own: own.name }, site),
    ...mayName('launch_template_id', { given: id, own: own.id }, site),
  ];
  const isMixed =
    name !== '' &&
    id !== '' &&
    own.name !== undefined &&
    own.id !== undefined &&
    (name === own.name) !== (id === own.id);
  return isMixed && findings.length === 0 ? [twoTemplates(instances)] : findings;
}

function mayName(
  key: string,
  { given, own }: { readonly given: string; readonly own: string | undefined },
  { allowed }: PlanSite,
): readonly PlanFinding[] {
  if (given === '' || given === own || allowed.allowed_launch_templates.includes(given)) {
    return [];
  }
  const path = `${PATH}.${key}`;
  if (own === undefined) {
    const message = `${given} is not compared with the node group's, which is known otherwise: --live asks EC2`;
    return [planWarning('plan_template_forbidden', { path, message })];
  }
  const message = `${given} is neither the node group's nor in burst.allowed_launch_templates`;
  return [planError('plan_template_forbidden', { path, message })];
}

function twoTemplates({ templateName, templateId }: ExecutionPlan['instances']): PlanFinding {
  const path = `${PATH}.launch_template_id`;
  const message = `launch_template_name ${templateName} is another template than ${templateId}`;
  return planError('plan_contradiction', { path, message });
}

/** The template that was asked for by its id, and the name that the plan says it has. */
export function checkName(
  { instances }: ExecutionPlan,
  { name }: KnownTemplate,
): readonly PlanFinding[] {
  const { templateName } = instances;
  return templateName === '' || name === undefined || name === templateName
    ? []
    : [twoTemplates(instances)];
}

/** The plan names a launch template of its own, which the site allows. */
export function ownTemplate(
  { instances }: ExecutionPlan,
  site: Pick<PlanSite, 'group' | 'template'>,
): { readonly name: string; readonly id: string } | undefined {
  const { templateName: name, templateId: id } = instances;
  const own = groupTemplate(site);
  const isGroups = (id === '' || id === own.id) && (name === '' || name === own.name);
  return isGroups ? undefined : { name: id === '' ? name : '', id };
}

function securityOf({ instances }: ExecutionPlan, site: PlanSite): readonly PlanFinding[] {
  const { group, allowed } = site;
  const { securityGroupIds, iamInstanceProfile, userData } = instances;
  const findings: PlanFinding[] = [];
  const foreign = securityGroupIds.filter((id) => !group.security_group_ids.includes(id));
  const isFleet = group.api === 'create-fleet';
  const isLess = new Set(securityGroupIds).size < new Set(group.security_group_ids).size;
  if (foreign.length > 0 || (securityGroupIds.length > 0 && isFleet && isLess)) {
    const message = isFleet
      ? "a fleet has the security groups of its launch template; the plan's are others"
      : `${foreign.join(', ')} is not of the node group`;
    const path = `${PATH}.security_group_ids`;
    findings.push(planError('plan_template_forbidden', { path, message }));
  }
  if (iamInstanceProfile !== '' && iamInstanceProfile !== group.iam_instance_profile) {
    const path = `${PATH}.iam_instance_profile`;
    const message = `${iamInstanceProfile} is not the profile of the node group`;
    findings.push(planError('plan_profile_forbidden', { path, message }));
  }
  if (userData !== '' && (isFleet || !allowed.allow_plan_user_data)) {
    const path = `${PATH}.user_data`;
    const message = allowed.allow_plan_user_data
      ? 'a fleet has the user data of its launch template (api: run-instances can be given some)'
      : 'burst.allow_plan_user_data is false';
    findings.push(planError('plan_user_data_forbidden', { path, message }));
  }
  return findings;
}

/** Reserved ones are left out; the MPI library is told in one more. */
function tagsOf({ about, mpi }: ExecutionPlan, { group }: PlanSite): readonly PlanFinding[] {
  const own = about.tags.filter(({ key }) => !RESERVED_TAG.test(key));
  const library = (mpi?.library ?? '') === '' ? 0 : 1;
  const total = new Set([...group.tags, ...own].map(({ key }) => key)).size + library;
  const message = `with those of the node group ${total} tags; beside our own there is room for ${OWN_TAGS_MAX}`;
  return total > OWN_TAGS_MAX
    ? [planError('plan_type', { path: 'execution_metadata.tags', message })]
    : [];
}

/** A spread group has room for few in each zone (burst.md 4.6). */
export function checkSpread(
  plan: ExecutionPlan,
  nodes: number,
  zones: number,
): readonly PlanFinding[] {
  const path = 'network_configuration.placement_group_type';
  const message = spreadMisfit(nodes, zones);
  return plan.network.placement === 'spread' && message !== undefined
    ? [planError('plan_contradiction', { path, message })]
    : [];
}
