import { dearer, parseRate, type Rate } from '../money/rate.ts';
import type { Candidate } from './candidates.ts';
import type { LaunchOverride, Lifecycle, Purchasing, SpotPrice } from './launch.ts';
import type { Recipe } from './recipe.ts';

/** One launch call's worth of choice: one purchase option in one zone (burst.md 5.4). */
export interface Rung {
  readonly lifecycle: Purchasing;
  readonly zone: string;
  /** Types in order of preference, each with its subnet of this zone. */
  readonly overrides: readonly LaunchOverride[];
  /** What a hold must cover: the dearest of them; for spot its cap or on-demand price. */
  readonly rate: Rate;
  /** For a spread group, which has room for few in a zone: the same in the other zones. */
  readonly elsewhere?: readonly Rung[] | undefined;
}

/** What a ladder needs of the recipe. */
export type LadderRecipe = Pick<
  Recipe,
  | 'candidates'
  | 'subnetIds'
  | 'zones'
  | 'purchasing'
  | 'spotFallback'
  | 'onDemandFirst'
  | 'grouping'
  | 'ceilings'
>;

export interface LadderFacts {
  /** Zone of each subnet that exists. */
  readonly zones: ReadonlyMap<string, string>;
  /** `type|zone` pairs that EC2 offers; undefined when the question failed. */
  readonly offered?: ReadonlySet<string> | undefined;
  /** Newest price of each pool; none when the question failed. */
  readonly spotPrices: readonly SpotPrice[];
  /** A breaker keeps this pool or subnet out. */
  readonly isClosed: (
    instanceType: string,
    zone: string,
    subnetId: string,
    lifecycle: Lifecycle,
  ) => boolean;
  /** More than the job may cost, were all its nodes of this price. */
  readonly isTooDear?: ((rate: Rate) => boolean) | undefined;
}

export interface Ladder {
  readonly rungs: readonly Rung[];
  /** Pools left out, one line each. */
  readonly reasons: readonly string[];
  /** True when breakers alone are why there is no rung. */
  readonly isBroken: boolean;
}

/** At most so many launch calls for one attempt. */
export const LAUNCH_CALLS_MAX = 8;
/** EC2 takes no more in one call. */
const OVERRIDES_MAX = 300;

export function ladderOf(recipe: LadderRecipe, facts: LadderFacts): Ladder {
  const reasons: string[] = [];
  let broken = 0;
  const isSpread = recipe.grouping.strategy === 'spread';
  const rungs = purchasesOf(recipe).flatMap((lifecycle) => {
    const inZones = zonesOf(recipe, facts).flatMap((zone) => {
      const tried = recipe.candidates.flatMap((candidate) =>
        poolsOf(candidate, zone, facts).map((subnetId) => ({ candidate, subnetId })),
      );
      const pools = tried.filter(({ candidate, subnetId }) => {
        const reason =
          whyTooDear(candidate, lifecycle, recipe) ??
          whyNot(candidate, { zone, subnetId, lifecycle }, facts);
        if (reason !== undefined) {
          reasons.push(`${candidate.instanceType} ${zone} ${lifecycle}: ${reason}`);
          broken += reason === BREAKER_OPEN ? 1 : 0;
        }
        return reason === undefined;
      });
      return pools.length === 0 ? [] : [rungOf(pools, zone, lifecycle)];
    });
    return isSpread ? inZones.map((rung, at) => withOthers(rung, inZones, at)) : inZones;
  });
  return { rungs, reasons, isBroken: rungs.length === 0 && broken > 0 };
}

const BREAKER_OPEN = 'breaker open';

/** The zones after this one, then those before it. */
function withOthers(rung: Rung, rungs: readonly Rung[], at: number): Rung {
  return { ...rung, elsewhere: [...rungs.slice(at + 1), ...rungs.slice(0, at)] };
}

interface Pool {
  readonly candidate: Candidate;
  readonly subnetId: string;
}

function rungOf(pools: readonly Pool[], zone: string, lifecycle: Purchasing): Rung {
  const overrides = pools.slice(0, OVERRIDES_MAX).map(({ candidate, subnetId }, priority) => ({
    instanceType: candidate.instanceType,
    subnetId,
    maxPrice: asksForSpot(lifecycle) ? candidate.spotPrice : undefined,
    priority,
  }));
  const rates = pools.map(({ candidate }) => plannedRate(candidate, lifecycle));
  const rate = rates.reduce((most, next) => (dearer(next, most) ? next : most));
  return { lifecycle, zone, overrides, rate };
}

/** A spot price can move up to its cap, so a hold covers min(cap, on-demand price). */
export function plannedRate(candidate: Candidate, lifecycle: Purchasing): Rate {
  const cap = candidate.spotPrice === undefined ? undefined : parseRate(candidate.spotPrice);
  const isCapped = lifecycle === 'spot' && cap !== undefined && dearer(candidate.rate, cap);
  return isCapped ? cap : candidate.rate;
}

/** A plan's ceilings are kept by each node for itself, whichever rung it comes from (burst.md 3.2). */
function whyTooDear(
  candidate: Candidate,
  lifecycle: Purchasing,
  { ceilings, purchasing }: LadderRecipe,
): string | undefined {
  const isFallback = lifecycle === 'on-demand' && asksForSpot(purchasing);
  const ceiling = isFallback ? ceilings.fallbackRate : ceilings.rate;
  return ceiling !== undefined && dearer(plannedRate(candidate, lifecycle), ceiling)
    ? 'above the cost limit of the plan'
    : undefined;
}

function purchasesOf(recipe: LadderRecipe): readonly Purchasing[] {
  const { purchasing, spotFallback, onDemandFirst } = recipe;
  if (asksForSpot(purchasing) && onDemandFirst === true) {
    return ['on-demand', purchasing];
  }
  return asksForSpot(purchasing) && spotFallback === 'on-demand'
    ? [purchasing, 'on-demand']
    : [purchasing];
}

export function asksForSpot(purchasing: Purchasing): boolean {
  return purchasing === 'spot' || purchasing === 'mixed';
}

/** What an answer may bring: each has its own breakers. */
export function lifecyclesOf(purchasing: Purchasing): readonly Lifecycle[] {
  switch (purchasing) {
    case 'spot':
      return ['spot'];
    case 'mixed':
      return ['spot', 'on-demand'];
    case 'on-demand':
    case 'capacity-block':
      return ['on-demand'];
  }
}

/** Zones where most candidates are offered first, then the order of the configured subnets. */
function zonesOf(recipe: LadderRecipe, facts: LadderFacts): readonly string[] {
  const subnets = [...recipe.subnetIds, ...recipe.candidates.flatMap(({ subnetIds }) => subnetIds)];
  const zones = new Set(subnets.flatMap((id) => facts.zones.get(id) ?? []));
  const wanted = [...zones].filter((zone) => recipe.zones?.includes(zone) !== false);
  return wanted.toSorted((a, b) => offeredIn(b, recipe, facts) - offeredIn(a, recipe, facts));
}

function offeredIn(zone: string, recipe: LadderRecipe, { offered }: LadderFacts): number {
  return recipe.candidates.filter(({ instanceType }) => offered?.has(`${instanceType}|${zone}`))
    .length;
}

/** A fleet cannot span two subnets of one zone: the first of each candidate counts. */
function poolsOf(candidate: Candidate, zone: string, facts: LadderFacts): readonly string[] {
  const subnetId = candidate.subnetIds.find((id) => facts.zones.get(id) === zone);
  return subnetId === undefined ? [] : [subnetId];
}

interface Place {
  readonly zone: string;
  readonly subnetId: string;
  readonly lifecycle: Purchasing;
}

function whyNot(candidate: Candidate, place: Place, facts: LadderFacts): string | undefined {
  const { zone, subnetId, lifecycle } = place;
  const { instanceType } = candidate;
  if (asksForSpot(lifecycle) && !candidate.spot) {
    return 'not sold as spot';
  }
  if (facts.offered?.has(`${instanceType}|${zone}`) === false) {
    return 'not offered';
  }
  if (asksForSpot(lifecycle) && isAboveCap(candidate, zone, facts.spotPrices)) {
    return 'spot price above the cap';
  }
  if (facts.isTooDear?.(plannedRate(candidate, lifecycle)) === true) {
    return 'above the ceiling of the job';
  }
  const isClosed = lifecyclesOf(lifecycle).some((each) =>
    facts.isClosed(instanceType, zone, subnetId, each),
  );
  return isClosed ? BREAKER_OPEN : undefined;
}

function isAboveCap(candidate: Candidate, zone: string, prices: readonly SpotPrice[]): boolean {
  const cap = candidate.spotPrice === undefined ? undefined : parseRate(candidate.spotPrice);
  const newest = prices
    .filter(({ instanceType, zone: at }) => instanceType === candidate.instanceType && at === zone)
    .toSorted((a, b) => b.fromS - a.fromS)[0];
  return cap !== undefined && newest !== undefined && dearer(newest.rate, cap);
}
