import type { AbortCause } from '../../core/burst/aborts.ts';
import { type EfaLevel, efaLevel } from '../../core/burst/constraint.ts';
import { configuredRecipe, type Recipe } from '../../core/burst/recipe.ts';
import { isRefused } from '../../core/errors.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { GangPart } from './gang-work.ts';
import type { GroupFacts } from './launch-facts.ts';

/**
 * How this part of a gang is to be launched: from the configuration, then what the analysis, the
 * execution plan and the advisor make of it. A cause: it must not be launched at all.
 */
export function partRecipe(
  part: GangPart,
  known: GroupFacts,
  { settings }: BurstPorts,
): Promise<Recipe | AbortCause> {
  return Promise.resolve(
    configuredRecipe({
      group: part.group,
      candidates: known.candidates,
      template: known.template,
      nodes: part.nodes.length,
      hasJob: part.payers.length > 0,
      efa: levelOf(part),
      mpi: settings.mpi,
      cost: settings.cost,
    }),
  );
}

/** The strictest word of the jobs of this part; submit has refused contradictions. */
function levelOf({ payers }: GangPart): EfaLevel | undefined {
  const levels = payers.flatMap(({ job }) => {
    const level = efaLevel(job.features);
    return level === undefined || isRefused(level) ? [] : [level];
  });
  return STRICTEST_FIRST.find((level) => levels.includes(level));
}

const STRICTEST_FIRST: readonly EfaLevel[] = ['required', 'preferred', 'optional', 'disabled'];
