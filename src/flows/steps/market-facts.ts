import type { AbortCause } from '../../core/burst/aborts.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { ReadyPart } from './gang-work.ts';
import { isCause, type LaunchFacts, offeredTypes, spotPricesNow, zonesOf } from './launch-facts.ts';

/**
 * The facts with what the recipes want beyond the configuration: types that the catalog or a plan chose,
 * subnets that only a plan names, spot prices where the node group says on-demand.
 */
export async function marketFacts(
  parts: readonly ReadyPart[],
  facts: LaunchFacts,
  ports: BurstPorts,
): Promise<LaunchFacts | AbortCause> {
  const recipes = parts.map(({ recipe }) => recipe);
  const candidates = recipes.flatMap((recipe) => recipe.candidates);
  const types = unknown(
    candidates.map(({ instanceType }) => instanceType),
    facts.askedTypes,
  );
  const spotTypes = unknown(
    recipes
      .filter(({ purchasing }) => purchasing === 'spot' || purchasing === 'mixed')
      .flatMap((recipe) => recipe.candidates.map(({ instanceType }) => instanceType)),
    facts.askedSpotTypes,
  );
  const subnetIds = unknown(
    [...recipes, ...candidates].flatMap((each) => each.subnetIds),
    new Set(facts.zones.keys()),
  );
  const [zones, offered, spotPrices] = await Promise.all([
    subnetIds.length === 0 ? new Map<string, string>() : zonesOf(subnetIds, ports),
    types.length === 0 ? new Set<string>() : offeredTypes(types, ports),
    spotTypes.length === 0 ? [] : spotPricesNow(spotTypes, ports),
  ]);
  if (isCause(zones)) {
    return zones;
  }
  const isOfferedKnown = facts.offered !== undefined && offered !== undefined;
  return {
    ...facts,
    zones: new Map([...facts.zones, ...zones]),
    offered: isOfferedKnown ? new Set([...(facts.offered ?? []), ...offered]) : undefined,
    spotPrices: [...facts.spotPrices, ...spotPrices],
  };
}

function unknown(wanted: readonly string[], known: ReadonlySet<string>): readonly string[] {
  return [...new Set(wanted)].filter((each) => !known.has(each));
}
