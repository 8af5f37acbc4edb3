import type { NodeGroupSettings } from '../config/settings.ts';
import { toE10Text } from '../money/rate.ts';
import type { Candidate } from './candidates.ts';
import { plannedRate, type Rung } from './ladder.ts';
import type { GangNote, LaunchRequest, LaunchStep, SpotPrice } from './launch.ts';
import type { Recipe } from './recipe.ts';

export interface CallFacts {
  readonly group: NodeGroupSettings;
  readonly nodeGroup: string;
  readonly recipe: Recipe;
  readonly spotPrices: readonly SpotPrice[];
  /** Of a group made for this attempt. */
  readonly placementGroup: string;
  readonly gang: GangNote;
  readonly resumeFile: string;
}

export interface CallPlace {
  readonly clientToken: string;
  readonly count: number;
  readonly rung: number;
  readonly batch: number;
}

/** The launch call of one rung, all but its tags, which need the intent's id (burst.md 5.2). */
export function launchCall(
  rung: Rung,
  place: CallPlace,
  facts: CallFacts,
): Omit<LaunchStep, 'request'> & { readonly request: Omit<LaunchRequest, 'tags'> } {
  const { group, recipe } = facts;
  const { grouping, template } = recipe;
  const isGang = facts.gang.rule === 'all';
  const isGrouped = grouping.strategy !== undefined;
  return {
    request: {
      api: group.api,
      clientToken: place.clientToken,
      count: place.count,
      lifecycle: rung.lifecycle,
      allOrNothing: isGang,
      singleInstanceType: isGang && (grouping.strategy === 'cluster' || recipe.efa === 'required'),
      singleZone: isGang,
      launchTemplateId: template.id,
      launchTemplateVersion: template.version,
      overrides: rung.overrides,
      allocationStrategy: strategyOf(group, rung),
      placementGroup: isGrouped ? (grouping.name ?? facts.placementGroup) : undefined,
      iamInstanceProfile: group.iam_instance_profile,
      securityGroupIds: group.api === 'run-instances' ? recipe.securityGroupIds : [],
    },
    nodeGroup: facts.nodeGroup,
    zone: rung.zone,
    rung: place.rung,
    batch: place.batch,
    gang: facts.gang,
    placementStrategy: grouping.name === undefined ? grouping.strategy : undefined,
    rates: ratesOf(rung, facts),
    reasons: recipe.reasons,
    resumeFile: facts.resumeFile,
  };
}

function strategyOf(group: NodeGroupSettings, rung: Rung): string {
  return rung.lifecycle === 'spot'
    ? (group.spot_options['allocation_strategy'] ?? 'price-capacity-optimized')
    : (group.on_demand_options['allocation_strategy'] ?? 'prioritized');
}

/** What an instance costs from its launch on: the list price, or the spot price in force. */
function ratesOf(rung: Rung, facts: CallFacts): Readonly<Record<string, string>> {
  const tried = new Set(rung.overrides.map(({ instanceType }) => instanceType));
  const rates = facts.recipe.candidates
    .filter(({ instanceType }) => tried.has(instanceType))
    .map((candidate) => {
      const now =
        rung.lifecycle === 'spot' ? spotNow(candidate, rung.zone, facts.spotPrices) : undefined;
      return [
        candidate.instanceType,
        toE10Text(now?.rate ?? plannedRate(candidate, rung.lifecycle)),
      ] as const;
    });
  return Object.fromEntries(rates);
}

function spotNow(
  { instanceType }: Candidate,
  zone: string,
  prices: readonly SpotPrice[],
): SpotPrice | undefined {
  return prices
    .filter((price) => price.instanceType === instanceType && price.zone === zone)
    .toSorted((a, b) => b.fromS - a.fromS)[0];
}

/** `asbb-<cluster>-<job>-<attempt>`; later rounds of an attempt may be in another zone. */
export function placementGroupName(
  cluster: string,
  jobId: number,
  attempt: number,
  rung: number,
): string {
  return `asbb-${cluster}-${jobId}-${attempt}${rung === 0 ? '' : `-${rung}`}`;
}
