import type { NodeGroupSettings } from '../config/settings.ts';
import { type Money, toMicrosText } from '../money/money.ts';
import { toE10Text } from '../money/rate.ts';
import type { Candidate } from './candidates.ts';
import { plannedRate, type Rung } from './ladder.ts';
import type { GangNote, LaunchRequest, LaunchStep, Purchasing, SpotPrice } from './launch.ts';
import type { Recipe } from './recipe.ts';
import { spotNodes } from './shares.ts';

export interface CallFacts {
  readonly group: NodeGroupSettings;
  readonly nodeGroup: string;
  readonly recipe: Recipe;
  readonly spotPrices: readonly SpotPrice[];
  /** Of a group made for this attempt. */
  readonly placementGroup: string;
  readonly gang: GangNote;
  readonly resumeFile: string;
  /** What each volume of an instance costs a month. */
  readonly volumes: readonly Money[];
}

export interface CallPlace {
  readonly clientToken: string;
  readonly count: number;
  /** Nodes of the same rung and part in earlier batches. */
  readonly before: number;
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
  const spotCount = spotCountOf(rung, place, recipe);
  const lifecycle = purchaseOf(rung, spotCount, place.count);
  return {
    request: {
      api: group.api,
      clientToken: place.clientToken,
      count: place.count,
      lifecycle,
      spotCount: lifecycle === 'mixed' ? spotCount : undefined,
      allOrNothing: isGang,
      singleInstanceType: isGang && (grouping.strategy === 'cluster' || recipe.efa === 'required'),
      singleZone: isGang,
      launchTemplateId: template.id,
      launchTemplateVersion: template.version,
      overrides: lifecycle === 'on-demand' ? uncapped(rung.overrides) : rung.overrides,
      ...optionsOf(group, lifecycle),
      placementGroup: isGrouped ? (grouping.name ?? facts.placementGroup) : undefined,
      iamInstanceProfile: group.iam_instance_profile,
      ...instanceOptionsOf(group, recipe),
    },
    nodeGroup: facts.nodeGroup,
    zone: rung.zone,
    rung: place.rung,
    batch: place.batch,
    gang: facts.gang,
    placementStrategy: grouping.name === undefined ? grouping.strategy : undefined,
    isGroupOptional: isGrouped && grouping.isOptional === true ? true : undefined,
    ...ratesByKind(rung, lifecycle, facts),
    ...(facts.volumes.length === 0 ? {} : { volumes: facts.volumes.map(toMicrosText) }),
    reasons: recipe.reasons,
    advice: recipe.advice,
    resumeFile: facts.resumeFile,
  };
}

/** Of our own only with RunInstances; a fleet takes them from its launch template. */
function instanceOptionsOf(
  { api }: NodeGroupSettings,
  { securityGroupIds, userData }: Recipe,
): Pick<LaunchRequest, 'securityGroupIds' | 'userData'> {
  return api === 'run-instances' ? { securityGroupIds, userData } : { securityGroupIds: [] };
}

function ratesByKind(
  rung: Rung,
  lifecycle: Purchasing,
  facts: CallFacts,
): Pick<LaunchStep, 'rates' | 'spotRates'> {
  return lifecycle === 'mixed'
    ? { rates: ratesOf(rung, 'on-demand', facts), spotRates: ratesOf(rung, 'spot', facts) }
    : { rates: ratesOf(rung, lifecycle, facts) };
}

/** A spot cap has no business in an on-demand call. */
function uncapped(overrides: Rung['overrides']): Rung['overrides'] {
  return overrides.map((override) => ({ ...override, maxPrice: undefined }));
}

/** Over all batches together. */
function spotCountOf(rung: Rung, { before, count }: CallPlace, { spotRatio }: Recipe): number {
  return rung.lifecycle === 'mixed'
    ? spotNodes(before + count, spotRatio) - spotNodes(before, spotRatio)
    : 0;
}

/** A `mixed` call of one kind alone is a call of that kind. */
function purchaseOf({ lifecycle }: Rung, spotCount: number, count: number): Purchasing {
  if (lifecycle !== 'mixed' || (spotCount > 0 && spotCount < count)) {
    return lifecycle;
  }
  return spotCount === 0 ? 'on-demand' : 'spot';
}

type Options = Pick<
  LaunchRequest,
  | 'allocationStrategy'
  | 'spotAllocationStrategy'
  | 'maxTotalPrice'
  | 'poolsToUse'
  | 'useReservationsFirst'
>;

/** `on_demand_options` and `spot_options`, of the parts that the call has. */
function optionsOf(group: NodeGroupSettings, lifecycle: Purchasing): Options {
  const { spot_options: spot, on_demand_options: onDemand } = group;
  const ofSpot = spot['allocation_strategy'] ?? 'price-capacity-optimized';
  const ofDemand = onDemand['allocation_strategy'] ?? 'prioritized';
  const isSpot = lifecycle === 'spot' || lifecycle === 'mixed';
  const pools = spot['instance_pools_to_use_count'];
  const total = spot['max_total_price'];
  return {
    allocationStrategy: lifecycle === 'spot' ? ofSpot : ofDemand,
    ...(lifecycle === 'mixed' ? { spotAllocationStrategy: ofSpot } : {}),
    ...(isSpot && total !== undefined ? { maxTotalPrice: total } : {}),
    ...(isSpot && pools !== undefined && ofSpot === 'lowest-price'
      ? { poolsToUse: Number(pools) }
      : {}),
    ...(lifecycle !== 'spot' && onDemand['capacity_reservation_usage'] !== undefined
      ? { useReservationsFirst: true }
      : {}),
  };
}

/** What an instance costs from its launch on: the list price, or the spot price in force. */
function ratesOf(
  rung: Rung,
  lifecycle: Purchasing,
  facts: CallFacts,
): Readonly<Record<string, string>> {
  const tried = new Set(rung.overrides.map(({ instanceType }) => instanceType));
  const rates = facts.recipe.candidates
    .filter(({ instanceType }) => tried.has(instanceType))
    .map((candidate) => {
      const now =
        lifecycle === 'spot' ? spotNow(candidate, rung.zone, facts.spotPrices) : undefined;
      return [
        candidate.instanceType,
        toE10Text(now?.rate ?? plannedRate(candidate, lifecycle)),
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
