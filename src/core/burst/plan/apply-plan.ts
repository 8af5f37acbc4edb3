import type { NodeGroupSettings } from '../../config/settings.ts';
import type { Analysis } from '../analysis/analyse.ts';
import type { Grouping } from '../analysis/grouping.ts';
import type { Candidate } from '../candidates.ts';
import type { EfaLevel } from '../constraint.ts';
import { asksForSpot } from '../ladder.ts';
import type { Purchasing } from '../launch.ts';
import { defaultSpotRatio, needsOneZone, type Recipe } from '../recipe.ts';
import { RESERVED_TAG } from '../tags.ts';
import type { NodeCeilings } from './check-cost.ts';
import { keptPlan } from './kept-advice.ts';
import type { ExecutionPlan } from './plan.ts';
import { isWhole } from './planned-analysis.ts';

/** What the plan's own words do not say. */
export interface PlanSetting {
  readonly group: NodeGroupSettings;
  /** Nodes of this part of the gang. */
  readonly nodes: number;
  /** With what the plan says in place of the rules; absent: none could be made. */
  readonly analysis?: PlannedAnalysis | undefined;
  /** The plan's types, in its order, with its cap and its subnets. */
  readonly candidates: readonly Candidate[];
  readonly subnetIds: readonly string[];
  readonly ceilings: NodeCeilings;
  /** The plan's file and its SHA-256. */
  readonly file: { readonly path: string; readonly digest: string };
  /** Absent: the node group's. */
  readonly template?: { readonly id: string; readonly version: string } | undefined;
}

/** What the analysis makes of the job once it has heard the plan (burst.md 4.4, 4.6). */
export type PlannedAnalysis = Pick<Analysis, 'isMpi' | 'nodes' | 'efa' | 'grouping' | 'singleZone'>;

/** The recipe as the plan wants it (burst.md 3.2). The plan was checked and found good. */
export function applyPlan(before: Recipe, plan: ExecutionPlan, setting: PlanSetting): Recipe {
  const { group, nodes, analysis } = setting;
  const recipe = analysis === undefined ? before : withAnalysis(before, analysis);
  const isMpi = plan.mpi?.isMpi ?? false;
  const { efa } = recipe;
  const candidates = byEfa(setting.candidates, efa);
  const grouping = groupingFor(plan, recipe.grouping, nodes);
  const purchase = purchaseOf(plan, recipe);
  const { zones } = plan.network;
  return {
    ...recipe,
    candidates,
    reasons: [...reasonsOf(plan, before, recipe), grouping.reason],
    template: setting.template ?? recipe.template,
    subnetIds: setting.subnetIds,
    zones: zones.length === 0 ? recipe.zones : zones,
    securityGroupIds:
      plan.instances.securityGroupIds.length === 0
        ? recipe.securityGroupIds
        : plan.instances.securityGroupIds,
    userData: plan.instances.userData === '' ? undefined : plan.instances.userData,
    isMpi,
    grouping,
    oneZone: plan.network.isOneZone || oneZoneOf(recipe, grouping, candidates),
    isWhole: isWhole(plan) && (analysis?.nodes ?? nodes) > 1,
    ...purchase,
    spotRatio:
      group.spot_ratio ?? defaultSpotRatio({ isMpi, efa, preferSpot: plan.cost.prefersSpot }),
    ceilings: {
      ...recipe.ceilings, // the site's own stay
      rate: setting.ceilings.rate,
      fallbackRate: setting.ceilings.fallback,
    },
    tags: [...recipe.tags, ...tagsOf(plan)],
    advice: keptPlan(plan, setting.file),
  };
}

function withAnalysis(
  recipe: Recipe,
  { isMpi, efa, grouping, singleZone }: PlannedAnalysis,
): Recipe {
  const { level: efaLevel, text } = efa;
  return { ...recipe, isMpi, efa: efaLevel, efaReason: text, grouping, oneZone: singleZone };
}

/** A spread group is of several zones, unless EFA keeps its nodes together. */
function oneZoneOf(
  { efa, oneZone }: Recipe,
  grouping: Grouping,
  candidates: readonly Candidate[],
): boolean {
  return grouping.strategy === 'spread'
    ? efa === 'required' || efa === 'preferred'
    : oneZone || needsOneZone(efa, grouping, candidates);
}

function byEfa(candidates: readonly Candidate[], level: EfaLevel): readonly Candidate[] {
  const having = candidates.filter(({ efa }) => efa);
  switch (level) {
    case 'required':
      return having;
    case 'preferred':
      return [...having, ...candidates.filter(({ efa }) => !efa)];
    case 'optional':
    case 'disabled':
      return candidates;
  }
}

const STRATEGIES = { cluster: 'cluster', partition: 'partition', spread: 'spread' } as const;

function isStrategy(word: string): word is keyof typeof STRATEGIES {
  return Object.hasOwn(STRATEGIES, word);
}

/** Plan before node group before rule (burst.md 4.6). */
function groupingFor({ network, mpi }: ExecutionPlan, before: Grouping, nodes: number): Grouping {
  const { placement, placementGroup, latencyClass } = network;
  if (isStrategy(placement)) {
    return placementGroup === '' && nodes < 2
      ? { strategy: undefined, reason: 'plan: one node needs no placement group' }
      : {
          strategy: placement,
          name: placementGroup === '' ? undefined : placementGroup,
          reason: `plan: placement_group_type ${placement} ${placementGroup}`.trimEnd(),
        };
  }
  if (nodes > 1 && mpi?.isMpi === true) {
    return { strategy: 'cluster', reason: 'plan: MPI on several nodes without a placement group' };
  }
  return nodes > 1 && latencyClass === 'ultra-low'
    ? { strategy: 'cluster', reason: 'plan: network_latency_class ultra-low' }
    : before;
}

/** `purchasing_option`, then what preference, fallback and priority make of it. */
export function purchaseOf(
  plan: ExecutionPlan,
  before: Pick<Recipe, 'purchasing' | 'spotFallback'>,
): Pick<Recipe, 'purchasing' | 'spotFallback' | 'onDemandFirst'> {
  const { instances, cost, about } = plan;
  const asked = purchasing(instances.purchasing) ?? before.purchasing;
  const fallsBack = instances.fallsBack ?? cost.allowsMixed ?? before.spotFallback !== 'none';
  const spotFallback = fallsBack ? 'on-demand' : 'none';
  if (about.priority === 'low' && asksForSpot(asked)) {
    return { purchasing: 'spot', spotFallback: 'none' };
  }
  const bought: ReturnType<typeof purchaseOf> =
    asked === 'on-demand' && cost.prefersSpot
      ? { purchasing: 'spot', spotFallback: 'on-demand' }
      : { purchasing: asked, spotFallback };
  return about.priority === 'urgent' && asksForSpot(bought.purchasing)
    ? { ...bought, spotFallback: 'on-demand', onDemandFirst: true }
    : bought;
}

function purchasing(word: string): Purchasing | undefined {
  return word === 'spot' || word === 'on-demand' || word === 'mixed' ? word : undefined;
}

/** The plan's tags that are not ours to keep, and the MPI library. */
function tagsOf({ about, mpi }: ExecutionPlan): Recipe['tags'] {
  const own = about.tags.filter(({ key }) => !RESERVED_TAG.test(key));
  const library = mpi?.library ?? '';
  return library === '' ? own : [...own, { key: 'asbb:mpi', value: library }];
}

function reasonsOf(plan: ExecutionPlan, before: Recipe, recipe: Recipe): readonly string[] {
  const isMpi = plan.mpi?.isMpi ?? false;
  const { efa, efaReason } = recipe;
  const differs =
    isMpi === before.isMpi
      ? []
      : [`plan: the job is ${isMpi ? 'MPI' : 'not MPI'}, the analysis says otherwise`];
  return [
    `plan: types ${plan.instances.types.join(', ')}`,
    ...differs,
    ...(efaReason === undefined ? [] : [`EFA ${efa}: ${efaReason}`]),
  ];
}
