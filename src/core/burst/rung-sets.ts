import type { Ladder, Rung } from './ladder.ts';

/** One round of a gang: a rung for each of its parts, in the order of the parts. */
export type RungSet = readonly Rung[];

/**
 * The rounds of a gang over one or several node groups. Parts step down their own ladders together; a
 * part whose ladder is shorter stays on its last rung. `oneZone`: all members in one zone (GANG-6), so
 * each round is of one zone and, for each of them, spot comes before on-demand.
 */
export function rungSets(ladders: readonly Ladder[], oneZone: boolean): readonly RungSet[] {
  if (ladders.length === 0 || ladders.some(({ rungs }) => rungs.length === 0)) {
    return [];
  }
  if (!oneZone || ladders.length === 1) {
    return together(ladders.map(({ rungs }) => rungs));
  }
  const [first] = ladders;
  const zones = [...new Set(first?.rungs.map(({ zone }) => zone))];
  return zones.flatMap((zone) => {
    const inZone = ladders.map(({ rungs }) => rungs.filter((rung) => rung.zone === zone));
    return inZone.some((rungs) => rungs.length === 0) ? [] : together(inZone);
  });
}

function together(lists: readonly (readonly Rung[])[]): readonly RungSet[] {
  const rounds = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, at) =>
    lists.flatMap((rungs) => rungs[Math.min(at, rungs.length - 1)] ?? []),
  );
}

/** RunInstances takes one type and one subnet: a rung of several becomes several. */
export function singlePools(ladder: Ladder): Ladder {
  const rungs = ladder.rungs.flatMap((rung) =>
    rung.overrides.map((override) => ({
      ...rung,
      overrides: [override],
      elsewhere: rung.elsewhere?.flatMap((other) => ofType(other, override.instanceType)),
    })),
  );
  return { ...ladder, rungs };
}

function ofType(rung: Rung, instanceType: string): readonly Rung[] {
  const overrides = rung.overrides.filter((override) => override.instanceType === instanceType);
  return overrides.length === 0 ? [] : [{ ...rung, overrides }];
}

/** Only the zone of members that are up already (GANG-6). */
export function inZone(ladder: Ladder, zone: string | undefined): Ladder {
  return zone === undefined
    ? ladder
    : { ...ladder, rungs: ladder.rungs.filter((rung) => rung.zone === zone) };
}
