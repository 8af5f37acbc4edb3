import type { AbortCause } from '../../core/burst/aborts.ts';
import {
  bootKey,
  breakersNote,
  opensUntil,
  parseBreakers,
  poolKey,
  quotaKey,
  subnetKey,
} from '../../core/burst/breakers.ts';
import { type Ladder, ladderOf } from '../../core/burst/ladder.ts';
import { inZone, type RungSet, rungSets, singlePools } from '../../core/burst/rung-sets.ts';
import { spreadMisfit } from '../../core/burst/shares.ts';
import { exceeds, type Money } from '../../core/money/money.ts';
import { holdAmount, type Rate } from '../../core/money/rate.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';
import { nodeRate } from './cover-rung.ts';
import type { GangWork, ReadyPart } from './gang-work.ts';
import { BREAKER_OPEN, causeOfNoCandidate, causeOfNoEfa, causeOfNoPool } from './launch-causes.ts';
import type { LaunchFacts } from './launch-facts.ts';

export interface LadderWork {
  readonly work: GangWork;
  readonly parts: readonly ReadyPart[];
  readonly facts: LaunchFacts;
}

/** The rounds of the gang's ladder, each a rung for every part. */
export function setsOf(work: LadderWork, ports: BurstPorts): readonly RungSet[] {
  const oneZone = work.parts.some(({ recipe }) => recipe.oneZone);
  return rungSets(
    work.parts.map((part) => ladderFor(part, work, ports)),
    oneZone,
  );
}

/** `closedUntil` hears of every pool that a breaker keeps out, when the last of its breakers may be tried. */
function ladderFor(
  part: ReadyPart,
  { facts, work: gang }: LadderWork,
  ports: BurstPorts,
  closedUntil: (atS: number) => void = () => undefined,
): Ladder {
  const now = nowS(ports);
  const { region } = ports.settings.aws;
  const ladder = ladderOf(part.recipe, {
    zones: facts.zones,
    offered: facts.offered,
    spotPrices: facts.spotPrices,
    isTooDear: tooDear(part, gang, ports),
    isClosed: (instanceType, zone, subnetId, lifecycle) => {
      const ends = [
        quotaKey(region, lifecycle),
        poolKey(instanceType, zone, lifecycle),
        bootKey(instanceType, zone),
        subnetKey(subnetId),
      ].flatMap((key) => opensUntil(facts.breakers[key], now) ?? []);
      if (ends.length > 0) {
        closedUntil(Math.max(...ends));
      }
      return ends.length > 0;
    },
  });
  // The zone of members that are up already wins (GANG-6).
  const kept = part.recipe.oneZone ? inZone(ladder, gang.zone) : ladder;
  return part.group.api === 'run-instances' ? singlePools(kept) : kept;
}

/** What the job may cost, were all nodes of the gang of this price (burst.md 3.2, cost.max_*). */
function tooDear(
  { recipe: { ceilings, template }, payers }: ReadyPart,
  gang: GangWork,
  { settings }: BurstPorts,
): ((rate: Rate) => boolean) | undefined {
  const { perHour, total } = ceilings;
  if (perHour === undefined && total === undefined) {
    return undefined;
  }
  const nodes = gang.parts.reduce((sum, part) => sum + part.nodes.length, 0);
  const limits = payers.flatMap(({ job }) => job.timeLimitSeconds ?? []);
  const seconds = Math.max(0, ...limits);
  function cost(rate: Rate, forSeconds: number): Money {
    return costOf(nodes, nodeRate(rate, template, settings), forSeconds);
  }
  return (rate) =>
    (perHour !== undefined && exceeds(cost(rate, SECONDS_PER_HOUR), perHour)) ||
    (total !== undefined && seconds > 0 && exceeds(cost(rate, seconds), total));
}

const SECONDS_PER_HOUR = 3600;

function costOf(nodes: number, rate: Rate, seconds: number): Money {
  return holdAmount({ nodes, rate, seconds, factor: '1' });
}

/** Nothing that capacity could heal: more nodes than a spread group can ever hold (burst.md 4.6). */
export function causeOfMisfit(
  parts: readonly ReadyPart[],
  { zones }: LaunchFacts,
): AbortCause | undefined {
  for (const { recipe, nodes, payers } of parts) {
    const jobNodes = Math.max(nodes.length, ...payers.map(({ job }) => job.numNodes));
    if (recipe.efa === 'required' && jobNodes > 1 && recipe.template.hasEfa === false) {
      return causeOfNoEfa(recipe.template, recipe.efaReason);
    }
    const own = recipe.subnetIds.flatMap((id) => zones.get(id) ?? []);
    const usable = new Set(own.filter((zone) => recipe.zones?.includes(zone) !== false));
    const misfit =
      recipe.grouping.strategy === 'spread' ? spreadMisfit(nodes.length, usable.size) : undefined;
    if (misfit !== undefined) {
      return { code: 'SpreadTooLarge', as: 'plan', sentence: misfit };
    }
  }
  return undefined;
}

/** No pool is left: because of breakers alone, then until the earliest of them (burst.md 9.6). */
export function causeOfNoRung(work: LadderWork, ports: BurstPorts): AbortCause {
  const { ladders, earliestS } = closedLadders(work, ports);
  const reasons = ladders.flatMap((ladder) => ladder.reasons);
  const unfit = work.parts.filter(({ recipe }) => recipe.candidates.length === 0);
  if (unfit.length > 0) {
    return causeOfNoCandidate(unfit.flatMap(({ recipe }) => recipe.misfits ?? recipe.reasons));
  }
  if (!ladders.some(({ isBroken }) => isBroken)) {
    return causeOfNoPool(reasons);
  }
  return { ...BREAKER_OPEN, retryAtS: earliestS };
}

/**
 * When the first pool of a gang may be tried again, by the breakers as they are now: this gang has
 * opened some, or another process has the one try of a half-open one. Undefined: one is open to all.
 */
export async function breakersEnd(
  work: LadderWork,
  ports: BurstPorts,
): Promise<number | undefined> {
  const name = breakersNote(ports.settings.slurm.cluster_name);
  const { notes } = await ports.ledger.read({ notes: [name] });
  const facts = { ...work.facts, breakers: parseBreakers(notes[name]) };
  const { ladders, earliestS } = closedLadders({ ...work, facts }, ports);
  return ladders.some(({ isBroken }) => isBroken) ? earliestS : undefined;
}

/** A pool of the gang's own may be tried again then; undefined: none is closed. */
function closedLadders(
  work: LadderWork,
  ports: BurstPorts,
): { readonly ladders: readonly Ladder[]; readonly earliestS: number | undefined } {
  const ends: number[] = [];
  const ladders = work.parts.map((part) =>
    ladderFor(part, work, ports, (atS) => {
      ends.push(atS);
    }),
  );
  return { ladders, earliestS: ends.length === 0 ? undefined : Math.min(...ends) };
}
