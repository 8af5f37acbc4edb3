import type { NodeGroupSettings, Settings } from '../config/settings.ts';
import { type Money, parseAmount } from '../money/money.ts';
import type { Rate } from '../money/rate.ts';
import type { Analysis } from './analysis/analyse.ts';
import { type Grouping, groupingOf } from './analysis/grouping.ts';
import type { Candidate, Candidates } from './candidates.ts';
import type { EfaLevel } from './constraint.ts';
import type { Purchasing } from './launch.ts';
import type { KeptAdvice } from './plan/kept-advice.ts';

/** What one hour, and the whole run, of one job may cost at most; absent: no such limit. */
export interface CostCeilings {
  readonly perHour?: Money | undefined;
  readonly total?: Money | undefined;
  /** What a node may cost an hour so that both are kept; `fallbackRate`: on-demand in place of spot. */
  readonly rate?: Rate | undefined;
  readonly fallbackRate?: Rate | undefined;
}

/**
 * How one job's nodes of one node group are to be launched. Made from the configuration, refined by the
 * analysis (burst.md 4), and last by an execution plan or the advisor (burst.md 3): each takes the
 * recipe so far and gives back another one.
 */
export interface Recipe {
  /** In order of preference; each with its spot cap and the subnets it may stand in. None: nothing fits. */
  readonly candidates: readonly Candidate[];
  /** One line a rule that fired, a type that was left out. */
  readonly reasons: readonly string[];
  /** Of those the types that were left out, where they are told apart. */
  readonly misfits?: readonly string[] | undefined;
  /** Launch template with its version pinned. */
  readonly template: {
    readonly id: string;
    readonly name?: string | undefined;
    readonly version: string;
    /** It attaches an interface with EFA; absent: not known. */
    readonly hasEfa?: boolean | undefined;
    /** GiB of the volumes that end with an instance; absent: not asked. */
    readonly volumes?: readonly number[] | undefined;
  };
  /** In order of preference: the order of the zones. */
  readonly subnetIds: readonly string[];
  /** Zones that may be used; absent: those of the subnets. */
  readonly zones?: readonly string[] | undefined;
  readonly securityGroupIds: readonly string[];
  /** Raw text for RunInstances; absent: the launch template's. */
  readonly userData?: string | undefined;
  readonly efa: EfaLevel;
  /** Who said so, in a few words; absent: nobody. */
  readonly efaReason?: string | undefined;
  readonly isMpi: boolean;
  readonly grouping: Grouping;
  /** Every member in one zone, also when they are of several node groups or launched one after the other. */
  readonly oneZone: boolean;
  /** All members or none, also of nodes that no job waits for: the plan says so. */
  readonly isWhole?: boolean | undefined;
  readonly purchasing: Purchasing;
  /** 0 to 1: share of spot among the nodes of a `mixed` launch. */
  readonly spotRatio: number;
  readonly spotFallback: 'on-demand' | 'none';
  /** Spot failed the job too often: on-demand before spot, where the hold allows it (burst.md 9.4). */
  readonly onDemandFirst?: boolean | undefined;
  readonly ceilings: CostCeilings;
  /** After the configuration's own; the reserved ones cannot be overridden (burst.md 5.5). */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** What an execution plan or the advisor said, kept with the job; absent: neither was heard. */
  readonly advice?: KeptAdvice | undefined;
}

export interface RecipeQuestion {
  readonly group: NodeGroupSettings;
  readonly candidates: Pick<Candidates, 'candidates' | 'reasons'>;
  readonly template: Recipe['template'];
  readonly nodes: number;
  /** False: no job asked for these nodes. */
  readonly hasJob: boolean;
  /** Of --constraint; undefined: it says nothing of EFA. */
  readonly efa: EfaLevel | undefined;
  readonly mpi: Settings['mpi'];
  readonly cost: Pick<Settings['cost'], 'max_cost_per_hour' | 'max_total_cost'>;
}

/** What the analysis of the job makes of it (burst.md 4). */
export function analysedRecipe(
  recipe: Recipe,
  { candidates, weighed, efa, isMpi, grouping, singleZone, explain }: Analysis,
  group: NodeGroupSettings,
): Recipe {
  const { level } = efa;
  const kept =
    grouping.strategy === 'cluster' ? candidates.filter((each) => each.clusterGroups) : candidates;
  return {
    ...recipe,
    candidates: kept,
    reasons: explain,
    misfits: weighed.filter(({ fits }) => !fits).map(({ type, reason }) => `${type}: ${reason}`),
    efa: level,
    efaReason: efa.text,
    isMpi,
    grouping,
    oneZone: singleZone || needsOneZone(level, grouping, kept),
    spotRatio: group.spot_ratio ?? defaultSpotRatio({ isMpi, efa: level, preferSpot: false }),
  };
}

/** From the configuration alone. */
export function configuredRecipe(question: RecipeQuestion): Recipe {
  const { group, template, nodes, hasJob, mpi } = question;
  const efa = question.efa ?? 'optional';
  const { candidates, reasons } = question.candidates;
  const fitting = efa === 'required' ? candidates.filter((each) => each.efa) : candidates;
  const grouping = groupingOf({
    nodes,
    isMpi: false,
    level: efa,
    configured: hasJob ? group.placement_group : 'none',
    candidates: fitting,
    threshold: mpi.placement_group_threshold,
    force: mpi.force_cluster_placement_group,
  });
  return {
    candidates: fitting,
    reasons: [...reasons, grouping.reason],
    template,
    subnetIds: group.subnet_ids,
    securityGroupIds: group.security_group_ids,
    efa,
    isMpi: false,
    grouping,
    oneZone: needsOneZone(efa, grouping, fitting),
    purchasing: group.purchasing_option,
    spotRatio: group.spot_ratio ?? defaultSpotRatio({ isMpi: false, efa, preferSpot: false }),
    spotFallback: group.spot_fallback,
    ceilings: {
      perHour: parseAmount(question.cost.max_cost_per_hour ?? ''),
      total: parseAmount(question.cost.max_total_cost ?? ''),
    },
    tags: [],
  };
}

/** Cluster group or EFA: all in one zone (GANG-6). */
export function needsOneZone(
  efa: EfaLevel,
  { strategy }: Grouping,
  candidates: readonly Candidate[],
): boolean {
  return (
    strategy === 'cluster' ||
    efa === 'required' ||
    (candidates.length > 0 && candidates.every((candidate) => candidate.efa))
  );
}

/** Share of spot in a `mixed` launch where nobody says another (burst.md 5.4). */
export function defaultSpotRatio(job: {
  readonly isMpi: boolean;
  readonly efa: EfaLevel;
  readonly preferSpot: boolean;
}): number {
  if (job.isMpi) {
    return job.efa === 'required' || job.efa === 'preferred' ? 0.3 : 0.7;
  }
  return job.preferSpot ? 0.9 : 0.5;
}
