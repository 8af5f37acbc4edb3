import { type EfaChoice, efaChoice } from '../core/burst/analysis/efa-level.ts';
import { type Catalog, catalogOf } from '../core/burst/catalog.ts';
import { purchaseOf } from '../core/burst/plan/apply-plan.ts';
import { boughtAs, checkCost } from '../core/burst/plan/check-cost.ts';
import { checkAge, checkNodes } from '../core/burst/plan/check-job.ts';
import {
  checkName,
  checkSite,
  checkSpread,
  type KnownTemplate,
  ownTemplate,
  plannedSubnets,
} from '../core/burst/plan/check-place.ts';
import { checkPlan } from '../core/burst/plan/check-plan.ts';
import { checkNames, checkTraits, plannedTypes } from '../core/burst/plan/check-types.ts';
import { type ExecutionPlan, type PlanFinding, planError } from '../core/burst/plan/plan.ts';
import { plannedOf } from '../core/burst/plan/planned-analysis.ts';
import type { RateOf } from '../core/burst/prices.ts';
import type { NodeGroupSettings, Settings } from '../core/config/settings.ts';
import { isRefused, type Refused, refused } from '../core/errors.ts';
import { formatInstant } from '../core/slurm/instant.ts';
import type { CatalogStore } from '../ports/catalog.ts';
import { type Cloud, isCloudRefusal } from '../ports/cloud.ts';
import type { Plans } from '../ports/plans.ts';
import type { Clock } from '../ports/system.ts';
import { cachedCatalog } from './steps/known-types.ts';

export interface PlanAsk {
  readonly file: string;
  /** Of the job; absent: not known. */
  readonly nodes?: number | undefined;
  /** `PARTITION/GROUP`; absent: only what holds everywhere is checked. */
  readonly nodeGroup?: string | undefined;
  /** Asks EC2 about what the plan names. */
  readonly isLive: boolean;
}

export interface PlanValidatePorts {
  readonly settings: Settings;
  readonly plans: Plans;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly rateOf: RateOf;
  /** Of the person who asks: their plan may be their own file. */
  readonly uid: number;
  /** Made only when it is asked. */
  readonly cloud: () => Pick<
    Cloud,
    'subnets' | 'offerings' | 'instanceTypes' | 'placementStrategy' | 'launchTemplate'
  >;
  /** What EC2 said last: instead of asking it. */
  readonly catalog: CatalogStore;
}

export interface ValidatedPlan {
  readonly findings: readonly PlanFinding[];
  /** Who says what the instance types can do, and when; absent: nobody was asked. */
  readonly source: string | undefined;
}

const MICROS_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1000;

/** Every finding of a plan, in order (burst.md 3.4). NOT_FOUND for a node group that is not configured. */
export async function validatePlan(
  ask: PlanAsk,
  ports: PlanValidatePorts,
): Promise<ValidatedPlan | Refused> {
  const group = groupOf(ask.nodeGroup, ports.settings);
  if (group === 'unknown') {
    return refused('NOT_FOUND', `no node group ${ask.nodeGroup} is configured`, {
      advice: 'name it as PARTITION/GROUP; see asbb config show',
    });
  }
  const { plan, findings } = ports.plans.read(ask.file, ports.uid);
  if (plan === undefined) {
    return { findings, source: undefined };
  }
  const now = {
    nowS: Math.floor(ports.clock.nowUs() / MICROS_PER_SECOND),
    maxAgeS: ports.settings.absa.plan_max_age / MS_PER_SECOND,
  };
  const live: Live = ask.isLive
    ? await liveFacts(plan, group, ports)
    : { ...NOT_ASKED, catalog: cachedCatalog(ports) };
  const nodes = ask.nodes ?? plan.instances.count;
  const efa = efaOf(plan, nodes, ports);
  const all = [
    ...findings,
    ...checkPlan(plan),
    ...checkAge(plan, now),
    ...(ask.nodes === undefined ? [] : checkNodes(plan, ask.nodes)),
    ...(group === undefined
      ? [
          ...checkNames(plan, live.offered, live.catalog),
          ...checkTraits(
            plan,
            { purchasing: purchaseOf(plan, ANYWHERE).purchasing, efa },
            live.catalog,
          ),
        ]
      : onGroup(plan, { group, nodes, efa }, live, ports)),
    ...live.findings,
  ];
  return { findings: all, source: live.catalog.source };
}

/** As resume would find it: by the plan, else by the table of node counts where they are known. */
function efaOf(
  plan: ExecutionPlan,
  nodes: number | undefined,
  { settings }: PlanValidatePorts,
): EfaChoice | undefined {
  const { isMpi = false, level, isNotRequired } = plannedOf(plan);
  const choice = efaChoice({
    constraint: '',
    planned: level,
    isNotRequired,
    isMpi,
    nodes: nodes ?? 1,
    byDefault: settings.mpi.efa_default,
  });
  return isRefused(choice) ? undefined : choice;
}

const ANYWHERE = { purchasing: 'on-demand', spotFallback: 'on-demand' } as const;

function groupOf(
  name: string | undefined,
  { slurm }: Settings,
): NodeGroupSettings | 'unknown' | undefined {
  if (name === undefined) {
    return undefined;
  }
  for (const { partition_name, node_groups } of slurm.partitions) {
    const found = node_groups.find(
      (group) => name === `${partition_name}/${group.node_group_name}`,
    );
    if (found !== undefined) {
      return found;
    }
  }
  return 'unknown';
}

interface Live {
  readonly zones: ReadonlyMap<string, string> | undefined;
  readonly offered: ReadonlySet<string> | undefined;
  readonly catalog: Catalog;
  /** Of the node group. */
  readonly template: KnownTemplate | undefined;
  readonly findings: readonly PlanFinding[];
}

const NOT_ASKED = {
  zones: undefined,
  offered: undefined,
  template: undefined,
  findings: [],
} as const;

async function liveFacts(
  plan: ExecutionPlan,
  group: NodeGroupSettings | undefined,
  ports: PlanValidatePorts,
): Promise<Live> {
  const cloud = ports.cloud();
  const { types, subnetIds } = plan.instances;
  const offerings = types.length === 0 ? [] : await cloud.offerings(types);
  const described = types.length === 0 ? [] : await cloud.instanceTypes(types);
  const askedAt = formatInstant(Math.floor(ports.clock.nowUs() / MICROS_PER_SECOND));
  const wanted = [...new Set([...subnetIds, ...(group?.subnet_ids ?? [])])];
  const subnets = wanted.length === 0 ? [] : await cloud.subnets(wanted);
  const { placementGroup, placement } = plan.network;
  const strategy =
    placementGroup === '' ? placement : await cloud.placementStrategy(placementGroup);
  const isRefusal = isCloudRefusal(subnets);
  const templates = await liveTemplates(plan, group, cloud);
  return {
    zones: isRefusal ? undefined : new Map(subnets.map((each) => [each.subnetId, each.zone])),
    catalog: catalogOf(described, `EC2, asked ${askedAt}Z`),
    offered: new Set(offerings.map(({ instanceType, zone }) => `${instanceType}|${zone}`)),
    template: templates.own,
    findings: [
      ...templates.findings,
      ...(isRefusal ? [noSubnet(subnets.message)] : []),
      ...(strategy === placement ? [] : [noGroup(placementGroup, strategy)]),
    ],
  };
}

/** The node group's launch template, and whether the plan's exists and is one. */
async function liveTemplates(
  plan: ExecutionPlan,
  group: NodeGroupSettings | undefined,
  cloud: Pick<Cloud, 'launchTemplate'>,
): Promise<{
  readonly own: KnownTemplate | undefined;
  readonly findings: readonly PlanFinding[];
}> {
  const { templateName, templateId } = plan.instances;
  if (group === undefined || (templateName === '' && templateId === '')) {
    return { own: undefined, findings: [] };
  }
  const spec = group.launch_template_specification;
  const answer = await cloud.launchTemplate(
    spec.launch_template_name ?? '',
    spec.launch_template_id ?? '',
    spec.version,
  );
  const own = isCloudRefusal(answer) ? undefined : answer;
  const other = ownTemplate(plan, { group, template: own });
  if (other === undefined) {
    return { own, findings: [] };
  }
  const named = await cloud.launchTemplate(other.name, other.id, '$Default');
  return {
    own,
    findings: isCloudRefusal(named) ? [noTemplate(named.message)] : checkName(plan, named),
  };
}

function noTemplate(message: string): PlanFinding {
  const path = 'instance_specification.launch_template_name';
  return planError('plan_template_forbidden', { path, message });
}

function noSubnet(message: string): PlanFinding {
  return planError('plan_no_subnet', { path: 'instance_specification.subnet_ids', message });
}

function noGroup(name: string, strategy: string | undefined): PlanFinding {
  const message =
    strategy === undefined
      ? `there is no placement group ${name}`
      : `the placement group ${name} is ${strategy}`;
  return planError('plan_contradiction', {
    path: 'network_configuration.placement_group_name',
    message,
  });
}

interface OnGroup {
  readonly group: NodeGroupSettings;
  readonly nodes: number | undefined;
  readonly efa: EfaChoice | undefined;
}

function onGroup(
  plan: ExecutionPlan,
  { group, nodes = 1, efa }: OnGroup,
  live: Live,
  { settings, rateOf }: PlanValidatePorts,
): readonly PlanFinding[] {
  const { zones, offered, catalog } = live;
  const subnetIds = plannedSubnets(plan, { group, zones });
  const types = plannedTypes(plan, { group, rateOf, catalog, subnetIds, zones, offered });
  const { purchasing, spotFallback } = purchaseOf(plan, {
    purchasing: group.purchasing_option,
    spotFallback: group.spot_fallback,
  });
  const usable = new Set(subnetIds.flatMap((id) => zones?.get(id) ?? []));
  return [
    ...checkSite(plan, { group, allowed: settings.burst, zones, template: live.template }),
    ...types.findings,
    ...checkTraits(plan, { purchasing, efa }, catalog),
    ...spreadOf(plan, { group, nodes, efa }, zones === undefined ? undefined : usable.size),
    ...checkCost(plan, types.candidates, boughtAs(purchasing, spotFallback), { nodes }),
  ];
}

/** Zones are known by asking EC2; one is enough, or too few, where all nodes stand in one. */
function spreadOf(
  plan: ExecutionPlan,
  { nodes = 1, efa }: OnGroup,
  zones: number | undefined,
): readonly PlanFinding[] {
  const isOne = plan.network.isOneZone || efa?.level === 'required' || efa?.level === 'preferred';
  const over = isOne ? 1 : zones;
  return over === undefined ? [] : checkSpread(plan, nodes, over);
}
