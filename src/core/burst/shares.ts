import type { Rung } from './ladder.ts';
import type { Recipe } from './recipe.ts';

/** Nodes of one part that one rung launches; a part may need several calls of several kinds. */
export interface Share {
  readonly rung: Rung;
  readonly nodes: readonly string[];
}

/** EC2: running instances of one spread group in one zone. */
const SPREAD_PER_ZONE = 7;

export interface SharesAsk {
  readonly recipe: Pick<Recipe, 'grouping' | 'spotRatio'>;
  readonly api: 'create-fleet' | 'run-instances';
  readonly rung: Rung;
  readonly nodes: readonly string[];
}

/**
 * How a part's nodes are divided among calls: a spread group over zones, seven in each; a mixed purchase
 * through RunInstances, which takes one kind a call, into two. Undefined: not enough zones are left.
 */
export function sharesOf(ask: SharesAsk): readonly Share[] | undefined {
  const shares = ask.recipe.grouping.strategy === 'spread' ? overZones(ask) : [ask];
  return ask.api === 'run-instances'
    ? shares?.flatMap((share) => byKind(share, ask.recipe.spotRatio))
    : shares?.map(({ rung, nodes }) => ({ rung, nodes }));
}

function overZones({ rung, nodes }: SharesAsk): readonly Share[] | undefined {
  const rungs = [rung, ...(rung.elsewhere ?? [])];
  const count = Math.ceil(nodes.length / SPREAD_PER_ZONE);
  return count > rungs.length
    ? undefined
    : rungs.slice(0, count).map((each, at) => ({
        rung: each,
        nodes: nodes.slice(at * SPREAD_PER_ZONE, (at + 1) * SPREAD_PER_ZONE),
      }));
}

function byKind({ rung, nodes }: Share, spotRatio: number): readonly Share[] {
  if (rung.lifecycle !== 'mixed') {
    return [{ rung, nodes }];
  }
  const spot = spotNodes(nodes.length, spotRatio);
  const shares: readonly Share[] = [
    { rung: { ...rung, lifecycle: 'spot' }, nodes: nodes.slice(0, spot) },
    { rung: { ...rung, lifecycle: 'on-demand' }, nodes: nodes.slice(spot) },
  ];
  return shares.filter((share) => share.nodes.length > 0);
}

const RATIO_DIGITS = 6;

/** floor(n × ratio) as people reckon it: 0.29 of 100 is 29, whatever floating point says. */
export function spotNodes(nodes: number, ratio: number): number {
  return Math.floor(Number((nodes * ratio).toFixed(RATIO_DIGITS)));
}

/** Why a spread gang can never stand, in one sentence; undefined when the zones are enough. */
export function spreadMisfit(nodes: number, zones: number): string | undefined {
  return nodes > SPREAD_PER_ZONE * zones
    ? `spread: at most ${SPREAD_PER_ZONE} running instances per AZ per group (${nodes} nodes > ${SPREAD_PER_ZONE} × ${zones} AZs)`
    : undefined;
}
